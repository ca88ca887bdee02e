"""Who is refused too often is told to wait."""

from fleet.api.refusals import KEYS, WINDOW_S, Refusals


def test_beyond_the_limit_there_is_a_wait_until_the_window_ends() -> None:
    refusals = Refusals()
    assert [refusals.count("a", 2, now) for now in (0.0, 10.0, 20.0)] == [0.0, 0.0, WINDOW_S - 20.0]
    assert refusals.count("a", 2, WINDOW_S) == 0.0


def test_callers_do_not_wait_for_one_another() -> None:
    refusals = Refusals()
    refusals.count("a", 0, 0.0)
    assert refusals.count("b", 1, 0.0) == 0.0


def test_memory_is_bounded() -> None:
    refusals = Refusals()
    for number in range(KEYS + 1):
        refusals.count(f"address {number}", 1, 0.0)
    assert refusals.count("address 0", 1, 1.0) == 0.0, "the oldest was forgotten"
    assert refusals.count(f"address {KEYS}", 1, 1.0) > 0.0
