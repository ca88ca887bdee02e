"""The wills of clients that are gone, on disk until they are published or void (MQTT 5 §3.1.2.5, §3.1.3.2.2)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, case, delete, or_, select, true, tuple_, update
from sqlmodel import Session

from fleet.devices.models import Device
from fleet.ingest.mqtt.codec.packets import Will
from fleet.ingest.mqtt.holders import Hold, Key, packed, unpacked
from fleet.ingest.senders import Sender
from fleet.telemetry.models import MqttWill
from fleet.telemetry.sql import table

LATE = timedelta(seconds=5)
"""After which a will that is due is published by another process than the one that should."""

_wills, _devices = table(MqttWill), table(Device)
_w = _wills.c


class Due(NamedTuple):
    """A will to publish now."""

    id: UUID
    sender: Sender
    will: Will


class Farewell(NamedTuple):
    """A connection that is gone since `at`, its will due at `due_at`; `pardoned`: the service itself has ended it."""

    hold: Hold
    at: datetime
    due_at: datetime
    pardoned: bool = False


def keep(tx: Session, process: UUID, farewells: Iterable[Farewell]) -> None:
    """Keep the wills of clients that are gone; `process` publishes them."""
    rows = [
        {
            "id": one.id, "process": process, "account_id": one.account_id, "device_id": one.device_id,
            "client_id": one.client_id, "session_id": one.session_id, "pardoned": pardoned,
            "will": packed(one.will), "due_at": due_at,
        }
        for one, _, due_at, pardoned in farewells if one.will is not None
    ]  # fmt: skip
    if rows:
        tx.connection().execute(_wills.insert(), rows)


def returned(
    tx: Session, process: UUID, comers: Mapping[Key, UUID | None], now: datetime
) -> dict[Key, list[tuple[UUID, Will]]]:
    """What becomes of the wills of clients that connect; those that `process` has to publish before they are let in.

    `comers`: the session each one comes back to; None: its session begins anew, so the former one has ended. A will is
    void when its client is back in its session, or when it is pardoned, unless it was due before.
    """
    due: dict[Key, list[tuple[UUID, Will]]] = {}
    void, own = list[UUID](), list[UUID]()
    query = select(_wills).where(tuple_(_w.device_id, _w.client_id).in_(comers)).order_by(_w.due_at)
    for row in tx.execute(query):
        key = (row.device_id, row.client_id)
        if row.due_at > now and (row.pardoned or row.session_id == comers[key]):
            void.append(row.id)
        else:
            own.append(row.id)
            due.setdefault(key, []).append((row.id, unpacked(row.will)))
    if void:
        forget(tx, void)
    if own:
        tx.execute(update(_wills).where(_w.id.in_(own), _w.due_at > now).values(due_at=now))
        tx.execute(update(_wills).where(_w.id.in_(own)).values(process=process))
    return due


def session_ended(tx: Session, device_id: UUID, client_id: str, now: datetime) -> None:
    """A session was discarded: its will, should one wait, is due."""
    of = and_(_w.device_id == device_id, _w.client_id == client_id)
    tx.execute(update(_wills).where(of, _w.due_at > now).values(due_at=now))


def due(tx: Session, process: UUID, now: datetime, late: datetime, limit: int) -> list[Due]:
    """The wills that `process` has to publish now: its own, and those of others that were due by `late`."""
    query = (
        select(_w.id, _w.will, _w.account_id, _w.device_id, _devices.c.key, _devices.c.name)
        .join(_devices, _devices.c.id == _w.device_id)
        .where(_w.due_at <= now, or_(_w.process == process, _w.due_at <= late))
        .order_by(_w.due_at)
        .limit(limit)
    )
    return [
        Due(row.id, Sender(row.account_id, row.device_id, row.key, row.name, None), unpacked(row.will))
        for row in tx.execute(query)
    ]


def defer(tx: Session, process: UUID, late: datetime, until: datetime, *, alone: bool) -> None:
    """Of the wills that nobody could publish so far, none is due before `until`: nobody could come back either.

    Those are the ones of `process`, which has just begun, those that nobody else published by `late`, and all if no
    other process runs.
    """
    overdue = true() if alone else or_(_w.process == process, _w.due_at <= late)
    tx.execute(
        update(_wills).where(overdue).values(process=process, due_at=case((_w.due_at < until, until), else_=_w.due_at))
    )


def forget(tx: Session, ids: Collection[UUID]) -> None:
    """They are published, or void."""
    tx.execute(delete(_wills).where(_w.id.in_(sorted(ids))))
