"""Every answer of a technician is acted upon once and answered; strangers get silence."""

from fleet.escalation.models import OfferState
from tests.fleet.escalation.desk import ANSWER_S, Desk


async def test_a_yes_is_recorded_with_who_said_what(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    code = desk.code("ana")
    assert await desk.reply("ana", f" {code}a. ") == ["ana: Ticket 1 is yours: vm-01: warm 6.2 > 5."]
    (entry,) = desk.entries("ticket.accepted")
    assert (entry.role, entry.actor, entry.way, entry.subject) == ("technician", "ana", "sms", "ticket 1")
    assert entry.facts == {"technician": "ana", "reply": f"{code}a."}


async def test_a_yes_said_twice_is_confirmed_twice_and_done_once(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    answer = f"{desk.code('ana')}A"
    await desk.reply("ana", answer)
    (said,) = await desk.reply("ana", answer)
    assert "yours already" in said
    assert len(desk.entries("ticket.accepted")) == 1


async def test_a_bare_answer_counts_for_the_only_pending_offer(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    await desk.reply("ana", "1")
    assert desk.holder() == "ana"


async def test_a_bare_no_passes_on(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    said = await desk.reply("ana", "e")
    assert [text.split(":")[0] for text in said] == ["ben", "ana"], "the offer goes before the confirmation"
    assert desk.states() == [OfferState.REFUSED, OfferState.PENDING]


async def test_a_bare_answer_to_two_offers_is_asked_back(desk: Desk) -> None:
    policy = desk.policy("ana")
    await desk.open(policy, 1)
    await desk.open(policy, 2)
    await desk.carry()
    (said,) = await desk.reply("ana", "A")
    assert said == f"ana: You have 2 offers open. Reply with the code of the one you mean, such as {desk.code('ana')}A."
    assert (desk.holder(1), desk.holder(2)) == (None, None)


async def test_a_no_after_the_time_is_over_is_told_so(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    await desk.pass_time(ANSWER_S)
    await desk.carry()
    (said,) = await desk.reply("ana", f"{desk.code('ana')}E")
    assert "passed on before" in said
    assert desk.states() == [OfferState.TIMED_OUT, OfferState.PENDING]


async def test_who_has_accepted_cannot_refuse_by_text(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    await desk.reply("ana", f"{desk.code('ana')}A")
    (said,) = await desk.reply("ana", f"{desk.code('ana')}E")
    assert "Call your dispatcher" in said
    assert desk.holder() == "ana"


async def test_the_code_of_somebody_else_is_no_code(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    (said,) = await desk.reply("ben", f"{desk.code('ana')}A")
    assert "is no offer of yours" in said
    assert desk.holder() is None


async def test_strangers_get_silence(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    for sender in ("+12025550199", "OPERATOR"):
        desk.text_from(sender, "41A")
    await desk.settle()
    assert desk.queued() == []
    assert [facts["why"] for facts in desk.facts("reply.unknown")] == ["unknown sender"] * 2


async def test_a_sender_without_its_plus_is_known(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    desk.text_from("12025550101", f"{desk.code('ana')}A")
    await desk.settle()
    assert desk.holder() == "ana"


async def test_words_of_the_carriers_get_silence(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    for word in ("STOP", "yes", "Cancel"):
        assert await desk.reply("ana", word) == []
    assert desk.states() == [OfferState.PENDING]
    assert len(desk.entries("reply.unknown")) == 3


async def test_what_nobody_understands_is_answered_five_times_an_hour(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    answers = [len(await desk.reply("ana", "where are the keys?")) for _ in range(7)]
    assert answers == [1, 1, 1, 1, 1, 0, 0]
    await desk.reply("ana", f"{desk.code('ana')}A")
    assert desk.holder() == "ana", "an answer that can be acted upon always is"


async def test_a_yes_repeated_for_ever_is_not_answered_for_ever(desk: Desk) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    answer = f"{desk.code('ana')}A"
    await desk.reply("ana", answer)
    answers = [len(await desk.reply("ana", answer)) for _ in range(22)]
    assert answers == [1] * 20 + [0] * 2


async def test_of_two_yeses_in_one_batch_exactly_one_wins(desk: Desk) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    await desk.pass_time(ANSWER_S)
    await desk.carry()
    desk.text("ben", f"{desk.code('ben')}A")
    desk.text("ana", f"{desk.code('ana')}A")
    await desk.settle()
    said = await desk.carry()
    assert desk.holder() == "ben"
    assert "ben: Ticket 1 is yours: vm-01: warm 6.2 > 5." in said
    assert "ana: Ticket 1, vm-01: ben has it. No need to go." in said
    assert desk.facts("reply.late")[0]["told"] == "ben"
