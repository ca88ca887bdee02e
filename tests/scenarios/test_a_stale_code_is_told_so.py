"""A reply with the code of a job that is over, or of no job at all, changes nothing and is answered."""

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.tickets.models import TicketState
from tests.scenarios.harness import running


async def test_a_resolved_ticket_cannot_be_taken(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        case = await bench.breaks()
        code = await bench.offered("ana")
        await case.recovers()
        await bench.told("ana", "resolved", "Ticket 1", "vm-01")

        bench.reply("ana", f"{code}A")

        await bench.told("ana", "resolved", "Ticket 1", "vm-01")
        await case.ticket(TicketState.RESOLVED)
        assert "ticket.accepted" not in await bench.verbs()


async def test_the_code_of_an_old_job_never_takes_a_new_one(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana") as bench:
        old = await bench.breaks()
        stale = await bench.offered("ana")
        await old.recovers()
        await old.ticket(TicketState.RESOLVED)
        clock.advance(29 * 86400)
        new = await bench.breaks()
        assert await bench.offered("ana") != stale

        bench.reply("ana", f"{stale}A")

        await bench.told("ana", "vm-01: resolved. No need to go", "Ticket 1")
        await new.ticket(TicketState.OFFERED)


async def test_an_unknown_code_is_answered_and_a_stranger_is_not(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana") as bench:
        case = await bench.breaks()
        await bench.offered("ana")

        bench.network.phone("+15559999").send("+15550001", "41A")
        await bench.happened("reply.unknown")
        bench.reply("ana", "99A")

        await bench.told("ana", "Code 99 is no offer of yours")
        await case.ticket(TicketState.OFFERED)
        assert bench.network.phone("+15559999").inbox == []
