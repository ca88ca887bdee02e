"""What is tried on a modem that fails, and when: tables and pure functions; times are seconds."""

from enum import Enum
from typing import Final


class Rung(Enum):
    """What is tried on a modem before it is set up again, the mildest first."""

    REOPEN = "reopen the port"
    RADIO = "turn the radio off and on"
    RESET = "restart the modem"
    POWER = "take its power away and give it back"
    ALARM = "call for a person"


LADDER: Final = (Rung.REOPEN, Rung.REOPEN, Rung.RADIO, Rung.RESET, *[Rung.REOPEN] * 4, Rung.ALARM)
"""By the number of failures in a row. Bringing the line into step comes before: every session does that.

After a restart some failures are only the modem starting up, which takes up to 40 s.
"""

LADDER_WITH_SWITCH: Final = (*LADDER[:-1], Rung.POWER, *[Rung.REOPEN] * 4, Rung.ALARM)
"""The same where a switch can take the modem's power away."""

MAX_DELAY: Final = 60.0
LOOK_EVERY: Final = 0.25
"""Between looks for a port that is missing: cheap, and what waits for it leaves at once when it is back."""
SELDOM: Final = 30
"""So many times rarer than usual is a modem tried that waits for a person."""


class Repair(Enum):
    """What is tried on a modem that answers and has lost its network, the mildest first."""

    CHOOSE = "choose the network again"
    RADIO = "turn the radio off and on"
    SET_UP = "set it up again"


REPAIRS: Final = (Repair.CHOOSE, Repair.RADIO, Repair.SET_UP)
"""One each time the patience is used up; a set-up that does not find the network either climbs the ladder."""


def rung(failures: int, ladder: tuple[Rung, ...] = LADDER) -> Rung:
    """What to try after so many failures in a row; the last rung stays the last."""
    return ladder[min(max(failures, 1), len(ladder)) - 1]


def delay(failures: int, first: float) -> float:
    """Seconds to wait before the next try: `first`, doubled with every failure, MAX_DELAY at most."""
    return min(first * 2.0 ** min(max(failures - 1, 0), 16), MAX_DELAY)


def repairs_due(without: float, patience: float) -> int:
    """How many of REPAIRS are due after so long without a network."""
    return min(int(without // patience), len(REPAIRS))


def absence(missing: float, patience: float, *, switch: bool) -> Rung | None:
    """What to do about a port that has been missing for so long: the switch where it may still help, or a person."""
    if missing < patience:
        return None
    return Rung.POWER if switch else Rung.ALARM
