"""The table of states says what the service promises."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import Conflict
from fleet.messages.lifecycle import MOVES, Step, after, on_time, timer
from fleet.messages.models import MessageState as State

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = (State.SENT, State.REFUSED, State.EXPIRED)


@dataclass
class Message:
    state: State
    expires_at: datetime = NOW + timedelta(seconds=900)
    not_before: datetime = NOW
    lease_until: datetime | None = NOW + timedelta(seconds=30)
    resends: int = 0


def test_only_a_spoken_refusal_leads_from_writing_back_to_the_queue() -> None:
    ways = [step for step, moves in MOVES.items() if moves.get(State.WRITING) is State.QUEUED]
    assert ways == [Step.RETRY]


def test_an_expired_lease_frees_a_claim_and_puts_a_write_in_doubt() -> None:
    late = NOW + timedelta(seconds=30)
    claimed = on_time(Message(State.CLAIMED), late)
    writing = on_time(Message(State.WRITING), late)
    assert (claimed, writing) == (Step.RELEASE, Step.LOSE)
    assert after(State.CLAIMED, Step.RELEASE) is State.QUEUED
    assert after(State.WRITING, Step.LOSE) is State.UNKNOWN


def test_an_unknown_outcome_is_repeated_once_and_then_left() -> None:
    assert on_time(Message(State.UNKNOWN, resends=0), NOW) is Step.RESEND
    assert on_time(Message(State.UNKNOWN, resends=1), NOW) is None
    assert timer(Message(State.UNKNOWN, resends=1), NOW) is None


def test_what_expired_while_in_doubt_is_not_repeated() -> None:
    message = Message(State.UNKNOWN, expires_at=NOW)
    assert on_time(message, NOW) is Step.EXPIRE


def test_a_step_that_cannot_be_is_refused_in_one_sentence() -> None:
    with pytest.raises(Conflict, match="expected a text that is claimed to be begun, got one that is sent"):
        after(State.SENT, Step.BEGIN)


moments = st.integers(-1000, 1000).map(lambda s: NOW + timedelta(seconds=s))


@given(st.builds(Message, st.sampled_from(State), moments, moments, moments, st.integers(0, 2)), moments)
def test_time_only_does_what_the_table_allows_and_a_timer_that_fires_too_early_does_nothing(
    message: Message, now: datetime
) -> None:
    step = on_time(message, now)
    at = timer(message, now)
    if step is not None:
        assert message.state in MOVES[step]
        assert at is not None
        assert at <= now
    elif at is not None:
        assert at > now or message.state is State.QUEUED
    if message.state in ENDS:
        assert (step, at) == (None, None)
