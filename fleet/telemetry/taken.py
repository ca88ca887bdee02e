"""QoS 2 packet ids, taken and released in the transaction that stores what they brought."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, select, tuple_

from fleet.telemetry.messages import Packet, Record
from fleet.telemetry.models import MqttConnection, MqttPacket, MqttSession
from fleet.telemetry.sql import table, upsert

Key = tuple[UUID, int]

_packets, _sessions, _connections = table(MqttPacket), table(MqttSession), table(MqttConnection)


class Once(NamedTuple):
    """What is left of a batch."""

    records: list[Record]
    repeats: int
    """Records of packets that are taken already."""
    superseded: frozenset[UUID]
    """Connections that have lost their session to another: what came with their packets is left out."""


def once(connection: Connection, records: Sequence[Record], packets: Sequence[Packet]) -> Once:
    """The records that packets bring for the first time; keeps the ids as `packets` leave them, in order.

    Nobody takes over a connection that `packets` came on until the transaction ends.
    """
    holding = _holding(connection, {packet.holder for packet in packets if packet.holder})
    sessions = {packet.session_id for packet in packets}
    alive = _alive(connection, sessions)  # an id kept for a discarded session would never be released
    late = [one for one in packets if one.holder and one.holder not in holding and one.session_id in alive]
    if late:
        packets = [packet for packet in packets if packet not in late]
    before = unreleased(connection, sessions)
    now, repeated = apply(before, packets)
    rows = [
        {"session_id": session_id, "packet_id": packet_id, "account_id": alive[session_id], "digest": digest}
        for (session_id, packet_id), digest in sorted(now.items())
        if before.get((session_id, packet_id)) != digest and session_id in alive
    ]
    if rows:
        connection.execute(upsert(connection, _packets), rows)
    gone = sorted(before.keys() - now.keys())
    if gone:
        connection.execute(delete(_packets).where(tuple_(_packets.c.session_id, _packets.c.packet_id).in_(gone)))
    dropped = {at for packet in late for at in range(*packet.records)}
    left = [record for at, record in enumerate(records) if at not in repeated and at not in dropped]
    return Once(left, len(repeated), frozenset(packet.holder for packet in late if packet.holder))


def apply(before: dict[Key, bytes], packets: Iterable[Packet]) -> tuple[dict[Key, bytes], set[int]]:
    """What is taken after `packets`, in order, and the places of the records that are repeats. Pure."""
    now, repeated = dict(before), set[int]()
    for packet in packets:
        key = (packet.session_id, packet.packet_id)
        if not packet.digest:
            now.pop(key, None)
        elif now.get(key) == packet.digest:
            repeated.update(range(*packet.records))
        else:
            now[key] = packet.digest
    return now, repeated


def unreleased(connection: Connection, sessions: Iterable[UUID]) -> dict[Key, bytes]:
    """The packet ids that are taken in these sessions, with their digests."""
    query = select(_packets).where(_packets.c.session_id.in_(sorted(sessions)))
    return {(row.session_id, row.packet_id): row.digest for row in connection.execute(query)}


def _alive(connection: Connection, sessions: Iterable[UUID]) -> dict[UUID, UUID]:
    """The account of each of these sessions that is not discarded."""
    query = select(_sessions.c.id, _sessions.c.account_id).where(_sessions.c.id.in_(sorted(sessions)))
    return dict(iter(connection.execute(query)))


def _holding(connection: Connection, holders: Iterable[UUID]) -> set[UUID]:
    """Those of these connections that hold their client; locked in the order in which a CONNECT locks them."""
    columns = _connections.c
    query = select(columns.id).where(columns.id.in_(sorted(holders))).with_for_update(read=True)
    return set(connection.execute(query.order_by(columns.device_id, columns.client_id)).scalars())
