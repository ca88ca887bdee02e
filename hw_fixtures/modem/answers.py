"""What a command handler gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem
    from hw_fixtures.modem.syntax import Request

Lines = Sequence[str]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Ask for a body with "> "; `then` gets what stood before Ctrl-Z."""

    then: Callable[[str], "Answer"]


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing for so many seconds, then answer what `then` gives."""

    seconds: float
    then: Callable[[], "Answer"]


@dataclass(frozen=True, slots=True)
class Pending:
    """Say nothing until the network has called back, at once or later, then answer what `then` makes of it."""

    ask: Callable[[Callable[[int | None], None]], None]
    then: Callable[[int | None], "Answer"]


@dataclass(frozen=True, slots=True)
class Afterwards:
    """Answer these lines and OK, then do this: texts come and resets happen after their OK."""

    lines: Lines
    then: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Vanish:
    """Answer nothing: the line goes (a fault was ordered), then do this."""

    then: Callable[[], None] = lambda: None


Answer = Union[Lines, Prompt, Wait, Pending, Afterwards, Vanish]  # noqa: UP007 - refers to itself through strings
Handler = Callable[["SimulatedModem", "Request"], Answer]
