"""Policies, and the operator's own decision."""

import asyncio

import pytest
from sqlmodel import select

from fleet.errors import Conflict, Invalid, NotFound
from fleet.escalation import service
from fleet.escalation.models import OfferState, PolicyCreate, StepCreate
from fleet.messages.models import MessageState, TextMessage
from fleet.oncall import service as oncall
from fleet.tickets import service as tickets
from tests.fleet.escalation.desk import ANSWER_S, Desk


def wanted(name: str = "night", rounds: int = 1, **timeouts: int) -> PolicyCreate:
    steps = [StepCreate(technician=who, timeout_s=seconds) for who, seconds in timeouts.items()]
    return PolicyCreate(name=name, rounds=rounds, steps=steps)


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (wanted(), "expected 1 to 20 steps, got 0"),
        (wanted(ana=0), "expected 1 to 604800 seconds to answer, got 0"),
        (wanted(rounds=0, ana=60), "expected 1 to 9 rounds, got 0"),
        (wanted(name="day/night", ana=60), "expected a policy name"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(desk: Desk, policy: PolicyCreate, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        desk.write(lambda tx: service.add_policy(tx, desk.operator, desk.clock.now(), policy))


def test_a_policy_names_known_people_and_has_a_name_of_its_own(desk: Desk) -> None:
    with pytest.raises(NotFound, match="got 'zoe'"):
        desk.policy("ana", "zoe")
    desk.policy("ana")
    with pytest.raises(Conflict, match="got 'standard', which exists"):
        desk.policy("ben")


async def test_the_operator_gives_a_ticket_away_and_the_text_that_waits_is_taken_back(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    desk.accept("eve")
    assert desk.holder() == "eve"
    assert desk.states() == [OfferState.RESCINDED]
    assert await desk.carry() == ["eve: Ticket 1 was given to you: vm-01: warm 6.2 > 5."]


async def test_whoever_may_have_the_text_is_told(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    desk.accept("eve")
    assert "ana: Ticket 1, vm-01: taken by eve. No need to go." in await desk.carry()
    (entry,) = desk.entries("offer.rescinded")
    assert entry.facts == {"technician": "ana", "code": desk.code("ana"), "holder": "eve"}


async def test_given_to_the_one_who_is_asked_the_offer_is_accepted(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    desk.accept("ana")
    assert desk.states() == [OfferState.ACCEPTED]
    await desk.pass_time(ANSWER_S)
    assert desk.states() == [OfferState.ACCEPTED]


async def test_a_ticket_is_given_away_once(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    desk.accept("eve")
    with pytest.raises(Conflict, match="expected ticket 1 to be one of"):
        desk.accept("ben")


async def test_of_many_decisions_at_once_one_holds(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben", "eve"))

    async def accept(name: str) -> bool:
        try:
            await desk.database.write(
                lambda tx: service.accept(
                    tx,
                    desk.operator,
                    desk.clock.now(),
                    tickets.get(tx, desk.account_id, 1),
                    oncall.get(tx, desk.account_id, name),
                )
            )
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(accept(name) for name in ("ana", "ben", "eve") * 4))
    assert sum(won) == 1
    assert len(desk.entries("ticket.accepted")) == 1


async def test_a_resolved_ticket_tells_who_had_it_and_who_was_asked(desk: Desk) -> None:
    policy = desk.policy("ana")
    await desk.open(policy, 1)
    await desk.open(policy, 2)
    await desk.carry()
    await desk.reply("ana", f"{desk.code('ana', 1)}A")

    for number in (1, 2):
        desk.write(
            lambda tx, number=number: tickets.resolve(  # type: ignore[misc]
                tx, desk.operator, desk.clock.now(), tickets.get(tx, desk.account_id, number), {}
            )
        )
    await desk.settle()
    said = await desk.carry()
    assert said == [f"ana: Ticket {number}, vm-0{number}: resolved. No need to go." for number in (1, 2)]
    assert desk.states(2) == [OfferState.CANCELED]


async def test_no_text_is_left_behind(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    desk.accept("eve")
    await desk.carry()
    texts = desk.write(lambda tx: list(tx.exec(select(TextMessage))))
    assert {text.state for text in texts} == {MessageState.SENT, MessageState.EXPIRED}
