"""Texts are claimed, written and settled: at most one repeat, never a loss, never a text in the wrong hands."""

import asyncio

from sqlmodel import col, select

from fleet.ids import uuid7
from fleet.messages import carrying, parts
from fleet.messages.carrying import Carrier, Patience
from fleet.messages.limits import Priority
from fleet.messages.models import Attempt, MessageState
from fleet.messages.parts import Part
from modem_drivers import pdu
from tests.fleet.messages.post import BUSY, LEASE, MODEM, OTHER_MODEM, REFUSED, SENT, SETTLE, UNKNOWN, Post


def loaded(attempt: Attempt) -> list[Part]:
    return parts.load(attempt.parts)


async def test_sent_is_told_once(post: Post) -> None:
    post.put()
    assert post.carry(SENT).state is MessageState.SENT
    assert post.events() == ["text.sent"]
    assert post.verbs() == ["text.sent"]
    assert post.claim() is None


async def test_the_attempt_is_on_record_before_its_outcome(post: Post) -> None:
    post.put("hello")
    attempt = post.begin()
    assert post.state() is MessageState.WRITING
    (part,) = loaded(attempt)
    assert pdu.decode_submit(part.hex).text == "hello"
    assert (attempt.modem, part.reference, attempt.ended_at) == (MODEM, 0, None)


async def test_references_count_up_per_modem(post: Post) -> None:
    for number in range(3):
        post.put("x" * 200, reference=f"offer:{number}")
    first, second = loaded(post.begin()), loaded(post.begin())
    elsewhere = loaded(post.begin(OTHER_MODEM))
    assert [part.reference for part in first + second] == [0, 1, 2, 3]
    assert [part.reference for part in elsewhere] == [0, 1]


async def test_offers_go_before_notices_and_the_older_before_the_newer(post: Post) -> None:
    post.put(reference="reply:1", priority=Priority.PASSIVE)
    post.put(reference="reply:2", priority=Priority.NOTICE)
    post.put(reference="offer:3")
    post.clock.advance(1)
    post.put(reference="offer:4")
    claimed = [post.claim() for _ in range(4)]
    assert [m.reference for m in claimed if m] == ["offer:3", "offer:4", "reply:2", "reply:1"]


async def test_two_gateways_never_claim_the_same_text(post: Post) -> None:
    for number in range(10):
        post.put(reference=f"offer:{number}")
    carriers = [Carrier(uuid7(), MODEM), Carrier(uuid7(), OTHER_MODEM)] * 8
    claims = [
        post.database.write(
            lambda tx, who=who: carrying.claim(tx, post.clock.now(), post.account_id, who, Patience(LEASE, SETTLE))  # type: ignore[misc]
        )
        for who in carriers
    ]
    claimed = [message.reference for message in await asyncio.gather(*claims) if message is not None]
    assert sorted(claimed) == [f"offer:{number}" for number in range(10)]


async def test_a_lease_that_ends_before_writing_frees_the_text(post: Post) -> None:
    post.put()
    post.claim()
    await post.pass_time(30)
    assert post.state() is MessageState.QUEUED
    assert post.claim(OTHER_MODEM) is not None


async def test_a_lease_that_ends_while_writing_puts_it_in_doubt_never_back(post: Post) -> None:
    post.put()
    attempt = post.begin()
    await post.pass_time(30)
    assert post.state() is MessageState.UNKNOWN
    assert post.claim() is None

    await post.pass_time(60)
    again = post.begin()
    (first,), (second,) = loaded(attempt), loaded(again)
    assert second.reference == first.reference
    assert pdu.decode_submit(second.hex).reject_duplicates
    assert pdu.decode_submit(second.hex).text == "hello"
    assert post.events() == []


async def test_a_renewed_lease_holds(post: Post) -> None:
    message = post.put()
    post.begin()
    carrier = Carrier(post.gateway_id, MODEM)
    until = post.clock.now() + 2 * LEASE
    assert post.write(lambda tx: carrying.renew(tx, message.id, carrier, until))
    await post.pass_time(59)
    assert post.state() is MessageState.WRITING
    await post.pass_time(1)
    assert post.state() is MessageState.UNKNOWN
    assert not post.write(lambda tx: carrying.renew(tx, message.id, carrier, until))


async def test_an_outcome_after_the_lease_still_counts_as_proof(post: Post) -> None:
    post.put()
    attempt = post.begin()
    await post.pass_time(30)
    assert post.end(attempt, SENT).state is MessageState.SENT
    assert post.events() == ["text.sent"]
    await post.pass_time(600)
    assert post.claim() is None


async def test_unknown_twice_counts_as_sent_and_is_left_alone(post: Post) -> None:
    post.put()
    post.carry(UNKNOWN)
    assert post.events() == []
    await post.pass_time(60)
    assert post.carry(UNKNOWN).state is MessageState.UNKNOWN
    assert post.events() == ["text.sent"]
    await post.pass_time(86400)
    assert (post.state(), post.claim()) == (MessageState.UNKNOWN, None)
    assert post.verbs() == ["text.unknown", "text.resent", "text.unknown"]


async def test_only_the_parts_in_doubt_are_sent_again(post: Post) -> None:
    post.put("x" * 400)
    post.carry(SENT, UNKNOWN)
    await post.pass_time(60)
    again = loaded(post.begin())
    assert [(part.part, part.reference, part.resend) for part in again] == [(2, 1, True), (3, 2, False)]


async def test_a_resend_waits_for_its_modem_and_then_goes_whole_through_another(post: Post) -> None:
    post.put("x" * 200)
    post.carry(SENT, UNKNOWN)
    await post.pass_time(60)
    assert post.claim(OTHER_MODEM) is None
    await post.pass_time(60)
    again = loaded(post.begin(OTHER_MODEM))
    assert [part.part for part in again] == [1, 2]
    assert not any(part.resend for part in again)


async def test_a_refusal_that_may_pass_backs_off_and_any_modem_may_try(post: Post) -> None:
    post.put()
    assert post.carry(BUSY).state is MessageState.QUEUED
    assert post.claim(OTHER_MODEM) is None
    await post.pass_time(5)
    assert post.carry(SENT, modem=OTHER_MODEM).state is MessageState.SENT
    assert post.events() == ["text.sent"]


async def test_refusals_that_go_on_end_in_expiry(post: Post) -> None:
    post.put(expires_s=20)
    post.carry(BUSY)
    await post.pass_time(5)
    post.carry(BUSY)
    await post.pass_time(15)
    assert post.state() is MessageState.EXPIRED
    assert post.events() == ["text.failed"]


async def test_a_permanent_refusal_is_told_at_once(post: Post) -> None:
    post.put()
    assert post.carry(REFUSED).state is MessageState.REFUSED
    assert post.events() == ["text.failed"]
    assert post.verbs() == ["text.refused"]


async def test_a_text_that_cannot_be_put_into_pdus_is_refused_and_the_next_one_goes(post: Post) -> None:
    post.put("x" * 60_000)
    message = post.claim()
    assert message is not None
    carrier = Carrier(post.gateway_id, MODEM)
    begun = post.write(
        lambda tx: carrying.begin_attempt(
            tx, post.actor, post.clock.now(), tx.get_one(type(message), message.id), carrier
        )
    )
    assert (begun, post.state()) == (None, MessageState.REFUSED)


async def test_a_service_that_restarts_settles_what_was_under_way(post: Post) -> None:
    post.put(reference="offer:1")
    post.put(reference="offer:2")
    post.begin()
    post.claim()
    assert post.write(lambda tx: carrying.bury(tx, post.clock.now(), post.account_id)) == 2
    await post.pass_time(0)
    assert (post.state("offer:1"), post.state("offer:2")) == (MessageState.UNKNOWN, MessageState.QUEUED)


async def test_where_gateways_share_a_database_each_settles_its_own(post: Post) -> None:
    post.put()
    post.begin()
    assert post.write(lambda tx: carrying.bury(tx, post.clock.now(), post.account_id, uuid7())) == 0
    assert post.write(lambda tx: carrying.bury(tx, post.clock.now(), post.account_id, post.gateway_id)) == 1


async def test_attempts_are_kept_in_order(post: Post) -> None:
    post.put()
    post.carry(BUSY)
    await post.pass_time(5)
    post.carry(SENT)
    rows = post.write(lambda tx: list(tx.exec(select(Attempt).order_by(col(Attempt.number)))))
    assert [(row.number, row.outcome) for row in rows] == [(1, "refused"), (2, "sent")]
