"""The service's own JSON, good and bad."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.decoders import Decoded, Undecodable
from fleet.ingest.decoders.json_messages import decode
from fleet.telemetry.models import Kind

VALUES = st.dictionaries(
    st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20),
    st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    min_size=1,
    max_size=6,
)  # fmt: skip


@given(VALUES, st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_what_a_device_writes_is_what_is_read(values: dict[str, object], identifier: str | None) -> None:
    payload = json.dumps({"id": identifier, "values": values}).encode()
    (found,) = decode(Kind.TELEMETRY, payload)
    assert found.identifier == identifier
    assert isinstance(found.content, dict)
    assert found.content == values
    assert [type(one) for one in found.content.values()] == [type(one) for one in values.values()]


@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_bytes_give_messages_or_a_reason(payload: bytes) -> None:
    for kind in Kind:
        with contextlib.suppress(Undecodable):
            assert decode(kind, payload)


def test_events_and_lists() -> None:
    assert decode(Kind.EVENT, b'{"id":7,"ts":1767225600,"code":"sold_out","state":"off"}') == [
        Decoded("7", 1_767_225_600_000, ("sold_out", "off"))
    ]
    assert decode(Kind.EVENT, b'[{"code":"a"},{"code":"b"}]') == [
        Decoded(None, None, ("a", "on")),
        Decoded(None, None, ("b", "on")),
    ]
    assert len(decode(Kind.TELEMETRY, b'[{"values":{"a":1}},{"values":{"b":true}}]')) == 2


@pytest.mark.parametrize(
    ("ts", "device_ms"),
    [
        (b"1767225600", 1_767_225_600_000),
        (b"1767225600.25", 1_767_225_600_250),
        (b"1767225600000", 1_767_225_600_000),
        (b"1767225600000000", 1_767_225_600_000),
        (b"1767225600000000000", 1_767_225_600_000),
        (b"12", 12_000),
        (b"-1", -1000),
        (b'"2026-01-01T00:00:00Z"', 1_767_225_600_000),
        (b'"2026-01-01T01:00:00.5+01:00"', 1_767_225_600_500),
        (b"null", None),
    ],
)
def test_the_size_of_a_number_tells_its_unit(ts: bytes, device_ms: int | None) -> None:
    (found,) = decode(Kind.TELEMETRY, b'{"ts":%s,"values":{"a":1}}' % ts)
    assert found.device_ms == device_ms


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "truncated"),
        (b"hello", "malformed"),
        (b'{"values":{"t":NaN}}', "invalid character"),
        (b'{"values":{"t":Infinity}}', "invalid character"),
        (b'{"values":{"t":1e400}}', "out of range"),
        (b'{"values":{"t":99999999999999999999}}', "9223372036854775807"),
        (b'{"values":{"t":' + b"9" * 5000 + b"}}", "out of range"),
        (b"[" * 10_000, "array"),
        (b'{"values":{"t":' + b"[" * 10_000, "array"),
        (b'{"values":{"t":' + b'{"a":' * 10_000, "object"),
        (b'{"values":{"t":null}}', "null"),
        (b'{"values":{"t":{"u":1}}}', "object"),
        (b'{"values":{}}', ">= 1"),
        (b"[]", ">= 1"),
        (b'{"temperature":4}', "unknown field"),
        (b'{"id":"1"}', "values"),
        (b'{"values":{"":1}}', "length >= 1"),
        (b'{"values":{"' + b"n" * 65 + b'":1}}', "length <= 64"),
        (b'{"values":{"a\\u0000b":1}}', "printable"),
        (b'{"values":{"a\\nb":1}}', "printable"),
        (b'{"values":{"a":1}} trailing', "trailing"),
        (b'{"id":"","values":{"a":1}}', "length >= 1"),
        (b'{"ts":"yesterday","values":{"a":1}}', "ISO 8601"),
        (b'{"ts":"2026-01-01T00:00:00","values":{"a":1}}', "zone"),
        (b'{"ts":1e400,"values":{"a":1}}', "out of range"),
        (b'{"ts":true,"values":{"a":1}}', "bool"),
        (b'{"values":{' + b",".join(b'"n%d":1' % n for n in range(101)) + b"}}", "length <= 100"),
        (b"[" + b",".join([b'{"values":{"a":1}}'] * 1001) + b"]", "length <= 1000"),
        (b'{"values":{"a":"\xff"}}', "utf-8"),
        (b"\xff\xfe", "malformed"),
    ],
)
def test_bad_telemetry_says_what_came(payload: bytes, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason) as caught:
        decode(Kind.TELEMETRY, payload)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "payload", [b"{}", b'{"code":7}', b'{"code":""}', b'{"values":{"a":1}}', b'{"code":"a","state":"x\\u0007"}']
)
def test_bad_events(payload: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(Kind.EVENT, payload)
