"""Devices and messages for the tests of the history."""

from datetime import UTC, datetime
from uuid import UUID

from fleet.telemetry.messages import Letter, Record, Value, Window, record
from fleet.telemetry.models import Kind

WINDOW = Window(past_ms=7 * 86_400_000, ahead_ms=600_000)
NOW_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""


def message(
    account_id: UUID,
    values: dict[str, Value] | None = None,
    *,
    identifier: str | None = None,
    device_ms: int | None = NOW_MS,
    received_ms: int = NOW_MS,
    device_key: int = 1,
    event: tuple[str, str] | None = None,
) -> Record:
    """The record of a telemetry message, or of `event`."""
    return record(
        account_id,
        device_key,
        Kind.TELEMETRY if event is None else Kind.EVENT,
        event or values or {"temperature": 4.5},
        identifier=identifier,
        device_ms=device_ms,
        received_ms=received_ms,
        window=WINDOW,
    )


def letter(account_id: UUID, payload: bytes = b"{", reason: str = "expected JSON, got '{'") -> Letter:
    """A dead letter."""
    at = datetime.fromtimestamp(NOW_MS / 1000, UTC)
    return Letter(account_id, "m1", "mqtt", "devices/m1/telemetry", payload, reason, at)
