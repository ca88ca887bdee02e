"""Septets in octets (3GPP TS 23.038 clause 6.1.2.1), all septets of a message at once.

A message is one large number. To unpack, it is halved again and again: of each block of 2n septets the upper
half moves up by n bits, until every septet begins at an octet. Packing is the same backwards. Eight steps do
256 septets, where a loop would take one step each.
"""

from typing import Final


def _mask(bits: int, block: int, size: int) -> int:
    """`bits` ones at the beginning of each block of so many bits."""
    return sum(((1 << bits) - 1) << start for start in range(0, size, block))


_MOST: Final = 256  # septets; TP-UDL is one octet
# For n = 128, 64, … 1: how far upper halves move, the lower and the upper halves when packed.
_STEPS: Final = tuple(
    (half, _mask(7 * half, 16 * half, 8 * _MOST), _mask(7 * half, 16 * half, 8 * _MOST) << 7 * half)
    for half in (128, 64, 32, 16, 8, 4, 2, 1)
)


def unpack(octets: bytes, count: int, fill: int = 0) -> bytes:
    """The first `count` septets (at most 256) behind `fill` bits of packed octets."""
    bits = int.from_bytes(octets, "little") >> fill & (1 << 7 * count) - 1
    for half, lower, upper in _steps(count):
        bits = bits & lower | (bits & upper) << half
    return bits.to_bytes(count, "little")


def pack(septets: bytes, fill: int = 0) -> bytes:
    """Septets (at most 256) packed into octets after `fill` zero bits."""
    count = len(septets)
    bits = int.from_bytes(septets, "little")
    for half, lower, upper in reversed(_steps(count)):
        bits = bits & lower | bits >> half & upper
    return (bits << fill).to_bytes((count * 7 + fill + 7) // 8, "little")


def _steps(count: int) -> tuple[tuple[int, int, int], ...]:
    """The steps that so many septets need."""
    return _STEPS[-(count - 1).bit_length() :] if count > 1 else ()


def fill_bits(header_octets: int) -> int:
    """Zero bits between a header of so many octets and the first septet boundary behind it."""
    return -header_octets * 8 % 7
