"""What is kept of MQTT sessions: that they exist, their subscriptions, their unreleased QoS 2 packet ids, their end."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, tuple_, update
from sqlmodel import Session

from fleet.ids import uuid7
from fleet.ingest.mqtt import wills
from fleet.ingest.mqtt.codec.packets import NEVER, Connect
from fleet.ingest.mqtt.holders import Key
from fleet.ingest.mqtt.limits import LIMITS
from fleet.ingest.senders import Sender
from fleet.telemetry import taken
from fleet.telemetry.models import MqttPacket, MqttSession
from fleet.telemetry.sql import table

SESSIONS = 8
"""Sessions kept for one device; the oldest goes when a client with a new id each time would fill the table."""

_sessions, _packets = table(MqttSession), table(MqttPacket)


class Kept(NamedTuple):
    """A session as it is stored."""

    id: UUID
    subscriptions: str
    expiry_s: int | None
    ends_at: datetime | None


class Plan(NamedTuple):
    """What becomes of the stored session when its client connects."""

    present: bool
    """The client comes back to it."""
    kept: bool
    """It is stored while the client is connected, and after."""
    expiry_s: int | None
    writes: bool
    """Something has to change on disk."""


def plan(connect: Connect, found: Kept | None, now: datetime) -> Plan:
    """Decide. Pure. A session that ends with its connection is not on disk while the connection lasts."""
    alive = found is not None and (found.ends_at is None or found.ends_at > now)
    present = alive and not connect.clean
    kept = connect.expiry > 0
    expiry_s = None if connect.level < 5 else granted(connect)
    if found is None:
        return Plan(present, kept, expiry_s, kept)
    same = present and kept and found.ends_at is None and found.expiry_s == expiry_s
    return Plan(present, kept, expiry_s, not same)


def granted(connect: Connect) -> int:
    """Seconds for which the session is kept after its connection."""
    return connect.expiry if connect.level < 5 else min(connect.expiry, LIMITS.expiry)


def find(tx: Session, clients: Collection[Key]) -> dict[Key, Kept]:
    """The stored sessions of clients, whether they have ended or not."""
    columns = _sessions.c
    query = select(
        columns.device_id, columns.client_id, columns.id, columns.subscriptions, columns.expiry_s, columns.ends_at
    )
    rows = tx.execute(query.where(tuple_(columns.device_id, columns.client_id).in_(clients)))
    return {(device_id, client_id): Kept(*kept) for device_id, client_id, *kept in rows}


def carry_out(tx: Session, sender: Sender, client_id: str, found: Kept | None, to: Plan, now: datetime) -> UUID:
    """Do on disk what was planned; the id of the session."""
    if not to.writes:
        return uuid7() if found is None else found.id
    if found is not None and to.present and to.kept:
        changes = {"expiry_s": to.expiry_s, "ends_at": None}
        tx.execute(update(_sessions).where(_sessions.c.id == found.id).values(changes))
        return found.id
    if found is not None:
        discard(tx, found.id)
    if not to.kept:
        return uuid7()
    kept = select(_sessions.c.id, _sessions.c.client_id).where(_sessions.c.device_id == sender.device_id)
    for old in tx.execute(kept.order_by(_sessions.c.created_at.desc())).all()[SESSIONS - 1 :]:
        discard(tx, old.id)
        wills.session_ended(tx, sender.device_id, old.client_id, now)
    session_id = uuid7()
    tx.execute(
        _sessions.insert().values(
            device_id=sender.device_id, client_id=client_id, id=session_id, account_id=sender.account_id,
            subscriptions="[]", created_at=now, expiry_s=to.expiry_s,
        )
    )  # fmt: skip
    return session_id


def discard(tx: Session, session_id: UUID) -> None:
    """Forget a session and its packet ids."""
    tx.execute(delete(_packets).where(_packets.c.session_id == session_id))
    tx.execute(delete(_sessions).where(_sessions.c.id == session_id))


def leave(tx: Session, session_id: UUID, expiry: int, now: datetime) -> None:
    """Its connection is gone: from `now` on it is kept for `expiry` seconds."""
    if expiry == 0:
        discard(tx, session_id)
    elif expiry != NEVER:
        ends_at = now + timedelta(seconds=expiry)
        tx.execute(update(_sessions).where(_sessions.c.id == session_id).values(ends_at=ends_at))


def unreleased(tx: Session, sessions: Iterable[UUID]) -> dict[UUID, dict[int, bytes]]:
    """The packet ids that are taken in each of these sessions, with their digests."""
    found: dict[UUID, dict[int, bytes]] = {}
    for (session_id, packet_id), digest in taken.unreleased(tx.connection(), sessions).items():
        found.setdefault(session_id, {})[packet_id] = digest
    return found


def keep_subscriptions(tx: Session, session_id: UUID, subscriptions: Iterable[tuple[str, int]]) -> None:
    """Make these the subscriptions of the session."""
    told = json.dumps(list(subscriptions))
    tx.execute(update(_sessions).where(_sessions.c.id == session_id).values(subscriptions=told))
