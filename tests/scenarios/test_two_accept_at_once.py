"""Two technicians accept the same ticket at the same moment: one has it, the other is told who."""

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.escalation.models import OfferState
from tests.scenarios.harness import running


async def test_one_wins_and_the_other_is_told(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        case = await bench.breaks()
        first = await bench.offered("ana")
        await case.silence("ana")
        second = await bench.offered("ben")

        bench.reply("ben", f"{second}A")
        bench.reply("ana", f"{first}A")

        holder = await case.holder()
        other = {"ana": "ben", "ben": "ana"}[holder]
        await bench.told(holder, "is yours", "Ticket 1", "vm-01")
        await bench.told(other, holder, "No need to go", "Ticket 1", "vm-01")
        assert len(await bench.entries("ticket.accepted")) == 1
        states = [offer.state for offer in await case.offers()]
        assert states.count(OfferState.ACCEPTED) == 1
