"""From what a run has learnt and done to its next step."""

import pytest

from fleet.sims.provisioning import BENCH, ORDER, RESULTS, Facts, Step, next_step, pin_was_refused

LEARNT: list[tuple[dict[str, object], Step]] = [
    ({"identified": True, "pin_wanted": True}, Step.UNLOCK),
    ({"pin_wanted": False}, Step.READ_IMSI),
    ({"imsi": "001010000000001"}, Step.ACTIVATE),
    ({"activation_requested": True}, Step.SET_APN),
    ({"apn_set": True}, Step.AWAIT_REGISTRATION),
    ({"registration": "home"}, Step.BIND),
    ({"bound_at": "2026-01-01T00:00:00Z"}, Step.FIRST_POINT),
    ({"first_point_at": "2026-01-01T00:01:00Z"}, Step.DONE),
]


def test_the_steps_follow_one_another() -> None:
    facts: dict[str, object] = {}
    assert next_step(Facts(), active=False) is Step.IDENTIFY
    for learnt, step in LEARNT:
        facts |= learnt
        assert next_step(Facts.model_validate(facts), active=True) is step


def test_a_run_waits_until_the_provider_says_active() -> None:
    facts = Facts(identified=True, imsi="001010000000001", activation_requested=True, apn_set=True)
    assert next_step(facts, active=False) is Step.ACTIVATE
    assert next_step(facts, active=True) is Step.AWAIT_REGISTRATION


def test_a_sim_that_locks_again_is_unlocked_again_before_anything_else() -> None:
    facts = Facts(identified=True, imsi="001010000000001", apn_set=True, pin_wanted=True)
    assert next_step(facts, active=True) is Step.UNLOCK


@pytest.mark.parametrize(
    ("trying", "before", "now", "refused"),
    [
        (False, 3, 2, False),
        (True, 3, 3, False),
        (True, 3, 2, True),
        (True, 2, 3, False),
        (True, None, 3, True),
        (True, 3, None, True),
    ],
)
def test_a_try_that_was_never_reported_counts_as_refused_unless_the_counter_stood(
    trying: bool, before: int | None, now: int | None, refused: bool
) -> None:
    assert pin_was_refused(Facts(pin_trying=trying, retries_left=before), now) is refused


def test_every_step_of_the_bench_has_its_result() -> None:
    assert set(RESULTS) == BENCH
    assert set(ORDER) > BENCH
