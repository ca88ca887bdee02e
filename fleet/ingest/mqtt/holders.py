"""Who holds which client: one connection for each device and client id, of all processes on the database.

A CONNECT takes the client's row, and with it the right to change the session: what the former connection still writes
is refused, in whichever process it is. So takeover needs no agreement between processes, and a wake-up only tells the
former holder sooner what it would find out at its next write.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Row, bindparam, delete, select, tuple_, update
from sqlmodel import Session

from fleet.db import wake
from fleet.ingest.mqtt.codec.packets import Will
from fleet.telemetry import sql
from fleet.telemetry.models import MqttConnection

CHUNK = 500
"""Clients in one query."""

Key = tuple[UUID, str]
"""A device and a client id."""

_connections = sql.table(MqttConnection)
_c = _connections.c
_key = tuple_(_c.device_id, _c.client_id)


class Hold(NamedTuple):
    """A connection that holds its client: a row of MqttConnection."""

    device_id: UUID
    client_id: str
    id: UUID
    process: UUID
    account_id: UUID
    session_id: UUID
    expiry_s: int
    will: Will | None

    @property
    def key(self) -> Key:
        """What it holds."""
        return self.device_id, self.client_id


def topic(process: UUID) -> str:
    """Woken when connections of `process` have lost their clients to another process."""
    return f"mqtt {process}"


def lock(tx: Session, entrants: Iterable[Hold]) -> dict[Key, Hold]:
    """Keep everybody else from these clients until the transaction ends; who holds them so far.

    In one order always, so that two processes that let in the same clients wait for one another and never both.
    """
    entrants = sorted(entrants, key=lambda one: (one.device_id, one.client_id))
    connection = tx.connection()
    connection.execute(sql.insert_new(connection, _connections), [_row(one) for one in entrants])
    query = select(_connections).order_by(_c.device_id, _c.client_id).with_for_update()
    found = [_hold(row) for row in connection.execute(query.where(_key.in_([one.key for one in entrants])))]
    own = {one.id for one in entrants}
    return {one.key: one for one in found if one.id not in own}


def enter(tx: Session, entrants: Iterable[Hold]) -> None:
    """Make these the holders of clients that are locked, and wake the processes that lose them."""
    rows = [{f"new_{name}": value for name, value in _row(one).items()} for one in entrants]
    names = ("id", "process", "session_id", "expiry_s", "will")
    statement = update(_connections).values({name: bindparam(f"new_{name}") for name in names})
    statement = statement.where(_c.device_id == bindparam("new_device_id"), _c.client_id == bindparam("new_client_id"))
    tx.connection().execute(statement, rows)


def tell(tx: Session, former: Iterable[Hold], process: UUID) -> None:
    """Wake the processes, other than `process`, that have lost these."""
    for other in {one.process for one in former} - {process}:
        wake(tx, topic(other))


def leave(tx: Session, ids: Collection[UUID]) -> set[UUID]:
    """Let these connections go of their clients; those that still had them."""
    query = select(_c.id).where(_c.id.in_(sorted(ids))).order_by(_c.device_id, _c.client_id).with_for_update()
    found = set(tx.execute(query).scalars())
    tx.execute(delete(_connections).where(_c.id.in_(sorted(found))))
    return found


def holds(tx: Session, connection_id: UUID) -> bool:
    """Whether it still holds its client; nobody takes that over until the transaction ends."""
    query = select(_c.id).where(_c.id == connection_id).with_for_update(read=True)
    return tx.execute(query).first() is not None


def held(tx: Session, keys: Collection[Key]) -> set[Key]:
    """Those of these clients that somebody holds."""
    rows = tx.execute(select(_c.device_id, _c.client_id).where(_key.in_(keys))) if keys else ()
    return {(device_id, client_id) for device_id, client_id in rows}


def lost(tx: Session, process: UUID, own: Mapping[Key, UUID]) -> dict[Key, bool]:
    """Those of the connections that `process` takes for its `own` which are not; True: another one has the client."""
    ids = set(tx.execute(select(_c.id).where(_c.process == process)).scalars())
    keys = [key for key, connection_id in own.items() if connection_id not in ids]
    found = dict[Key, bool]()
    for at in range(0, len(keys), CHUNK):
        chunk = keys[at : at + CHUNK]
        taken = held(tx, chunk)
        found |= {key: key in taken for key in chunk}
    return found


def processes(tx: Session) -> set[UUID]:
    """Who holds anything."""
    return set(tx.execute(select(_c.process).distinct()).scalars())


def left_behind(tx: Session, process: UUID, limit: int) -> list[Hold]:
    """Take at most `limit` connections away from a process that is gone; another that does the same takes others."""
    query = select(_connections).where(_c.process == process).limit(limit).with_for_update(skip_locked=True)
    found = [_hold(row) for row in tx.execute(query)]
    if found:
        tx.execute(delete(_connections).where(_c.id.in_([one.id for one in found])))
        wake(tx, topic(process))
    return found


def _row(one: Hold) -> dict[str, object]:
    return one._asdict() | {"will": None if one.will is None else packed(one.will)}


def _hold(row: Row[Any]) -> Hold:
    values = row._asdict()
    return Hold(**values | {"will": None if row.will is None else unpacked(row.will)})


packed = msgspec.msgpack.Encoder().encode
unpacked = msgspec.msgpack.Decoder(Will).decode
