"""The life of a SIM as a table: what is wanted and what is, to what to do next. Pure.

A request that changes something is sent only from here, one at a time, with `asking` committed before it. Whatever
became of it, the next step is to read what the provider says, and the table decides again from that: so an answer
that was lost is settled by reading, and an act that did happen is never repeated.
"""

import enum
from dataclasses import dataclass

from fleet.sims.models import Desired, Effective, Reason
from fleet.sims.providers.base import Word


class Act(enum.StrEnum):
    """What to do next about a SIM."""

    CLAIM = "claim"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    READ = "read"
    """Read the provider's state at once."""
    WATCH = "watch"
    """Read the provider's state after a while: it is the provider's move."""
    REST = "rest"
    """Nothing to do until somebody asks for something else."""


CHANGES = frozenset({Act.CLAIM, Act.ACTIVATE, Act.SUSPEND})
"""Acts that change something at the provider."""

IMPOSED = frozenset({Reason.QUOTA, Reason.IMEI, Reason.PROVIDER})
"""Reasons that are the provider's: such a suspension is watched, not fought."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the next act follows from."""

    desired: Desired
    effective: Effective = Effective.INVENTORY
    reason: Reason = Reason.NONE
    claimed: bool = False
    asking: str = ""
    told: bool = False
    refused: bool = False
    """The provider said no to the last act."""


_TABLE = {
    (Desired.ACTIVE, Effective.INVENTORY): Act.ACTIVATE,
    (Desired.ACTIVE, Effective.PENDING): Act.WATCH,
    (Desired.ACTIVE, Effective.SUSPENDED): Act.ACTIVATE,
    (Desired.SUSPENDED, Effective.PENDING): Act.WATCH,
    (Desired.SUSPENDED, Effective.ACTIVE): Act.SUSPEND,
}
"""For a claimed SIM; every other pair rests."""


def next_act(facts: Facts) -> Act:
    """What to do next."""
    if facts.asking or facts.told:
        return Act.READ
    if facts.refused:
        return Act.REST
    if not facts.claimed:
        return Act.CLAIM if facts.desired is Desired.ACTIVE else Act.REST
    if facts.effective is Effective.SUSPENDED and facts.desired is Desired.ACTIVE and facts.reason in IMPOSED:
        return Act.WATCH
    return _TABLE.get((facts.desired, facts.effective), Act.REST)


def reason(desired: Desired, word: Word | None) -> Reason:
    """Why the provider's word is not what was desired, or who imposed it."""
    if word is not None and word.reason in IMPOSED:
        return word.reason
    effective = Effective.INVENTORY if word is None else word.effective
    if effective is Effective.RETIRED:
        return Reason.PROVIDER
    if effective.value == desired.value:
        return Reason.USER if desired is Desired.SUSPENDED else Reason.NONE
    return Reason.NONE if desired is Desired.INVENTORY else Reason.PENDING
