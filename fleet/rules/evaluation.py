"""One reading, one rule, one device: does an alert begin or end? Pure, on event time.

A reading older than the newest one evaluated changes nothing: it is in the history, and nobody is called for it.
Two readings of the same time are both evaluated, in the order they were committed.
"""

import operator
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from fleet.rules.kinds import EventCode, RaiseWhen, Threshold

ON, OFF = "on", "off"
"""The two states of an event."""


class Reading(NamedTuple):
    """What one message says about the thing a rule looks at: a point's value, or the state of an event."""

    message: int
    """Number of the message in the log."""
    used_ms: int
    """Event time, Unix milliseconds."""
    value: object


class Standing(NamedTuple):
    """What a rule remembers of a device. Times are Unix milliseconds of event time."""

    last_ms: int
    since_ms: int | None = None
    """Since when it has been wrong without the alert being raised yet."""
    raised: bool = False


class Raise(NamedTuple):
    """An alert begins."""

    summary: str
    why: dict[str, Any]


class Clear(NamedTuple):
    """The alert ends."""

    evidence: dict[str, Any]


class Verdict(NamedTuple):
    """What follows from one reading."""

    standing: Standing | None
    decision: Raise | Clear | None = None
    late: bool = False


class _Side(NamedTuple):
    wrong: Callable[[float, float], bool]
    symbol: str
    good: str
    """The symbol of what is no longer wrong."""


SIDES = {
    RaiseWhen.ABOVE: _Side(operator.gt, ">", "<="),
    RaiseWhen.AT_OR_ABOVE: _Side(operator.ge, ">=", "<"),
    RaiseWhen.BELOW: _Side(operator.lt, "<", ">="),
    RaiseWhen.AT_OR_BELOW: _Side(operator.le, "<=", ">"),
}


def evaluate(spec: Threshold | EventCode, standing: Standing | None, reading: Reading) -> Verdict:
    """What `reading` means for a rule that stands at `standing` (None: its first reading of this device)."""
    if standing is not None and reading.used_ms < standing.last_ms:
        return Verdict(standing, late=True)
    if isinstance(spec, EventCode):
        return _event(spec, standing, reading)
    if isinstance(reading.value, bool) or not isinstance(reading.value, int | float):
        return Verdict(standing)  # a word is on neither side of a level
    return _threshold(spec, standing, reading, reading.value)


def _threshold(spec: Threshold, standing: Standing | None, reading: Reading, value: float) -> Verdict:
    side, now_ms = SIDES[spec.raise_when], reading.used_ms
    if standing is not None and standing.raised:
        clear_level = spec.level if spec.clear_level is None else spec.clear_level
        if side.wrong(value, clear_level):
            return Verdict(standing._replace(last_ms=now_ms))
        text = f"{spec.point} {_compare(value, side.good, clear_level)}"
        return Verdict(Standing(now_ms), Clear({"reading": text, **_proof(spec, reading, clear_level)}))
    if not side.wrong(value, spec.level):
        return Verdict(Standing(now_ms))
    since_ms = now_ms
    if standing is not None and standing.since_ms is not None and now_ms - standing.last_ms <= spec.max_gap_s * 1000:
        since_ms = standing.since_ms
    if now_ms - since_ms < spec.for_s * 1000:
        return Verdict(Standing(now_ms, since_ms))
    summary = f"{spec.point} {_compare(value, side.symbol, spec.level)}"
    why = {**_proof(spec, reading, spec.level), "raise_when": spec.raise_when, "for_s": spec.for_s}
    return Verdict(Standing(now_ms, raised=True), Raise(summary, {**why, "since": _time(since_ms)}))


def _event(spec: EventCode, standing: Standing | None, reading: Reading) -> Verdict:
    raised = standing is not None and standing.raised
    proof = {"code": spec.code, "state": reading.value, "message": reading.message, "seen": _time(reading.used_ms)}
    if reading.value == ON and not raised:
        return Verdict(Standing(reading.used_ms, raised=True), Raise(spec.code, proof))
    if reading.value == OFF and raised:
        return Verdict(Standing(reading.used_ms), Clear({"reading": f"{spec.code} {OFF}", **proof}))
    return Verdict(Standing(reading.used_ms, raised=raised))


def _proof(spec: Threshold, reading: Reading, level: float) -> dict[str, Any]:
    return {
        "point": spec.point,
        "value": reading.value,
        "level": level,
        "message": reading.message,
        "seen": _time(reading.used_ms),
    }


def _compare(value: float, symbol: str, level: float) -> str:
    """`6.2 > 5`, in as few digits as tell the two apart."""
    left, right = f"{value:.6g}", f"{level:.6g}"
    if left == right and value != level:
        left, right = repr(value), repr(level)
    return f"{left} {symbol} {right}"


def _time(unix_ms: int) -> str:
    return at(unix_ms).isoformat(timespec="milliseconds")


def at(unix_ms: int) -> datetime:
    """The moment `unix_ms`, aware, UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=unix_ms)
