"""Payload formats, one per file: bytes in, messages out, Undecodable with the reason for a person."""

import enum

from msgspec import Struct

from fleet.telemetry.messages import Value


class Format(enum.Enum):
    """How a payload is written."""

    JSON = "application/json"
    CBOR = "application/cbor"


class Undecodable(Exception):
    """The payload cannot be read; the message says what was expected and what came."""


class Decoded(Struct, frozen=True):
    """One message of a payload. `device_ms`: the device's own time, Unix milliseconds."""

    identifier: str | None
    device_ms: int | None
    content: dict[str, Value] | tuple[str, str]
    """Telemetry: values by name; an event: (code, state)."""
