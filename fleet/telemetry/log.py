"""The committed log of messages, in order: what rules and whoever else follows it read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, msgpack
from sqlmodel import Session

from fleet.db.log import Position, after
from fleet.telemetry.messages import Value
from fleet.telemetry.models import Kind, Message, Quality
from fleet.telemetry.names import by_key
from fleet.telemetry.sql import table

_columns = [
    table(Message).c[name]
    for name in (
        "xact",
        "seq",
        "account_id",
        "device_key",
        "kind",
        "device_ms",
        "received_ms",
        "used_ms",
        "quality",
        "body",
    )
]
_unpack = msgpack.Decoder(strict=False).decode


class Report(Struct, frozen=True):
    """A message as committed. Times are Unix milliseconds; `used_ms` is the one that counts."""

    position: Position
    account_id: UUID
    device_key: int
    kind: Kind
    device_ms: int | None
    received_ms: int
    used_ms: int
    quality: Quality
    values: dict[str, Value]
    """Telemetry: value by point name; empty for an event."""
    keyed: dict[int, Value]
    """The same by the name's key."""
    code: str
    """Of an event; empty for telemetry."""
    state: str


def read_log(tx: Session, position: Position, limit: int) -> list[Report]:
    """The next messages behind `position`, at most `limit`, none that an open transaction may still precede."""
    query = after(tx, Message, position, limit).with_only_columns(*_columns)
    rows = tx.connection().execute(query).all()
    bodies = [_unpack(row.body) for row in rows]
    names = by_key(tx.connection(), {key for body in bodies if isinstance(body, dict) for key in body})
    return [_report(row, body, names) for row, body in zip(rows, bodies, strict=True)]


def keyed_values(body: bytes) -> dict[int, Value]:
    """The values of a telemetry message's packed body, by name key."""
    values: dict[int, Value] = _unpack(body)
    return values


def _report(row: Any, body: dict[int, Value] | Sequence[str], names: dict[int, str]) -> Report:
    xact, seq, account_id, device_key, kind, device_ms, received_ms, used_ms, quality, _ = row
    keyed: dict[int, Value] = body if isinstance(body, dict) else {}
    code, state = ("", "") if isinstance(body, dict) else body
    return Report(
        Position(xact, seq),
        account_id,
        device_key,
        Kind(kind),
        device_ms,
        received_ms,
        used_ms,
        Quality(quality),
        {names[key]: value for key, value in keyed.items()},
        keyed,
        code,
        state,
    )
