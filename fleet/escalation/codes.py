"""Reply codes: short, and never one that the same phone may still remember for something else."""

from collections.abc import Collection

from fleet.errors import Unavailable

RANGES = ((10, 100, 31, 37), (100, 1000, 311, 371), (1000, 10000, 3111, 3701), (10000, 100000, 31111, 37001))
"""From, to, start and stride; two digits first, then three, and so on to five.

The stride has no factor in common with the size of its range, so every code comes up once; one that follows another
differs from it in more than its last digit, and a slip of the finger rarely hits somebody's other offer.
"""


def choose(in_use: Collection[int]) -> int:
    """The first code that is not in use (given out to this phone and not rested yet). Raises Unavailable."""
    for low, high, start, stride in RANGES:
        size = high - low
        for number in range(size):
            code = low + (start + stride * number) % size
            if code not in in_use:
                return code
    raise Unavailable("expected a free reply code for this phone, got none: let older offers rest", retry_after=3600)
