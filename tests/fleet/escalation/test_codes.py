"""Reply codes are short, and never given twice while somebody may remember the first."""

import pytest

from fleet.errors import Unavailable
from fleet.escalation.codes import choose


def test_every_code_is_given_once_two_digits_first() -> None:
    given: list[int] = []
    for _ in range(200):
        given.append(choose(given))
    assert sorted(given[:90]) == list(range(10, 100))
    assert all(100 <= code <= 999 for code in given[90:])
    assert len(set(given)) == 200


def test_neighbours_differ_in_more_than_the_last_digit() -> None:
    first = choose([])
    second = choose([first])
    assert first == 41
    assert first // 10 != second // 10
    assert first % 10 != second % 10


def test_a_phone_with_every_code_in_use_is_told_to_wait() -> None:
    with pytest.raises(Unavailable, match="expected a free reply code"):
        choose(range(10, 100_000))


def test_the_last_free_code_is_found() -> None:
    for free in (10, 99, 100, 999, 1000, 9999, 10_000, 99_999):
        assert choose(set(range(10, 100_000)) - {free}) == free
