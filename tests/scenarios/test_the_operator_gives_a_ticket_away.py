"""The operator gives a ticket to somebody: they are told, and whoever is being asked need not go."""

from fleet.clock import ManualClock
from fleet.db import Database
from tests.scenarios.harness import running


async def test_both_are_told(database: Database, clock: ManualClock) -> None:
    async with running(database, clock, "ana", "ben") as bench:
        case = await bench.breaks()
        await bench.offered("ana")

        await bench.accept(1, "eve")

        assert await case.holder() == "eve"
        await bench.told("eve", "was given to you", "Ticket 1", "vm-01")
        await bench.told("ana", "taken by eve", "Ticket 1", "vm-01")
