"""Fields: what runs past its packet is malformed."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.mqtt.codec import fields
from fleet.ingest.mqtt.codec.errors import Malformed


@given(st.binary(max_size=30), st.binary(max_size=5), st.binary(max_size=5))
def test_a_field_ends_where_its_length_says(value: bytes, before: bytes, behind: bytes) -> None:
    body = before + len(value).to_bytes(2, "big") + value + behind
    assert fields.binary(body, len(before)) == (value, len(body) - len(behind))


@pytest.mark.parametrize("value", ["", "a", "\ufeffa", "ä\U0001f600", "\u0001"])
def test_text_is_utf_8(value: str) -> None:
    raw = value.encode()
    assert fields.text(len(raw).to_bytes(2, "big") + raw, 0) == (value, len(raw) + 2)


@pytest.mark.parametrize("raw", [b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\0", b"\xe2\x82"])
def test_other_text_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        fields.text(len(raw).to_bytes(2, "big") + raw, 0)


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (fields.byte, b""),
        (fields.integer, b"\x01"),
        (fields.binary, b"\x00\x02a"),
        (fields.text, b"\x00"),
        (fields.packet_id, b"\x00\x00"),
        (fields.packet_id, b"\x01"),
    ],
)
def test_a_field_cut_short_is_malformed(read: Callable[[bytes, int], object], body: bytes) -> None:
    with pytest.raises(Malformed, match="expected"):
        read(body, 0)


def test_bytes_behind_the_last_field_are_malformed() -> None:
    fields.finish(b"ab", 2)
    with pytest.raises(Malformed, match="1 more bytes"):
        fields.finish(b"ab", 1)
