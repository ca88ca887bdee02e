"""What an answer leads to."""

import pytest

from fleet.escalation.answers import Fate, judge
from fleet.escalation.models import OfferState
from fleet.escalation.replies import Verb
from fleet.tickets.models import TicketState

YES, NO = Verb.ACCEPT, Verb.REFUSE


@pytest.mark.parametrize("offer", list(OfferState))
@pytest.mark.parametrize("ticket", [TicketState.OPEN, TicketState.OFFERED, TicketState.EXHAUSTED])
def test_a_yes_wins_while_nobody_has_it_however_late(offer: OfferState, ticket: TicketState) -> None:
    assert judge(YES, offer, ticket, holder=False) is Fate.WINS


@pytest.mark.parametrize("offer", list(OfferState))
@pytest.mark.parametrize("verb", [YES, NO])
def test_what_is_decided_is_only_told(verb: Verb, offer: OfferState) -> None:
    assert judge(verb, offer, TicketState.ACCEPTED, holder=False) is Fate.TAKEN
    assert judge(verb, offer, TicketState.ACCEPTED, holder=True) is Fate.HAS_IT
    assert judge(verb, offer, TicketState.RESOLVED, holder=True) is Fate.RESOLVED


def test_a_no_passes_a_pending_offer_on_and_an_ended_one_is_told_so() -> None:
    assert judge(NO, OfferState.PENDING, TicketState.OFFERED, holder=False) is Fate.PASSES_ON
    for ended in (OfferState.TIMED_OUT, OfferState.REFUSED, OfferState.CANCELED):
        assert judge(NO, ended, TicketState.OFFERED, holder=False) is Fate.PASSED_BEFORE
