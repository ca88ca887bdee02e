"""The kinds of rules: what each is told, and what it refuses to be told."""

import enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from fleet import inputs
from fleet.errors import Invalid

DAY_S = 86_400.0
Word = Annotated[str, Field(min_length=1, max_length=128, pattern=inputs.LINE)]
"""What devices call a point or an event; no control characters, for people read it in a text."""


class RuleKind(enum.StrEnum):
    """What a rule looks at."""

    THRESHOLD = "threshold"
    EVENT = "event"


class RaiseWhen(enum.StrEnum):
    """On which side of its level a value is wrong; only the `at_or_` words include the level itself."""

    ABOVE = "above"
    AT_OR_ABOVE = "at_or_above"
    BELOW = "below"
    AT_OR_BELOW = "at_or_below"


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Threshold(_Spec):
    """A point on the wrong side of a level, for a while."""

    kind: Literal[RuleKind.THRESHOLD] = RuleKind.THRESHOLD
    point: Word
    raise_when: RaiseWhen
    level: FiniteFloat
    clear_level: FiniteFloat | None = None
    """Clears once the value is no longer `raise_when` this (above 5 clears at or below it). None: `level`."""
    for_s: Annotated[float, Field(ge=0, le=30 * DAY_S)] = 0.0
    """Seconds of event time it must have been wrong, in every message; 0: the first wrong value raises."""
    max_gap_s: Annotated[float, Field(gt=0, le=30 * DAY_S)] = 3600.0
    """Silence longer than this proves nothing: `for_s` starts again with the message that ends it."""


class EventCode(_Spec):
    """An event a device reports: raised by state `on`, cleared by state `off`."""

    kind: Literal[RuleKind.EVENT] = RuleKind.EVENT
    code: Word


Spec = Annotated[Threshold | EventCode, Field(discriminator="kind")]


def check(spec: Threshold | EventCode) -> None:
    """Raises Invalid for a spec whose fields contradict one another."""
    if not isinstance(spec, Threshold):
        return
    upward = spec.raise_when in (RaiseWhen.ABOVE, RaiseWhen.AT_OR_ABOVE)
    clear = spec.level if spec.clear_level is None else spec.clear_level
    if (clear > spec.level) if upward else (clear < spec.level):
        side = "at or below" if upward else "at or above"
        raise Invalid(
            f"expected a clear level {side} the level {spec.level:g} of a rule that raises {spec.raise_when}, "
            f"got {clear:g}: choose one on the good side"
        )
