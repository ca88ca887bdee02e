"""Which rules look at what a message says."""

import logging
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from fleet.rules.evaluation import Reading
from fleet.rules.kinds import Spec, Threshold
from fleet.rules.models import Rule
from fleet.telemetry.log import Report

log = logging.getLogger(__name__)

_spec: TypeAdapter[Spec] = TypeAdapter(Spec)


class Watch(NamedTuple):
    """A rule that is being watched over."""

    rule: Rule
    spec: Spec


class Watches:
    """The enabled rules, found by what they look at. `broken` names those whose stored spec cannot be read."""

    def __init__(self, rules: list[Rule]) -> None:
        self._points: dict[tuple[UUID, str], list[Watch]] = {}
        self._codes: dict[tuple[UUID, str], list[Watch]] = {}
        self.broken: list[str] = []
        for rule in rules:
            try:
                spec = _spec.validate_python(rule.spec)
            except ValidationError as error:
                log.error("rule %s is not evaluated, its spec cannot be read: %s", rule.name, error)
                self.broken.append(rule.name)
                continue
            table, key = (self._points, spec.point) if isinstance(spec, Threshold) else (self._codes, spec.code)
            table.setdefault((rule.account_id, key), []).append(Watch(rule, spec))

    def readings(self, report: Report, device_name: str) -> Iterator[tuple[Watch, Reading]]:
        """Each rule that `report` concerns, with what it says to that rule."""
        message = report.position.seq
        if report.code:
            reading = Reading(message, report.used_ms, report.state)
            for watch in self._codes.get((report.account_id, report.code), ()):
                if watch.rule.device_name in ("", device_name):
                    yield watch, reading
            return
        for name, value in report.values.items():
            for watch in self._points.get((report.account_id, name), ()):
                if watch.rule.device_name in ("", device_name):
                    yield watch, Reading(message, report.used_ms, value)


def load(tx: Session, accounts: set[UUID]) -> Watches:
    """The enabled rules of these accounts."""
    return Watches(list(tx.exec(select(Rule).where(col(Rule.account_id).in_(accounts), col(Rule.enabled)))))
