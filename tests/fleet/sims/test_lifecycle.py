"""The life of a SIM as a table: what is wanted and what is, to what to do next."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.sims import lifecycle
from fleet.sims.lifecycle import CHANGES, IMPOSED, Act, Facts
from fleet.sims.models import Desired, Effective, Reason
from fleet.sims.providers.base import Word

facts = st.builds(
    Facts,
    desired=st.sampled_from(Desired),
    effective=st.sampled_from(Effective),
    reason=st.sampled_from(Reason),
    claimed=st.booleans(),
    asking=st.sampled_from(["", *CHANGES]),
    told=st.booleans(),
    refused=st.booleans(),
)


@pytest.mark.parametrize(
    ("known", "act"),
    [
        (Facts(Desired.INVENTORY), Act.REST),
        (Facts(Desired.ACTIVE), Act.CLAIM),
        (Facts(Desired.SUSPENDED), Act.REST),
        (Facts(Desired.ACTIVE, claimed=True), Act.ACTIVATE),
        (Facts(Desired.ACTIVE, Effective.PENDING, claimed=True), Act.WATCH),
        (Facts(Desired.ACTIVE, Effective.ACTIVE, claimed=True), Act.REST),
        (Facts(Desired.ACTIVE, Effective.SUSPENDED, Reason.USER, claimed=True), Act.ACTIVATE),
        (Facts(Desired.ACTIVE, Effective.SUSPENDED, Reason.QUOTA, claimed=True), Act.WATCH),
        (Facts(Desired.ACTIVE, Effective.RETIRED, Reason.PROVIDER, claimed=True), Act.REST),
        (Facts(Desired.SUSPENDED, Effective.PENDING, claimed=True), Act.WATCH),
        (Facts(Desired.SUSPENDED, Effective.ACTIVE, claimed=True), Act.SUSPEND),
        (Facts(Desired.SUSPENDED, Effective.SUSPENDED, Reason.QUOTA, claimed=True), Act.REST),
        (Facts(Desired.ACTIVE, asking="claim"), Act.READ),
        (Facts(Desired.ACTIVE, Effective.ACTIVE, claimed=True, told=True), Act.READ),
        (Facts(Desired.ACTIVE, refused=True), Act.REST),
        (Facts(Desired.ACTIVE, refused=True, told=True), Act.READ),
    ],
)
def test_the_table(known: Facts, act: Act) -> None:
    assert lifecycle.next_act(known) is act


@given(facts)
def test_while_an_outcome_is_open_nothing_is_asked_for(known: Facts) -> None:
    assert lifecycle.next_act(replace(known, asking="claim")) is Act.READ


@given(facts)
def test_a_sim_is_claimed_only_once_and_changed_only_when_it_is_ours(known: Facts) -> None:
    act = lifecycle.next_act(known)
    assert not (act is Act.CLAIM and known.claimed)
    assert known.claimed or act not in (Act.ACTIVATE, Act.SUSPEND)


@given(facts, st.data())
def test_a_provider_that_obeys_brings_every_sim_to_rest(known: Facts, data: st.DataObject) -> None:
    """Reading shows the truth, acts take effect, with answers lost at any point: few steps lead to rest."""
    if known.reason in IMPOSED or known.effective is Effective.RETIRED:
        known = replace(known, reason=Reason.NONE, effective=Effective.INVENTORY)
    claimed, state = known.claimed, known.effective if known.claimed else Effective.INVENTORY
    for _ in range(20):
        act = lifecycle.next_act(known)
        if act is Act.REST:
            break
        if act is Act.CLAIM:
            claimed, state = True, Effective.INVENTORY
        elif act is Act.ACTIVATE:
            state = Effective.PENDING
        elif act is Act.SUSPEND:
            state = Effective.SUSPENDED
        elif act is Act.WATCH:
            state = Effective.ACTIVE
        if act in CHANGES and data.draw(st.booleans(), label="answer lost"):
            known = replace(known, asking=act.value)
            continue
        word = Word(state) if claimed else None
        known = replace(
            known, claimed=claimed, effective=state, asking="", told=False,
            reason=lifecycle.reason(known.desired, word),
        )  # fmt: skip
    else:
        raise AssertionError(f"never came to rest: {known}")
    if known.desired is Desired.ACTIVE and not known.refused:
        assert known.effective is Effective.ACTIVE


@pytest.mark.parametrize(
    ("desired", "word", "reason"),
    [
        (Desired.ACTIVE, None, Reason.PENDING),
        (Desired.ACTIVE, Word(Effective.PENDING), Reason.PENDING),
        (Desired.ACTIVE, Word(Effective.ACTIVE), Reason.NONE),
        (Desired.ACTIVE, Word(Effective.SUSPENDED, Reason.IMEI), Reason.IMEI),
        (Desired.SUSPENDED, Word(Effective.SUSPENDED, Reason.USER), Reason.USER),
        (Desired.SUSPENDED, Word(Effective.ACTIVE), Reason.PENDING),
        (Desired.INVENTORY, None, Reason.NONE),
        (Desired.INVENTORY, Word(Effective.ACTIVE), Reason.NONE),
        (Desired.ACTIVE, Word(Effective.RETIRED), Reason.PROVIDER),
    ],
)
def test_why_the_state_is_not_what_was_asked_for(desired: Desired, word: Word | None, reason: Reason) -> None:
    assert lifecycle.reason(desired, word) is reason
