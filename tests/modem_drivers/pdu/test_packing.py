"""All septets at once give what TS 23.038 clause 6.1.2.1 says one by one."""

import random

import pytest

from modem_drivers.pdu.packing import fill_bits, pack, unpack


def one_by_one(septets: bytes, fill: int) -> bytes:
    """The clause, word for word: bit by bit from the least significant one."""
    bits = [0] * fill + [septet >> bit & 1 for septet in septets for bit in range(7)]
    bits += [0] * (-len(bits) % 8)
    return bytes(sum(bit << place for place, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8))


@pytest.mark.parametrize("fill", range(7))
def test_every_length_both_ways(fill: int) -> None:
    source = random.Random(fill)
    for count in range(257):
        septets = bytes(source.choices(range(128), k=count))
        octets = one_by_one(septets, fill)
        assert pack(septets, fill) == octets
        assert unpack(octets + b"\xff", count, fill) == septets


def test_the_letters_of_the_clause() -> None:
    assert pack(b"hellohello").hex() == "e8329bfd4697d9ec37"
    assert [fill_bits(octets) for octets in (0, 4, 6, 7, 9, 12)] == [0, 3, 1, 0, 5, 2]
