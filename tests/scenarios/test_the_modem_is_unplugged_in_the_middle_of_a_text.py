"""The modem vanishes in the middle of AT+CMGS and comes back: the person gets the offer, and nobody else is asked."""

import re

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.messages.models import MessageState
from tests.scenarios.harness import ANSWER_S, Bench, running

SETTLE_S = 60


async def accepted_by_ana(bench: Bench) -> None:
    """Ana answers the offer she has got, and nobody else was ever asked."""
    ticket = bench.phone("ana").inbox[-1].text
    code = re.findall(r"Reply (\d+)A", ticket)[0]
    bench.reply("ana", f"{code}A")
    await bench.told("ana", "is yours")
    assert bench.phone("ben").inbox == []
    assert len(await bench.entries("ticket.offered")) == 1


async def test_lost_with_the_modem_it_is_sent_again_once_with_the_same_code(
    database: Database, clock: ManualClock
) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        bench.modem.modem.faults.hang_up_after_pdu(accepted=False)
        await bench.breaks()
        await bench.text(MessageState.UNKNOWN)
        bench.modem.plug()

        clock.advance(SETTLE_S)

        await bench.offered("ana")
        await bench.text(MessageState.SENT, attempts=2)
        assert len(bench.phone("ana").inbox) == 1
        assert len(await bench.entries("text.resent")) == 1
        await accepted_by_ana(bench)


async def test_what_the_network_had_is_known_to_be_sent_by_its_refusal_of_the_duplicate(
    database: Database, clock: ManualClock
) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        bench.modem.modem.faults.hang_up_after_pdu(accepted=True)
        await bench.breaks()
        await bench.offered("ana")
        await bench.text(MessageState.UNKNOWN)
        bench.modem.plug()

        clock.advance(SETTLE_S)

        await bench.text(MessageState.SENT, attempts=2)
        assert len(bench.phone("ana").inbox) == 1
        await accepted_by_ana(bench)


async def test_a_centre_that_takes_duplicates_leaves_two_identical_texts(
    database: Database, clock: ManualClock
) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        bench.network.centre.rejects_duplicates = False
        bench.modem.modem.faults.hang_up_after_pdu(accepted=True)
        await bench.breaks()
        await bench.text(MessageState.UNKNOWN)
        bench.modem.plug()

        clock.advance(SETTLE_S)

        await bench.text(MessageState.SENT, attempts=2)
        first, second = bench.phone("ana").inbox
        assert first.text == second.text
        await accepted_by_ana(bench)


async def test_a_delivery_report_settles_it_without_another_text(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        bench.phone("ana").on = False  # so that the report comes when the modem is back and listens
        bench.modem.modem.faults.hang_up_after_pdu(accepted=True)
        await bench.breaks()
        await bench.text(MessageState.UNKNOWN)
        connects = bench.supervisor.counters.connects
        bench.modem.plug()
        await bench.reconnected(connects)

        bench.phone("ana").on = True

        await bench.text(MessageState.SENT, attempts=1)
        assert len(bench.phone("ana").inbox) == 1
        await accepted_by_ana(bench)


async def test_unplugged_at_the_prompt_nothing_has_left_and_it_is_written_again(
    database: Database, clock: ManualClock
) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        bench.modem.modem.faults.hang_up_at_prompt()
        await bench.breaks()
        await bench.text(MessageState.QUEUED)
        bench.modem.plug()

        clock.advance(5)

        await bench.offered("ana")
        await bench.text(MessageState.SENT, attempts=2)
        assert "text.unknown" not in await bench.verbs()
        await accepted_by_ana(bench)


async def test_in_doubt_twice_the_answer_is_awaited_like_any_other(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        bench.modem.modem.faults.hang_up_after_pdu(accepted=False)
        await bench.breaks()
        await bench.text(MessageState.UNKNOWN)
        bench.modem.modem.faults.hang_up_after_pdu(accepted=False)
        bench.modem.plug()
        clock.advance(SETTLE_S)
        await bench.text(MessageState.UNKNOWN, attempts=2)
        bench.modem.plug()
        assert len(await bench.entries("ticket.offered")) == 1

        await bench.deadline_of("ana")
        clock.advance(ANSWER_S)

        await bench.offered("ben")
        assert bench.phone("ana").inbox == []
