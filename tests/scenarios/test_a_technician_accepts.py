"""A technician is offered a ticket, replies with the code and A, and the ticket is theirs."""

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.escalation.models import OfferState
from tests.scenarios.harness import PLACE, running


async def test_the_ticket_is_hers_and_she_is_told_so(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        case = await bench.breaks("warm 6.2 > 5")

        code = await bench.offered("ana")
        bench.reply("ana", f"{code}A")

        assert await case.holder() == "ana"
        await bench.told("ana", "is yours", "Ticket 1", "vm-01", PLACE, "warm 6.2 > 5")
        assert [offer.state for offer in await case.offers()] == [OfferState.ACCEPTED]
        assert bench.phone("ben").inbox == []
