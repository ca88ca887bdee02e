"""Where every rule stands on every device of a batch: read once, written once."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from fleet.rules.evaluation import Standing
from fleet.rules.models import Rule, RuleState
from fleet.telemetry.sql import table, upsert

_states = table(RuleState)
_keys = ("rule_id", "device_key")
_of_devices = select(_states).where(_states.c.device_key.in_(bindparam("keys", expanding=True)))


class State(NamedTuple):
    """What a rule remembers of a device, and the alert it has raised there."""

    standing: Standing
    alert_id: UUID | None


class States:
    """The states that a batch may touch; `save` writes what changed."""

    def __init__(self, tx: Session, device_keys: Iterable[int]) -> None:
        self._tx = tx
        self._states = {
            (row.rule_id, row.device_key): State(
                Standing(row.last_ms, row.since_ms, row.alert_id is not None), row.alert_id
            )
            for row in tx.connection().execute(_of_devices, {"keys": sorted(device_keys)})
        }
        self._changed: dict[tuple[UUID, int], UUID] = {}

    def get(self, rule: Rule, device_key: int) -> State | None:
        """Where the rule stands on the device; None if it never read anything of it."""
        return self._states.get((rule.id, device_key))

    def set(self, rule: Rule, device_key: int, state: State) -> None:
        """Where it stands from now on."""
        self._states[rule.id, device_key] = state
        self._changed[rule.id, device_key] = rule.account_id

    def save(self) -> None:
        """Write what changed."""
        if not self._changed:
            return
        connection = self._tx.connection()
        rows = [self._row(key, account_id) for key, account_id in sorted(self._changed.items())]
        connection.execute(upsert(connection, _states), rows)

    def _row(self, key: tuple[UUID, int], account_id: UUID) -> dict[str, object]:
        standing, alert_id = self._states[key]
        return {
            **dict(zip(_keys, key, strict=True)),
            "account_id": account_id,
            "last_ms": standing.last_ms,
            "since_ms": standing.since_ms,
            "alert_id": alert_id,
        }
