"""A technician passes the ticket on, and the next one is asked at once."""

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.escalation.models import OfferState
from tests.scenarios.harness import running


async def test_the_next_is_asked_without_waiting(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        case = await bench.breaks()
        bench.reply("ana", f"{await bench.offered('ana')}E")

        code = await bench.offered("ben")  # the clock has not moved
        await bench.told("ana", "passed on", "Ticket 1", "vm-01")
        bench.reply("ben", f"{code}a.")

        assert await case.holder() == "ben"
        assert [offer.state for offer in await case.offers()] == [OfferState.REFUSED, OfferState.ACCEPTED]


async def test_a_no_holds_for_every_round(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben", rounds=2) as bench:
        case = await bench.breaks()
        bench.reply("ana", f"{await bench.offered('ana')}E")
        await bench.offered("ben")
        await case.silence("ben")

        await bench.offered("ben")  # second round, without ana
        (skipped,) = await bench.entries("offer.skipped")
        assert skipped.facts == {"technician": "ana", "why": "has refused"}
