"""Payloads in blocks, put together within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.coap.blocks import LIFETIME, OVERHEAD, Block, Blocks, Incomplete, Malformed, TooLarge


def parts(payload: bytes, size: int) -> list[tuple[Block, bytes]]:
    """`payload` as a device sends it."""
    cut = [payload[at : at + size] for at in range(0, len(payload), size)]
    return [(Block(n, n < len(cut) - 1, size), part) for n, part in enumerate(cut)]


@given(st.dictionaries(st.integers(), st.binary(min_size=1, max_size=300), max_size=4), st.sampled_from([16, 64]))
def test_payloads_of_several_devices_come_out_as_they_went_in(payloads: dict[int, bytes], size: int) -> None:
    blocks, whole = Blocks(), {}
    waiting = {key: parts(payload, size) for key, payload in payloads.items()}
    while waiting:
        for key in list(waiting):
            found = blocks.add(key, *waiting[key].pop(0), now=0)
            if found is not None:
                whole[key] = found
            if not waiting[key]:
                del waiting[key]
    assert whole == payloads
    assert blocks.size == 0


def test_a_payload_begins_with_block_0_and_goes_on_without_a_gap() -> None:
    blocks = Blocks()
    with pytest.raises(Incomplete):
        blocks.add("a", Block(1, True, 16), b"x" * 16, 0)
    assert blocks.add("a", Block(0, True, 16), b"x" * 16, 0) is None
    with pytest.raises(Incomplete):
        blocks.add("a", Block(2, False, 16), b"x", 0)
    with pytest.raises(Incomplete):
        blocks.add("a", Block(1, False, 16), b"x", 0)


def test_block_0_begins_anew() -> None:
    blocks = Blocks()
    blocks.add("a", Block(0, True, 16), b"x" * 16, 0)
    blocks.add("a", Block(0, True, 16), b"y" * 16, 0)
    assert blocks.add("a", Block(1, False, 16), b"z", 0) == b"y" * 16 + b"z"


@pytest.mark.parametrize("part", [b"x" * 15, b"x" * 17, b""])
def test_a_block_is_as_long_as_it_says(part: bytes) -> None:
    with pytest.raises(Malformed):
        Blocks().add("a", Block(0, True, 16), part, 0)


def test_a_payload_past_the_limit_is_refused_and_forgotten() -> None:
    blocks = Blocks(longest=40)
    for n in range(2):
        blocks.add("a", Block(n, True, 16), b"x" * 16, 0)
    with pytest.raises(TooLarge, match="at most 40 bytes"):
        blocks.add("a", Block(2, True, 16), b"x" * 16, 0)
    assert blocks.size == 0


def test_all_payloads_together_are_bounded() -> None:
    each = 16 + OVERHEAD
    blocks = Blocks(total=10 * each)
    for n in range(1000):
        blocks.add(n, Block(0, True, 16), b"x" * 16, n)
        assert blocks.size <= 11 * each
    with pytest.raises(Incomplete):
        blocks.add(5, Block(1, False, 16), b"", 1000)
    assert blocks.add(999, Block(1, False, 16), b"", 1000) == b"x" * 16


def test_what_stood_still_for_too_long_is_forgotten() -> None:
    blocks = Blocks()
    blocks.add("a", Block(0, True, 16), b"x" * 16, 0)
    blocks.add("b", Block(0, True, 16), b"x" * 16, 1)
    with pytest.raises(Incomplete):
        blocks.add("a", Block(1, False, 16), b"", LIFETIME)
    assert blocks.add("b", Block(1, False, 16), b"", LIFETIME) == b"x" * 16
