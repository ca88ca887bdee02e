"""What a message may hold, whichever format it comes in, and what becomes of it.

Strict, because what is refused is kept as a dead letter and what is misread is not: no number past a double or
64 bits, no unknown field, no nesting.
"""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from fleet.ingest.decoders import Decoded, Undecodable
from fleet.telemetry.models import Kind

MAX_MESSAGES = 1000
"""In one payload."""
MAX_VALUES = 100
"""In one message."""

_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_Text = Annotated[str, Meta(max_length=4096)]
_Name = Annotated[str, Meta(min_length=1, max_length=64)]
_Id = Annotated[str, Meta(min_length=1, max_length=128)] | _Int64
_Time = _Int64 | Annotated[float, Meta(ge=-1e18, le=1e18)] | Annotated[str, Meta(max_length=64)]


class Telemetry(Struct, forbid_unknown_fields=True):
    """Points by name."""

    values: Annotated[dict[_Name, _Int64 | float | _Text | bool], Meta(min_length=1, max_length=MAX_VALUES)]
    id: _Id | None = None
    ts: _Time | None = None


class Event(Struct, forbid_unknown_fields=True):
    """A code that comes or goes."""

    code: _Name
    state: _Name = "on"
    id: _Id | None = None
    ts: _Time | None = None


TelemetryPayload = Telemetry | Annotated[list[Telemetry], Meta(min_length=1, max_length=MAX_MESSAGES)]
EventPayload = Event | Annotated[list[Event], Meta(min_length=1, max_length=MAX_MESSAGES)]

SHAPES = {
    Kind.TELEMETRY: '{"id", "ts", "values": {name: number, text or bool}}',
    Kind.EVENT: '{"id", "ts", "code", "state"}',
}


def messages(found: Telemetry | Event | list[Telemetry] | list[Event]) -> list[Decoded]:
    """The messages of a payload; raises Undecodable for what the types alone do not refuse."""
    return [_decoded(message) for message in (found if isinstance(found, list) else [found])]


def _decoded(message: Telemetry | Event) -> Decoded:
    identifier = None if message.id is None else str(message.id)
    device_ms = None if message.ts is None else _milliseconds(message.ts)
    if isinstance(message, Event):
        _check_name(message.code, "code")
        _check_name(message.state, "state")
        return Decoded(identifier, device_ms, (message.code, message.state))
    for name in message.values:
        _check_name(name, "name")
    return Decoded(identifier, device_ms, message.values)


def _check_name(name: str, what: str) -> None:
    if not name.isprintable():
        raise Undecodable(f"expected a {what} of printable characters, got {name!r}")


def _milliseconds(ts: float | str) -> int:
    """Unix milliseconds from a number whose size tells its unit, or from ISO 8601 with a zone."""
    if isinstance(ts, str):
        try:
            at = datetime.fromisoformat(ts)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise Undecodable(f"expected a time in ISO 8601 with its zone, got {ts!r}")
        return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    size = abs(ts)
    if size < 1e11:  # seconds until the year 5138
        return round(ts * 1000)
    if size < 1e14:  # milliseconds until then
        return round(ts)
    return round(ts / 1000) if size < 1e17 else round(ts / 1_000_000)  # microseconds; nanoseconds
