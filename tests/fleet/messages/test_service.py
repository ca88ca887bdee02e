"""Putting in and taking out."""

from datetime import timedelta

from fleet.messages import service
from fleet.messages.limits import LIMITS, Priority, allowed
from fleet.messages.models import MessageState
from tests.fleet.messages.post import BUSY, SENT, TO, UNKNOWN, Post


async def test_the_same_reference_is_queued_once(post: Post) -> None:
    first = post.put("one")
    assert post.put("two").id == first.id
    assert post.message().body == "one"


async def test_a_text_nobody_took_expires_and_says_so(post: Post) -> None:
    post.put(expires_s=900)
    await post.pass_time(899)
    assert post.state() is MessageState.QUEUED
    await post.pass_time(1)
    assert post.state() is MessageState.EXPIRED
    assert (post.events(), post.verbs()) == (["text.failed"], ["text.expired"])


async def test_what_has_not_left_can_be_taken_back_without_a_word_to_anybody(post: Post) -> None:
    post.put()
    assert post.write(lambda tx: service.withdraw(tx, post.actor, post.clock.now(), "offer:1"))
    assert post.state() is MessageState.EXPIRED
    assert post.events() == []


async def test_what_may_have_left_cannot_be_taken_back(post: Post) -> None:
    def withdraw(reference: str) -> bool:
        return post.write(lambda tx: service.withdraw(tx, post.actor, post.clock.now(), reference))

    post.put(reference="offer:1")
    post.carry(SENT)
    post.put(reference="offer:2")
    post.carry(UNKNOWN)
    await post.pass_time(60)  # queued again, for its resend
    post.put(reference="offer:3")
    assert post.state("offer:2") is MessageState.QUEUED
    assert [withdraw(f"offer:{number}") for number in (1, 2, 3, 4)] == [False, False, True, False]


async def test_what_was_surely_refused_can_be_taken_back(post: Post) -> None:
    post.put()
    post.carry(BUSY)
    assert post.write(lambda tx: service.withdraw(tx, post.actor, post.clock.now(), "offer:1"))


async def test_passive_answers_are_limited_per_number_and_hour(post: Post) -> None:
    def may(priority: Priority, to: str = TO) -> bool:
        return post.write(lambda tx: allowed(tx, post.account_id, to, priority, post.clock.now()))

    for number in range(LIMITS[Priority.PASSIVE].texts):
        assert may(Priority.PASSIVE)
        post.put(reference=f"reply:{number}", priority=Priority.PASSIVE)
    assert not may(Priority.PASSIVE)
    assert may(Priority.NOTICE)
    assert may(Priority.PASSIVE, "+15550199")
    post.clock.advance(timedelta(hours=1))
    assert may(Priority.PASSIVE)
