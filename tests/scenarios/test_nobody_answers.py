"""Nobody answers: everybody is asked in turn, in every round, and then the ticket is exhausted."""

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.escalation.models import OfferState
from fleet.tickets.models import TicketState
from tests.scenarios.harness import running


async def test_everybody_is_asked_in_turn_then_it_is_exhausted(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben", rounds=2) as bench:
        case = await bench.breaks()
        codes = []
        for name in ("ana", "ben", "ana", "ben"):
            codes.append((name, await bench.offered(name)))
            await case.silence(name)

        await case.ticket(TicketState.EXHAUSTED)
        assert [offer.state for offer in await case.offers()] == [OfferState.TIMED_OUT] * 4
        assert len(set(codes)) == 4, "a second offer to the same phone has a code of its own"
        assert (await bench.verbs())[-1] == "ticket.exhausted"


async def test_a_yes_after_all_still_counts(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana") as bench:
        case = await bench.breaks()
        code = await bench.offered("ana")
        await case.silence("ana")
        await case.ticket(TicketState.EXHAUSTED)

        bench.reply("ana", f"{code}A")
        assert await case.holder() == "ana"


async def test_when_more_goes_wrong_everybody_is_asked_again(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana") as bench:
        case = await bench.breaks()
        first = await bench.offered("ana")
        await case.silence("ana")
        await case.ticket(TicketState.EXHAUSTED)

        await case.grows()
        again = await bench.offered("ana")
        assert again != first
        bench.reply("ana", f"{again}A")
        assert await case.holder() == "ana"
