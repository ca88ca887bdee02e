"""A late yes to a timed-out offer wins while nobody has accepted; afterwards it is told who has it."""

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.escalation.models import OfferState
from tests.scenarios.harness import running


async def test_the_pending_offer_is_rescinded_and_its_holder_told(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        case = await bench.breaks()
        code = await bench.offered("ana")
        await case.silence("ana")
        await bench.offered("ben")

        bench.reply("ana", f"'{code} a'")

        assert await case.holder() == "ana"
        await bench.told("ben", "taken by ana", "Ticket 1", "vm-01")
        assert [offer.state for offer in await case.offers()] == [OfferState.ACCEPTED, OfferState.RESCINDED]
        (accepted,) = await bench.entries("ticket.accepted")
        assert accepted.facts["late"] is True


async def test_when_somebody_has_it_the_late_one_is_told_who(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        case = await bench.breaks()
        late = await bench.offered("ana")
        await case.silence("ana")
        bench.reply("ben", f"{await bench.offered('ben')}A")
        assert await case.holder() == "ben"

        bench.reply("ana", f"{late}A")

        await bench.told("ana", "ben has it", "Ticket 1", "vm-01")
        (entry,) = await bench.happened("reply.late")
        assert (entry.actor, entry.facts["told"]) == ("ana", "ben")
        assert await case.holder() == "ben"
