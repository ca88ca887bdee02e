"""The provider does what was asked and its answer is lost: its state is read, and nothing is asked for twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from hw_fixtures.providers.ledger import Fault
from tests.fleet.sims.rig import POLL, Rig, rig


@pytest.fixture
async def room(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(database, clock, tmp_path) as made:
        yield made


async def until_active(room: Rig, iccid: str) -> None:
    for _ in range(40):
        await room.settle()
        if (await room.sim(iccid)).effective == "active":
            return
        room.clock.advance(POLL)
    raise AssertionError(f"SIM {iccid} never became active")


@pytest.mark.parametrize("kind", ["lost", "crash"])
async def test_every_answer_is_lost_once(room: Rig, kind: str) -> None:
    (iccid,) = await room.add(1)
    faults = [Fault(kind, "claim"), Fault(kind, "read"), Fault(kind, "activate")]
    room.sandbox.ledger.faults.extend(faults)
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await until_active(room, iccid)
    ledger = room.sandbox.ledger
    assert ledger.faults == []
    assert (ledger.asked["claim"], ledger.asked["activate"]) == (1, 1)
    assert ledger.done == {("claim", iccid): 1, ("activate", iccid): 1}


async def test_a_request_that_never_took_effect_is_repeated_after_reading(room: Rig) -> None:
    (iccid,) = await room.add(1)
    room.sandbox.ledger.faults.append(Fault("error", "claim", count=2))
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await until_active(room, iccid)
    ledger = room.sandbox.ledger
    assert ledger.asked["claim"] == 3
    assert ledger.done == {("claim", iccid): 1, ("activate", iccid): 1}


async def test_a_suspension_whose_answer_is_lost_is_not_asked_for_again(room: Rig) -> None:
    (iccid,) = await room.add(1)
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await until_active(room, iccid)
    room.sandbox.ledger.faults.append(Fault("lost", "suspend"))
    await room.post(f"/v1/sims/{iccid}/suspend", status=202)
    await room.settle()
    assert (await room.sim(iccid)).asking == "suspend"
    room.clock.advance(POLL)
    await room.settle()
    assert (await room.sim(iccid)).effective == "suspended"
    assert room.sandbox.ledger.asked["suspend"] == 1
