"""What an answer leads to, given how the offer and its ticket stand. Pure."""

import enum

from fleet.escalation.models import OfferState
from fleet.escalation.replies import Verb
from fleet.tickets.models import TicketState


class Fate(enum.StrEnum):
    """What becomes of an answer; each has its words in every language."""

    WINS = "wins"
    """The ticket is theirs: also a late yes, while nobody has it."""
    PASSES_ON = "passes_on"
    """The next one is asked at once."""
    HAS_IT = "has_it"
    """They accepted it before."""
    TAKEN = "taken"
    """Somebody else has it."""
    PASSED_BEFORE = "passed_before"
    """They refused, or their time ran out, before."""
    RESOLVED = "resolved"
    """There is nothing left to do."""


CHANGES = (Fate.WINS, Fate.PASSES_ON)
"""What an answer brings about; the others only tell how things stand."""


def judge(verb: Verb, offer: OfferState, ticket: TicketState, *, holder: bool) -> Fate:
    """The fate of `verb` said about `offer`; `holder`: whether the ticket is the speaker's."""
    if ticket is TicketState.RESOLVED:
        return Fate.RESOLVED
    if ticket is TicketState.ACCEPTED:
        return Fate.HAS_IT if holder else Fate.TAKEN
    if verb is Verb.ACCEPT:
        return Fate.WINS
    return Fate.PASSES_ON if offer is OfferState.PENDING else Fate.PASSED_BEFORE
