"""The same messages in CBOR, good and bad."""

import contextlib
import json

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.decoders import Decoded, Undecodable, json_messages
from fleet.ingest.decoders.cbor_messages import decode
from fleet.telemetry.models import Kind
from tests.fleet.ingest.decoders.test_json_messages import VALUES

MESSAGE = cbor2.dumps({"values": {"t": 1}})


def telemetry(value: object) -> bytes:
    return cbor2.dumps({"values": {"t": value}})


@given(VALUES, st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), st.integers())
def test_cbor_says_what_the_same_json_says(values: dict[str, object], identifier: str | None, ts: int) -> None:
    message = {"id": identifier, "values": values, "ts": ts % 2**40}
    assert decode(Kind.TELEMETRY, cbor2.dumps(message)) == json_messages.decode(
        Kind.TELEMETRY, json.dumps(message).encode()
    )


@given(st.binary(max_size=200))
def test_any_bytes_give_messages_or_a_reason(payload: bytes) -> None:
    for kind in Kind:
        with contextlib.suppress(Undecodable):
            assert decode(kind, payload)


def test_events_lists_and_both_ways_to_write_a_length() -> None:
    event = Decoded("7", 1_767_225_600_000, ("sold_out", "off"))
    message = {"id": 7, "ts": 1767225600, "code": "sold_out", "state": "off"}
    assert decode(Kind.EVENT, cbor2.dumps([message, message])) == [event, event]
    assert decode(Kind.EVENT, b"\x9f" + cbor2.dumps(message) + b"\xff") == [event]
    assert decode(Kind.TELEMETRY, cbor2.dumps({"values": {"t": 1.5}}, canonical=True))[0].content == {"t": 1.5}


def test_a_payload_at_the_limit_is_read_whole() -> None:
    messages = [{"id": n, "values": {"text": "x" * 4000}} for n in range(16)]
    assert [one.identifier for one in decode(Kind.TELEMETRY, cbor2.dumps(messages))] == [str(n) for n in range(16)]


SHARED = b"\x83\xd8\x1c" + MESSAGE + b"\xd8\x1d\x00\xd8\x1d\x00"
"""A message that is written once and meant three times: small on the wire, without end in memory."""


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "premature end"),
        (MESSAGE[:-1], "premature end"),
        (MESSAGE + b"\x00", "1 bytes behind"),
        (b"hello", "premature end"),
        (b"\xff", "break code"),
        (b"\x1c", "unknown unsigned integer"),
        (b"\x81" * 60_000, "nesting depth"),
        (b"\x9b" + b"\xff" * 8, "premature end"),
        (b"\xbb" + b"\xff" * 8, "premature end"),
        (b"\x7b" + b"\x7f" * 8, "premature end"),
        (telemetry(float("nan")), "got nan"),
        (telemetry(float("inf")), "got inf"),
        (cbor2.dumps({"ts": float("nan"), "values": {"t": 1}}), "ts"),
        (telemetry(2**64 - 1), "9223372036854775807"),
        (telemetry(2**70), "tag 2"),
        (cbor2.dumps(cbor2.CBORTag(55799, {"values": {"t": 1}})), "tag 55799"),
        (telemetry(cbor2.CBORTag(65535, 1)), "tag 65535"),
        (cbor2.dumps(cbor2.CBORTag(35, "a" * 60_000)), "tag 35"),
        (SHARED, "tag 28"),
        (telemetry(None), "null"),
        (telemetry(cbor2.undefined), "Undefined"),
        (telemetry(b"bytes"), "bytes"),
        (telemetry([1]), "array"),
        (telemetry({"u": 1}), "object"),
        (telemetry("x" * 4097), "length <= 4096"),
        (b"\xa1\x61\xff\x01", "text string"),
        (b"\xa2\x61a\x01\x61a\x02", "Duplicate map key"),
        (b"\xa1\x01\x01", "map key"),
        (cbor2.dumps({"values": {"a\nb": 1}}), "printable"),
        (cbor2.dumps({"values": {"x" * 60_000: 1}}), "length <= 64"),
        (b"\xa2" + cbor2.dumps("x" * 60_000) + b"\x01" + cbor2.dumps("x" * 60_000) + b"\x01", "Duplicate"),
        (cbor2.dumps({"values": {"t": 1}, "extra": 1}), "unknown field"),
        (cbor2.dumps([{"values": {"a": 1}}] * 1001), "length <= 1000"),
        (cbor2.dumps([]), ">= 1"),
    ],
)
def test_bad_telemetry_says_what_came(payload: bytes, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason) as caught:
        decode(Kind.TELEMETRY, payload)
    assert len(str(caught.value)) < 300
