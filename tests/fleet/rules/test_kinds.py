"""What a rule may be told, and in which words it refuses."""

import pytest
from pydantic import TypeAdapter, ValidationError

from fleet.errors import Invalid
from fleet.rules.kinds import EventCode, RaiseWhen, Spec, Threshold, check

spec: TypeAdapter[Threshold | EventCode] = TypeAdapter(Spec)


def test_the_kind_decides_which_fields_there_are() -> None:
    threshold = spec.validate_python({"kind": "threshold", "point": "t", "raise_when": "above", "level": 5})
    assert threshold == Threshold(point="t", raise_when=RaiseWhen.ABOVE, level=5.0)
    assert spec.validate_python({"kind": "event", "code": "sold_out"}) == EventCode(code="sold_out")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "forecast", "point": "t"},
        {"point": "t", "raise_when": "above", "level": 5},
        {"kind": "threshold", "point": "t", "raise_when": "over", "level": 5},
        {"kind": "threshold", "point": "", "raise_when": "above", "level": 5},
        {"kind": "threshold", "point": "t", "raise_when": "above", "level": float("nan")},
        {"kind": "threshold", "point": "t", "raise_when": "above", "level": 5, "clear_level": float("-inf")},
        {"kind": "threshold", "point": "t", "raise_when": "above", "level": 5, "for_s": -1},
        {"kind": "threshold", "point": "t", "raise_when": "above", "level": 5, "max_gap_s": 0},
        {"kind": "event", "code": "sold_out", "level": 5},
    ],
)
def test_what_is_no_spec_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        spec.validate_python(wrong)


@pytest.mark.parametrize(
    ("raise_when", "clear_level"),
    [("above", None), ("above", 5), ("above", 4), ("at_or_above", 5), ("below", 5), ("below", 6), ("at_or_below", 7)],
)
def test_a_clear_level_on_the_good_side_is_taken(raise_when: RaiseWhen, clear_level: float | None) -> None:
    check(Threshold(point="t", raise_when=raise_when, level=5, clear_level=clear_level))


@pytest.mark.parametrize(
    ("raise_when", "clear_level", "sentence"),
    [
        ("above", 5.5, "expected a clear level at or below the level 5 of a rule that raises above, got 5.5: "),
        ("at_or_below", 4, "expected a clear level at or above the level 5 of a rule that raises at_or_below, got 4: "),
    ],
)
def test_a_clear_level_on_the_wrong_side_is_refused(raise_when: RaiseWhen, clear_level: float, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check(Threshold(point="t", raise_when=raise_when, level=5, clear_level=clear_level))
    assert str(refusal.value) == sentence + "choose one on the good side"
