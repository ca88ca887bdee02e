"""QoS 2 packet ids, taken and released in the transaction that stores what they brought."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, delete, select, tuple_

from fleet.telemetry.messages import Packet, Record
from fleet.telemetry.models import MqttPacket, MqttSession
from fleet.telemetry.sql import table, upsert

Key = tuple[UUID, int]

_packets, _sessions = table(MqttPacket), table(MqttSession)


def once(connection: Connection, records: Sequence[Record], packets: Sequence[Packet]) -> list[Record]:
    """The records without those of packets that are taken already; keeps the ids as `packets` leave them, in order."""
    sessions = {packet.session_id for packet in packets}
    before = unreleased(connection, sessions)
    now, repeated = apply(before, packets)
    kept = {key: digest for key, digest in now.items() if before.get(key) != digest}
    if kept:
        alive = _alive(connection, sessions)  # an id kept for a discarded session would never be released
        rows = [
            {"session_id": session_id, "packet_id": packet_id, "account_id": alive[session_id], "digest": digest}
            for (session_id, packet_id), digest in sorted(kept.items())
            if session_id in alive
        ]
        if rows:
            connection.execute(upsert(connection, _packets), rows)
    gone = sorted(before.keys() - now.keys())
    if gone:
        connection.execute(delete(_packets).where(tuple_(_packets.c.session_id, _packets.c.packet_id).in_(gone)))
    return [record for at, record in enumerate(records) if at not in repeated]


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
