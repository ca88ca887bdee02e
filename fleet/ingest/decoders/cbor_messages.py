"""The same messages in CBOR (RFC 8949): maps with text keys, or an array of them.

As strict as JSON: no tags (one may refer to another and grow a small payload without end), no NaN, no infinity,
nothing behind the message.
"""

import math
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, NoReturn

from cbor2 import CBORDecodeError, CBORDecoder
from msgspec import ValidationError, convert

from fleet.ingest.decoders import Decoded, Undecodable
from fleet.ingest.decoders.shapes import SHAPES, EventPayload, TelemetryPayload, messages
from fleet.telemetry.models import Kind

DEPTH = 4
"""List, message, values; one more, so that a nested value is told what is wrong with it."""


class _Tagged(Exception):
    """A tag came."""


class _NoTags(Mapping[int, Any]):
    """Answers every tag, also those that cbor2 knows, with a refusal."""

    def __getitem__(self, tag: int) -> Any:
        def refuse(*_: object) -> NoReturn:
            raise _Tagged(f"a tagged value (tag {tag})")

        return refuse

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


_NO_TAGS = _NoTags()


def decode(kind: Kind, payload: bytes) -> list[Decoded]:
    """The messages in `payload`, at least one; raises Undecodable."""
    found: Any
    try:
        item = _item(payload)
        found = convert(item, TelemetryPayload if kind is Kind.TELEMETRY else EventPayload)
        decoded = messages(found)
    except (CBORDecodeError, ValidationError, _Tagged, UnicodeError, RecursionError) as error:
        reason = error.__cause__ if isinstance(error.__cause__, _Tagged) else error
        raise Undecodable(f"expected CBOR {SHAPES[kind]} or an array of these, got: {str(reason)[:160]}") from None
    for message in decoded:
        if isinstance(message.content, dict):
            _check_finite(message.content)
    return decoded


def _item(payload: bytes) -> Any:
    """The one data item that `payload` is."""
    stream = BytesIO(payload)
    decoder = CBORDecoder(
        stream,
        semantic_decoders=_NO_TAGS,
        max_depth=DEPTH,
        allow_duplicate_keys=False,
        strict_hashable_types=True,
        read_size=len(payload) + 1,
    )
    item = decoder.decode()
    if stream.tell() != len(payload):
        raise CBORDecodeError(f"{len(payload) - stream.tell()} bytes behind the message")
    return item


def _check_finite(values: Mapping[str, object]) -> None:
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise Undecodable(f"expected finite numbers in CBOR, got {value} for {name[:64]!r}")
