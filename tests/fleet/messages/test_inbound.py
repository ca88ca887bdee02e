"""What a modem hands over is stored once, whatever it repeats, loses or brings out of order."""

import itertools

import pytest
from sqlmodel import select

from fleet.messages.models import InboundText, MessageState
from modem_drivers import pdu
from tests.fleet.messages.post import MODEM, OTHER_MODEM, REFUSED, SENT, UNKNOWN, Post

FROM = "+15550102"


async def test_a_text_read_twice_is_one(post: Post) -> None:
    (found,) = pdu.encode_deliver(FROM, "41A", post.clock.now())
    first = post.receive(found)
    assert first is not None
    assert (first.sender, first.body) == (FROM, "41A")
    assert post.receive(found) is None
    assert (post.events(), post.verbs()) == (["text.received"], ["text.received"])


async def test_the_same_words_later_are_another_text(post: Post) -> None:
    post.receive(*pdu.encode_deliver(FROM, "41A", post.clock.now()))
    post.clock.advance(1)
    assert post.receive(*pdu.encode_deliver(FROM, "41A", post.clock.now())) is not None


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_parts_are_joined_in_whatever_order_they_come_each_perhaps_twice(
    post: Post, order: tuple[int, ...]
) -> None:
    body = "the door is open " * 25
    parts = pdu.encode_deliver(FROM, body, post.clock.now(), concat_reference=7)
    assert len(parts) == 3
    for number in order[:2]:
        assert post.receive(parts[number]) is None
        assert post.receive(parts[number]) is None
    whole = post.receive(parts[order[2]])
    assert whole is not None
    assert whole.body == body
    assert [post.receive(part) for part in parts] == [None, None, None]
    assert post.events() == ["text.received"]


async def test_an_emoji_cut_in_two_by_the_sender_is_whole_again(post: Post) -> None:
    body = "x" * 66 + "😀" + "y" * 30
    parts = pdu.encode_deliver(FROM, body, post.clock.now(), concat_reference=1)
    received = [post.receive(part) for part in parts]
    assert [text.body for text in received if text is not None] == [body]


async def test_a_report_is_late_twice_or_about_nothing_and_does_no_harm(post: Post) -> None:
    post.put()
    post.carry(SENT)
    assert post.report(9) is None
    assert post.report(0, modem=OTHER_MODEM) is None
    assert post.report(0, to="+15550999") is None
    for _ in range(2):
        message = post.report(0)
        assert message is not None
        assert message.delivered_at is not None
    assert post.events() == ["text.sent", "text.delivered"]


async def test_a_report_settles_what_was_in_doubt_and_nothing_is_repeated(post: Post) -> None:
    post.put()
    post.carry(UNKNOWN)
    assert post.report(0) is not None
    assert post.state() is MessageState.SENT
    await post.pass_time(3600)
    assert post.claim() is None
    assert post.events() == ["text.sent", "text.delivered"]


async def test_a_report_stops_a_resend_that_is_already_queued(post: Post) -> None:
    post.put()
    post.carry(UNKNOWN)
    await post.pass_time(60)
    assert post.state() is MessageState.QUEUED
    post.report(0)
    assert (post.state(), post.claim()) == (MessageState.SENT, None)


async def test_a_centre_that_still_tries_has_the_text(post: Post) -> None:
    post.put()
    post.carry(UNKNOWN)
    post.report(0, status=0x30)
    assert post.state() is MessageState.SENT
    assert post.events() == ["text.sent"]


async def test_every_part_must_be_known_to_have_left(post: Post) -> None:
    post.put("x" * 200)
    post.carry(UNKNOWN)
    post.report(0)
    assert post.state() is MessageState.UNKNOWN
    post.report(1)
    assert post.state() is MessageState.SENT


async def test_what_the_network_could_not_deliver_has_failed(post: Post) -> None:
    post.put()
    post.carry(SENT)
    post.report(0, status=0x46)
    assert post.state() is MessageState.REFUSED
    assert post.events() == ["text.sent", "text.failed"]


async def test_a_report_that_overtakes_the_outcome_is_kept(post: Post) -> None:
    post.put()
    attempt = post.begin()
    post.report(0)
    assert post.state() is MessageState.WRITING
    assert post.end(attempt, UNKNOWN).state is MessageState.SENT
    assert post.events() == ["text.sent", "text.delivered"]


async def test_a_report_names_the_newest_text_that_had_its_reference(post: Post) -> None:
    for number in range(257):  # TP-MR is one octet: it comes round
        post.put(reference=f"offer:{number}")
        post.carry(SENT)
        post.clock.advance(1)
    message = post.report(0)
    assert message is not None
    assert message.reference == "offer:256"


async def test_a_report_in_national_form_is_understood(post: Post) -> None:
    post.put()
    post.carry(UNKNOWN)
    post.report(0, to="05550101")
    assert post.state() is MessageState.SENT


async def test_a_binary_message_is_kept_as_hex(post: Post) -> None:
    found = "00040B915155550120F20004" + "62101000000000" + "03010203"
    text = post.receive(found)
    assert text is not None
    assert text.body == "0x010203"
    rows = post.write(lambda tx: list(tx.exec(select(InboundText))))
    assert (len(rows), rows[0].modem) == (1, MODEM)


async def test_a_nul_in_a_text_is_stored_on_every_database(post: Post) -> None:
    (found,) = pdu.encode_deliver(FROM, "41A\0now", post.clock.now())
    text = post.receive(found)
    assert text is not None
    assert text.body == "41A\ufffdnow"
    for part in pdu.encode_deliver(FROM, "\0" * 100, post.clock.now(), concat_reference=3):
        text = post.receive(part)
    assert text is not None
    assert text.body == "\ufffd" * 100


async def test_a_silent_message_is_dropped_unseen(post: Post) -> None:
    (found,) = pdu.encode_deliver(FROM, "are you there", post.clock.now(), silent=True)
    assert post.receive(found) is None
    assert post.write(lambda tx: list(tx.exec(select(InboundText)))) == []


async def test_a_refused_text_is_not_revived_by_a_report(post: Post) -> None:
    post.put()
    post.carry(REFUSED)
    post.report(0)
    assert post.state() is MessageState.REFUSED
