"""When an alert begins and ends: examples for every edge, and what holds for any history."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.rules.evaluation import Clear, Raise, Reading, Standing, Verdict, evaluate
from fleet.rules.kinds import EventCode, RaiseWhen, Threshold

Decision = Raise | Clear


def threshold(raise_when: RaiseWhen = RaiseWhen.ABOVE, level: float = 5, **more: float) -> Threshold:
    return Threshold.model_validate({"point": "temperature", "raise_when": raise_when, "level": level, **more})


def follow(spec: Threshold | EventCode, said: list[tuple[int, object]]) -> list[tuple[int, Decision]]:
    """The decisions of a rule that hears `said`, (Unix milliseconds, value) in the order of the log."""
    standing: Standing | None = None
    decisions: list[tuple[int, Decision]] = []
    for number, (used_ms, value) in enumerate(said, 1):
        verdict = evaluate(spec, standing, Reading(number, used_ms, value))
        standing = verdict.standing
        if verdict.decision is not None:
            decisions.append((number, verdict.decision))
    return decisions


def words(decisions: list[tuple[int, Decision]]) -> list[tuple[int, str]]:
    return [(number, type(decision).__name__.lower()) for number, decision in decisions]


@pytest.mark.parametrize(
    ("raise_when", "raises", "holds"),
    [
        (RaiseWhen.ABOVE, [5.1], [5, 4]),
        (RaiseWhen.AT_OR_ABOVE, [5, 6], [4.9]),
        (RaiseWhen.BELOW, [4.9], [5, 6]),
        (RaiseWhen.AT_OR_BELOW, [5, 4], [5.1]),
    ],
)
def test_only_the_at_or_words_include_the_level(raise_when: RaiseWhen, raises: list[float], holds: list[float]) -> None:
    for value in raises:
        assert words(follow(threshold(raise_when), [(0, value)])) == [(1, "raise")]
    for value in holds:
        assert follow(threshold(raise_when), [(0, value)]) == []


@pytest.mark.parametrize(
    ("raise_when", "clear_level", "said", "cleared_by"),
    [
        (RaiseWhen.ABOVE, 4, [6, 4.5, 4.1, 4], 4),
        (RaiseWhen.AT_OR_ABOVE, 4, [5, 4.5, 4, 3.9], 4),
        (RaiseWhen.BELOW, 6, [4, 5.5, 5.9, 6], 4),
        (RaiseWhen.AT_OR_BELOW, 6, [5, 5.5, 6, 6.1], 4),
        (RaiseWhen.ABOVE, None, [6, 5], 2),
    ],
)
def test_it_clears_once_the_value_is_no_longer_wrong_at_the_clear_level(
    raise_when: RaiseWhen, clear_level: float | None, said: list[float], cleared_by: int
) -> None:
    spec = Threshold(point="temperature", raise_when=raise_when, level=5, clear_level=clear_level)
    assert words(follow(spec, list(enumerate(said)))) == [(1, "raise"), (cleared_by, "clear")]


def test_the_reading_that_raises_is_kept_in_words_and_in_facts() -> None:
    ((_, decision),) = follow(threshold(for_s=60), [(0, 6.5), (60_000, 6.199999809265137)])
    assert decision == Raise(
        "temperature 6.2 > 5",
        {
            "point": "temperature",
            "value": 6.199999809265137,
            "level": 5.0,
            "message": 2,
            "seen": "1970-01-01T00:01:00.000+00:00",
            "raise_when": "above",
            "for_s": 60.0,
            "since": "1970-01-01T00:00:00.000+00:00",
        },
    )


def test_the_reading_that_clears_is_the_evidence() -> None:
    (_, (_, decision)) = follow(threshold(clear_level=4), [(0, 6), (1500, 3.5)])
    assert decision == Clear(
        {
            "reading": "temperature 3.5 <= 4",
            "point": "temperature",
            "value": 3.5,
            "level": 4.0,
            "message": 2,
            "seen": "1970-01-01T00:00:01.500+00:00",
        }
    )


def test_values_that_look_alike_are_told_apart() -> None:
    ((_, decision),) = follow(threshold(), [(0, 5.0000001)])
    assert isinstance(decision, Raise)
    assert decision.summary == "temperature 5.0000001 > 5.0"


def test_it_must_have_been_wrong_in_every_message_for_as_long_as_asked() -> None:
    assert words(follow(threshold(for_s=60), [(0, 6), (59_999, 6), (60_000, 6)])) == [(3, "raise")]
    assert words(follow(threshold(for_s=60), [(0, 6), (30_000, 5), (60_000, 6), (119_999, 6)])) == []


def test_between_the_levels_a_pending_rule_starts_again() -> None:
    assert follow(threshold(clear_level=4, for_s=60), [(0, 6), (30_000, 4.5), (60_000, 6)]) == []


def test_silence_longer_than_the_gap_proves_nothing() -> None:
    spec = threshold(for_s=60, max_gap_s=45)
    assert words(follow(spec, [(0, 6), (45_000, 6), (90_000, 6)])) == [(3, "raise")]
    assert words(follow(spec, [(0, 6), (45_001, 6), (90_000, 6), (105_001, 6)])) == [(4, "raise")]


@pytest.mark.parametrize("value", [True, "hot", "7"])
def test_what_is_no_number_is_on_neither_side(value: object) -> None:
    assert evaluate(threshold(level=0), None, Reading(1, 0, value)) == Verdict(None)
    standing = Standing(0, raised=True)
    assert evaluate(threshold(level=0), standing, Reading(1, 5, value)) == Verdict(standing)


def test_states_an_event_does_not_have_are_heard_and_mean_nothing() -> None:
    assert words(follow(EventCode(code="door"), [(0, "ajar"), (1, "on"), (2, "ajar"), (3, "off")])) == [
        (2, "raise"),
        (4, "clear"),
    ]


def test_readings_of_the_same_time_count_in_the_order_of_the_log() -> None:
    assert words(follow(EventCode(code="door"), [(0, "on"), (0, "off"), (0, "on")])) == [
        (1, "raise"),
        (2, "clear"),
        (3, "raise"),
    ]


LEVELS = st.integers(-20, 20)
SPECS = st.builds(
    lambda raise_when, level, slack, for_s, max_gap_s: Threshold(
        point="t",
        raise_when=raise_when,
        level=level,
        clear_level=level - slack if "above" in raise_when else level + slack,
        for_s=for_s,
        max_gap_s=max_gap_s,
    ),
    st.sampled_from(RaiseWhen), LEVELS, st.integers(0, 5), st.integers(0, 20), st.integers(1, 20),
)  # fmt: skip
STEPS = st.lists(st.tuples(st.integers(0, 30), LEVELS), max_size=40)
"""(seconds since the one before, value)"""
EVENTS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["on", "off", "test"])), max_size=40)


def history(steps: list[tuple[int, object]]) -> list[tuple[int, object]]:
    seconds, said = 0, []
    for gap, value in steps:
        seconds += gap
        said.append((seconds * 1000, value))
    return said


def wrong(spec: Threshold, value: float, level: float) -> bool:
    """The words of a rule, spelt out once more."""
    return {
        RaiseWhen.ABOVE: value > level,
        RaiseWhen.AT_OR_ABOVE: value >= level,
        RaiseWhen.BELOW: value < level,
        RaiseWhen.AT_OR_BELOW: value <= level,
    }[spec.raise_when]


@given(SPECS, STEPS)
def test_alerts_begin_and_end_in_turn_and_only_for_cause(spec: Threshold, steps: list[tuple[int, object]]) -> None:
    said = history(steps)
    decisions = follow(spec, said)
    for turn, (number, decision) in enumerate(decisions):
        value = said[number - 1][1]
        assert isinstance(value, int)
        assert isinstance(decision, Raise if turn % 2 == 0 else Clear)
        assert spec.clear_level is not None
        assert wrong(spec, value, spec.level if turn % 2 == 0 else spec.clear_level) is (turn % 2 == 0)


@given(SPECS, STEPS)
def test_while_an_alert_is_open_every_value_is_still_wrong_at_the_clear_level(
    spec: Threshold, steps: list[tuple[int, object]]
) -> None:
    said = history(steps)
    decisions = [number for number, _ in follow(spec, said)] + [len(said) + 1]
    for begun, ended in zip(decisions[::2], decisions[1::2], strict=False):
        for _, value in said[begun - 1 : ended - 1]:
            assert isinstance(value, int)
            assert spec.clear_level is not None
            assert wrong(spec, value, spec.clear_level)


@given(SPECS, STEPS)
def test_a_duration_never_raises_early(spec: Threshold, steps: list[tuple[int, object]]) -> None:
    said = history(steps)
    for number, decision in follow(spec, said):
        if isinstance(decision, Clear):
            continue
        raised_ms, run = said[number - 1][0], said[:number]
        held = [run[-1]]
        for before in reversed(run[:-1]):  # back through readings that were wrong, without a gap
            if not (isinstance(before[1], int) and wrong(spec, before[1], spec.level)):
                break
            if held[-1][0] - before[0] > spec.max_gap_s * 1000:
                break
            held.append(before)
        assert raised_ms - held[-1][0] >= spec.for_s * 1000


@given(st.one_of(st.tuples(SPECS, STEPS), st.tuples(st.just(EventCode(code="x")), EVENTS)), st.data())
def test_late_data_changes_nothing(
    case: tuple[Threshold | EventCode, list[tuple[int, object]]], data: st.DataObject
) -> None:
    spec, steps = case
    said = history(steps)
    with_late = []
    for number, (used_ms, value) in enumerate(said):
        with_late.append((used_ms, value))
        if used_ms and data.draw(st.booleans()):
            late_ms = data.draw(st.integers(0, used_ms - 1))
            late = data.draw(LEVELS if isinstance(spec, Threshold) else st.sampled_from(["on", "off"]))
            with_late.append((late_ms, late))
            standing = Standing(used_ms, None, bool(number % 2))
            assert evaluate(spec, standing, Reading(1, late_ms, late)) == Verdict(standing, None, late=True)
    plain = [(said[number - 1], type(decision)) for number, decision in follow(spec, said)]
    mixed = [(with_late[number - 1], type(decision)) for number, decision in follow(spec, with_late)]
    assert mixed == plain


@given(EVENTS)
def test_an_event_alternates_with_its_states(steps: list[tuple[int, object]]) -> None:
    said = history(steps)
    expected, raised = [], False
    for number, (_, state) in enumerate(said, 1):
        if state in ("on", "off") and raised is not (state == "on"):
            raised = not raised
            expected.append((number, "raise" if raised else "clear"))
    assert words(follow(EventCode(code="x"), said)) == expected
