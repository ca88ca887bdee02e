"""Offers follow the policy, the texts and the clock."""

import pytest
from prometheus_client import generate_latest
from sqlmodel import Session

from fleet.escalation import counting
from fleet.escalation.models import OfferState
from fleet.messages.parts import Outcome
from tests.fleet.escalation.desk import ANSWER_S, Desk


async def test_the_deadline_starts_when_the_text_has_left(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.pass_time(800)
    assert [offer.deadline for offer in desk.offers()] == [None]

    (text,) = await desk.carry()
    assert text.startswith("ana: vm-01: warm 6.2 > 5. Ticket 1. Reply ")
    await desk.pass_time(ANSWER_S - 1)
    assert desk.states() == [OfferState.PENDING]
    await desk.pass_time(1)
    assert desk.states() == [OfferState.TIMED_OUT, OfferState.PENDING]
    assert desk.facts("offer.timed_out")[0]["technician"] == "ana"


async def test_while_a_text_is_in_doubt_nobody_else_is_asked(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry(Outcome.UNKNOWN, "the line is gone")
    await desk.pass_time(60)
    assert desk.states() == [OfferState.PENDING]

    await desk.carry(Outcome.UNKNOWN, "the line is gone")
    assert desk.offers()[0].deadline is not None, "in doubt twice: she may have it, so her time runs"
    await desk.pass_time(ANSWER_S)
    assert desk.states() == [OfferState.TIMED_OUT, OfferState.PENDING]


async def test_a_text_that_cannot_be_sent_moves_on_at_once_and_says_why(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry(Outcome.REFUSED, "+CMS ERROR: 8")
    assert desk.states()[0] is OfferState.CANCELED
    assert desk.facts("offer.canceled")[0] == {
        "technician": "ana",
        "code": desk.code("ana"),
        "why": "+CMS ERROR: 8",
    }


async def test_an_expired_text_moves_on_and_a_late_yes_still_wins(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry(Outcome.UNKNOWN, "the line is gone")
    await desk.pass_time(900)
    assert desk.states() == [OfferState.CANCELED, OfferState.PENDING]

    await desk.reply("ana", f"{desk.code('ana')}A")
    assert desk.holder() == "ana"
    assert desk.states() == [OfferState.ACCEPTED, OfferState.RESCINDED]


async def test_an_inactive_technician_is_passed_over_at_once(desk: Desk) -> None:
    desk.deactivate("ana")
    await desk.open(desk.policy("ana", "ben"))
    assert desk.facts("offer.skipped") == [{"technician": "ana", "why": "inactive"}]
    assert [offer.phone for offer in desk.offers()] == ["+12025550102"]


async def test_nobody_left_to_ask_exhausts_the_ticket(desk: Desk) -> None:
    desk.deactivate("ana")
    await desk.open(desk.policy("ana"))
    assert [entry.verb for entry in desk.entries()][-2:] == ["offer.skipped", "ticket.exhausted"]


async def test_codes_are_unique_on_a_phone_across_tickets(desk: Desk) -> None:
    policy = desk.policy("ana")
    for number in range(1, 6):
        await desk.open(policy, number)
    codes = [desk.code("ana", number) for number in range(1, 6)]
    assert len(set(codes)) == 5
    assert all(10 <= code <= 99 for code in codes)


async def test_a_code_comes_back_only_after_its_rest(desk: Desk) -> None:
    policy = desk.policy("ana")
    await desk.open(policy, 1)
    await desk.pass_time(29 * 86400)
    await desk.open(policy, 2)
    await desk.pass_time(86400)
    await desk.open(policy, 3)
    first, second, third = (desk.code("ana", number) for number in (1, 2, 3))
    assert first != second
    assert third == first


async def test_events_seen_twice_change_nothing(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    before = desk.offers()
    await desk.settle()
    assert [offer.model_dump() for offer in desk.offers()] == [offer.model_dump() for offer in before]


async def test_offers_and_replies_are_counted_as_they_are_committed(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben", "eve"))
    await desk.carry()
    desk.text_from("+12025550199", "41A")
    await desk.reply("ana", f"{desk.code('ana')}E")
    await desk.pass_time(ANSWER_S)
    await desk.carry()
    await desk.reply("eve", f"{desk.code('eve')}A")

    shown = generate_latest(desk.context.metrics.registry).decode()
    for state in ("refused", "timed_out", "accepted"):
        assert f'fleet_offers_total{{state="{state}"}} 1.0' in shown
    assert 'fleet_replies_total{kind="answer"} 2.0' in shown
    assert 'fleet_replies_total{kind="stranger"} 1.0' in shown


async def test_what_is_rolled_back_is_not_counted(desk: Desk) -> None:
    def work(tx: Session) -> None:
        counting.count(tx, desk.context.metrics)
        counting.note(tx, counting.OFFER, OfferState.ACCEPTED)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.write(work)
    assert b"fleet_offers_total{" not in generate_latest(desk.context.metrics.registry)
