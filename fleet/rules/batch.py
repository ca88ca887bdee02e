"""The next committed messages, evaluated in one transaction: latest values, rule states, alerts, cursor together.

A crash before the commit leaves all of it undone, one after leaves nothing to do again: replay is a no-op.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from fleet.alerts import service as alerts
from fleet.alerts.models import Alert
from fleet.audit import Way, system
from fleet.db import outbox
from fleet.db.locks import alone
from fleet.devices.models import Device
from fleet.rules import evaluation, watch
from fleet.rules.evaluation import Clear, Raise, Reading
from fleet.rules.models import Rule
from fleet.rules.states import State, States
from fleet.rules.watch import Watch
from fleet.telemetry import latest
from fleet.telemetry.log import read_log
from fleet.telemetry.sql import table

READER = "rules.0"
"""The cursor of shard 0 of hash(device), which owns every device as long as there is one shard."""
SIZE = 200
"""Messages in one transaction: few enough that ingest, which shares SQLite's one writer, never waits long."""

log = logging.getLogger(__name__)

_devices = table(Device)
_named = select(_devices.c.key, _devices.c.name).where(_devices.c.key.in_(bindparam("keys", expanding=True)))
_hear = (
    update(_devices)
    .where(_devices.c.key == bindparam("device_key"))
    .where(
        or_(
            _devices.c.last_seen_at.is_(None),
            _devices.c.last_seen_at < bindparam("at", type_=_devices.c.last_seen_at.type),
        )
    )
    .values(last_seen_at=bindparam("at"))
)


class Done(NamedTuple):
    """What one batch did."""

    messages: int = 0
    late: int = 0
    """Readings older than what their rule had already seen: not evaluated."""
    faults: Mapping[str, int] = MappingProxyType({})
    """Readings a rule could not be evaluated on, by the rule's name: skipped for that rule alone."""


def step(tx: Session, now: datetime) -> Done:
    """Evaluate up to SIZE messages behind the cursor and move it; nothing while another process is at it."""
    if not alone(tx, READER):
        return Done()
    reports = read_log(tx, outbox.position(tx, READER), SIZE)
    if not reports:
        return Done()
    latest.update(tx, reports)
    keys = {report.device_key for report in reports}
    connection = tx.connection()
    names = dict(iter(connection.execute(_named, {"keys": sorted(keys)})))
    watches = watch.load(tx, {report.account_id for report in reports})
    states, late, faults = States(tx, keys), 0, Counter(watches.broken)
    heard: dict[int, int] = {}
    for report in reports:
        key, name = report.device_key, names.get(report.device_key)
        if name is None:
            continue  # gone since
        heard[key] = max(heard.get(key, 0), report.received_ms)
        for watched, reading in watches.readings(report, name):
            try:
                late += _evaluate(tx, now, states, watched, key, reading)
            except OperationalError:
                raise  # the database's trouble, not the rule's: the whole batch is run again
            except Exception:
                log.exception("rule %s failed on message %d of %s", watched.rule.name, reading.message, name)
                faults[watched.rule.name] += 1
    states.save()
    connection.execute(_hear, [{"device_key": key, "at": evaluation.at(ms)} for key, ms in sorted(heard.items())])
    outbox.advance(tx, READER, reports[-1].position)
    return Done(len(reports), late, faults)


def _evaluate(tx: Session, now: datetime, states: States, watched: Watch, key: int, reading: Reading) -> bool:
    """Evaluate one rule on one reading and do what follows; whether the reading was late."""
    rule, state = watched.rule, states.get(watched.rule, key)
    standing, alert_id = state or (None, None)
    verdict = evaluation.evaluate(watched.spec, standing, reading)
    if verdict.standing is None or verdict.late:
        return verdict.late
    if verdict.decision is not None:
        with tx.begin_nested():
            alert_id = _act(tx, now, rule, key, alert_id, verdict.decision, evaluation.at(reading.used_ms))
    states.set(rule, key, State(verdict.standing, alert_id))
    return False


def _act(
    tx: Session, now: datetime, rule: Rule, key: int, alert_id: UUID | None, decision: Raise | Clear, at: datetime
) -> UUID | None:
    """Raise or clear, as decided; the alert that is open from then on."""
    actor = system(rule.account_id, Way.RULES)
    if isinstance(decision, Clear):
        alerts.clear_alert(tx, actor, now, tx.get_one(Alert, alert_id), at, decision.evidence)
        return None
    summary, why = decision
    device = tx.scalars(select(Device).where(_devices.c.key == key)).one()
    return alerts.raise_alert(tx, actor, now, rule=rule, device=device, summary=summary, raised_at=at, why=why).id
