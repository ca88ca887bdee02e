"""No modem carries the text of an offer: while it waits nobody else is asked; when it expires the next one is."""

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.escalation.models import OfferState
from fleet.messages.models import MessageState
from tests.scenarios.harness import running


async def test_the_next_is_asked_when_the_text_has_expired(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        bench.modem.unplug()
        case = await bench.breaks()
        await bench.text(MessageState.QUEUED, attempts=0)
        clock.advance(899)
        assert [offer.state for offer in await case.offers()] == [OfferState.PENDING]

        clock.advance(1)
        await bench.happened("text.expired")
        bench.modem.plug()

        await bench.offered("ben")
        assert bench.phone("ana").inbox == []
        states = [offer.state for offer in await case.offers()]
        assert states == [OfferState.CANCELED, OfferState.PENDING]
        (canceled,) = await bench.entries("offer.canceled")
        assert canceled.facts["technician"] == "ana"
