"""Whom a ticket is offered to next."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from fleet.escalation.models import OfferState
from fleet.escalation.policy import Decision, Exhausted, Nothing, OfferTo, Skipped, Step, TimeOut, Turn, Wait, decide
from fleet.tickets.models import TicketState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANA, BEN, EVE = (UUID(int=n) for n in (1, 2, 3))
STEPS = [Step(ANA, 600), Step(BEN, 300)]


def turn(number: int, who: UUID, state: OfferState, deadline: datetime | None = None) -> Turn:
    return Turn(number, who, state, deadline)


def next_after(*turns: Turn, rounds: int = 1, steps: list[Step] = STEPS) -> Decision:
    return decide(TicketState.OFFERED, steps, rounds, turns, NOW)


def test_the_first_is_asked_first() -> None:
    assert decide(TicketState.OPEN, STEPS, 1, [], NOW) == OfferTo(0, STEPS[0], ())


def test_while_the_text_has_not_left_there_is_no_deadline_and_nobody_else_is_asked() -> None:
    assert next_after(turn(0, ANA, OfferState.PENDING)) == Wait(None)


def test_the_deadline_is_waited_for_and_then_the_offer_times_out() -> None:
    later = NOW + timedelta(seconds=1)
    assert next_after(turn(0, ANA, OfferState.PENDING, later)) == Wait(later)
    assert next_after(turn(0, ANA, OfferState.PENDING, NOW)) == TimeOut(0)


def test_a_closed_offer_leads_to_the_next_at_once() -> None:
    for state in (OfferState.TIMED_OUT, OfferState.REFUSED, OfferState.CANCELED):
        assert next_after(turn(0, ANA, state)) == OfferTo(1, STEPS[1], ())


def test_after_the_last_step_the_rounds_begin_again() -> None:
    silent = [turn(0, ANA, OfferState.TIMED_OUT), turn(1, BEN, OfferState.TIMED_OUT)]
    assert next_after(*silent, rounds=2) == OfferTo(2, STEPS[0], ())
    assert next_after(*silent) == Exhausted(())


def test_a_ticket_opened_anew_asks_everybody_again_even_who_refused_before() -> None:
    before = [turn(0, ANA, OfferState.REFUSED), turn(1, BEN, OfferState.TIMED_OUT)]
    assert decide(TicketState.OPEN, STEPS, 1, before, NOW, cycle=1) == OfferTo(2, STEPS[0], ())
    again = [*before, turn(2, ANA, OfferState.REFUSED), turn(3, BEN, OfferState.TIMED_OUT)]
    assert decide(TicketState.OPEN, STEPS, 1, again, NOW, cycle=1) == Exhausted(())


def test_the_inactive_are_passed_over_and_named() -> None:
    steps = [Step(ANA, 600, active=False), Step(BEN, 300)]
    assert next_after(steps=steps) == OfferTo(1, steps[1], (Skipped(ANA, "inactive"),))
    nobody = [Step(ANA, 600, active=False)]
    assert next_after(steps=nobody) == Exhausted((Skipped(ANA, "inactive"),))


def test_who_has_refused_is_not_asked_again() -> None:
    said_no = [turn(0, ANA, OfferState.REFUSED), turn(1, BEN, OfferState.TIMED_OUT)]
    assert next_after(*said_no, rounds=2) == OfferTo(3, STEPS[1], (Skipped(ANA, "has refused"),))


def test_a_ticket_that_is_somebodys_or_over_wants_nobody() -> None:
    for state in (TicketState.ACCEPTED, TicketState.RESOLVED, TicketState.EXHAUSTED):
        assert decide(state, STEPS, 1, [], NOW) == Nothing()


people = st.lists(st.builds(Step, st.sampled_from([ANA, BEN, EVE]), st.just(60), st.booleans()), max_size=5)
endings = st.sampled_from([OfferState.TIMED_OUT, OfferState.REFUSED, OfferState.CANCELED])


@given(people, st.integers(1, 4), st.data())
def test_it_always_ends_and_asks_only_those_named_in_order(steps: list[Step], rounds: int, data: st.DataObject) -> None:
    turns: list[Turn] = []
    while True:
        decision = decide(TicketState.OFFERED, steps, rounds, turns, NOW)
        if isinstance(decision, Exhausted):
            break
        assert isinstance(decision, OfferTo)
        assert decision.step == steps[decision.turn % len(steps)]
        assert decision.step.active
        assert not turns or decision.turn > turns[-1].turn
        turns.append(Turn(decision.turn, decision.step.technician_id, data.draw(endings)))
    assert len(turns) <= len(steps) * rounds
    refused = [turn.technician_id for turn in turns if turn.state is OfferState.REFUSED]
    assert len(refused) == len(set(refused))
