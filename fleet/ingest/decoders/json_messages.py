"""The service's own JSON: `{"id", "ts", "values": {name: value}}`, `{"id", "ts", "code", "state"}`, or a list."""

from msgspec import DecodeError
from msgspec.json import Decoder

from fleet.ingest.decoders import Decoded, Undecodable
from fleet.ingest.decoders.shapes import SHAPES, Event, EventPayload, Telemetry, TelemetryPayload, messages
from fleet.telemetry.models import Kind

_telemetry: Decoder[Telemetry | list[Telemetry]] = Decoder(TelemetryPayload)
_events: Decoder[Event | list[Event]] = Decoder(EventPayload)


def decode(kind: Kind, payload: bytes) -> list[Decoded]:
    """The messages in `payload`, at least one; raises Undecodable."""
    decoder = _telemetry if kind is Kind.TELEMETRY else _events
    try:
        found = decoder.decode(payload)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Undecodable(f"expected JSON {SHAPES[kind]} or a list of these, got: {error}") from None
    return messages(found)
