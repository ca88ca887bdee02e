"""SIMs reach their desired state: one step at a time, at a provider that is slow, busy, wrong or silent."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.due import Due
from fleet.due.runner import LEASE
from hw_fixtures.providers.ledger import Fault
from tests.fleet.sims.rig import POLL, Rig, rig


@pytest.fixture
async def room(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(database, clock, tmp_path) as made:
        yield made


async def active(room: Rig, number: int) -> str:
    """A SIM in service."""
    (iccid,) = await room.add(number)
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await room.settle()
    room.clock.advance(POLL)
    await room.settle()
    assert (await room.sim(iccid)).effective == "active"
    return iccid


async def test_a_sim_is_claimed_activated_and_polled_until_active(room: Rig) -> None:
    (iccid,) = await room.add(1)
    answer = await room.post(f"/v1/sims/{iccid}/activate", status=202)
    assert (answer["desired"], answer["effective"], answer["reason"]) == ("active", "inventory", "pending")
    await room.settle()
    assert (await room.sim(iccid)).effective == "pending"
    assert not await room.step()
    room.clock.advance(POLL)
    await room.settle()
    sim = await room.get(f"/v1/sims/{iccid}")
    assert (sim["desired"], sim["effective"], sim["reason"], sim["detail"]) == ("active", "active", "", "")
    assert await room.audit(f"sim {iccid}") == [
        ("sim.activation_requested", "api"),
        ("sim.claimed", "poll"),
        ("sim.pending", "poll"),
        ("sim.activated", "poll"),
    ]
    assert room.sandbox.ledger.done == {("claim", iccid): 1, ("activate", iccid): 1}


async def test_a_sim_is_suspended_and_comes_back(room: Rig) -> None:
    iccid = await active(room, 1)
    assert (await room.post(f"/v1/sims/{iccid}/suspend", status=202))["reason"] == "pending"
    await room.settle()
    sim = await room.sim(iccid)
    assert (sim.desired, sim.effective, sim.reason) == ("suspended", "suspended", "user")
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await room.settle()
    room.clock.advance(POLL)
    await room.settle()
    sim = await room.sim(iccid)
    assert (sim.effective, sim.reason) == ("active", "")
    assert room.sandbox.ledger.done["claim", iccid] == 1


async def test_a_busy_provider_is_left_alone_for_as_long_as_it_asks(room: Rig) -> None:
    first, second = await room.add(1, 2)
    room.sandbox.ledger.faults.append(Fault("busy", "claim", retry_after=120))
    await room.post(f"/v1/sims/{first}/activate", status=202)
    await room.settle()
    assert (await room.sim(first)).asking == ""
    await room.post(f"/v1/sims/{second}/activate", status=202)
    room.clock.advance(119)
    await room.settle()
    assert room.sandbox.ledger.asked["claim"] == 1
    room.clock.advance(1)
    await room.settle()
    assert room.sandbox.ledger.done == {(act, iccid): 1 for act in ("claim", "activate") for iccid in (first, second)}


async def test_tries_at_a_silent_provider_come_further_and_further_apart(room: Rig) -> None:
    (iccid,) = await room.add(1)
    room.sandbox.ledger.faults.append(Fault("busy", "claim", count=1000))
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    moments = []
    start = room.clock.now()
    while room.clock.now() < start + timedelta(seconds=700):
        before = room.sandbox.ledger.asked["claim"]
        await room.settle()
        if room.sandbox.ledger.asked["claim"] > before:
            moments.append((room.clock.now() - start).total_seconds())
        room.clock.advance(1)
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert gaps == [1, 2, 4, 8, 16, 32, 64, 128, 256]


async def test_a_refusal_ends_the_tries_until_somebody_asks_again(room: Rig) -> None:
    (iccid,) = await room.add(1)
    room.sandbox.ledger.refuse[iccid] = "sold by somebody else"
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await room.settle()
    room.clock.advance(86400)
    assert not await room.step()
    sim = await room.get(f"/v1/sims/{iccid}")
    assert (sim["desired"], sim["effective"], sim["reason"]) == ("active", "inventory", "provider")
    assert sim["detail"] == "sold by somebody else"
    assert ("sim.refused", "poll") in await room.audit(f"sim {iccid}")
    del room.sandbox.ledger.refuse[iccid]
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await room.settle()
    sim = await room.get(f"/v1/sims/{iccid}")
    assert (sim["effective"], sim["detail"]) == ("pending", "")


async def test_a_crash_while_asking_is_settled_by_reading_once_the_lease_ends(room: Rig) -> None:
    (iccid,) = await room.add(1)
    room.sandbox.ledger.faults.append(Fault("slow", "claim", seconds=30))
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    crashing = asyncio.create_task(room.step())
    while not room.sandbox.ledger.done["claim", iccid]:
        await asyncio.sleep(0.01)
    crashing.cancel()
    await asyncio.wait([crashing])
    assert (await room.sim(iccid)).asking == "claim"
    assert not await room.step()
    room.clock.advance(LEASE + 1)
    await room.settle()
    assert (await room.sim(iccid)).effective == "pending"
    assert room.sandbox.ledger.asked == {"claim": 1, "read": 1, "activate": 1}


async def test_a_change_of_mind_while_a_request_is_on_its_way_waits_for_its_answer(room: Rig) -> None:
    iccid = await active(room, 1)
    room.sandbox.ledger.faults.append(Fault("slow", "suspend", seconds=0.3))
    await room.post(f"/v1/sims/{iccid}/suspend", status=202)
    step = asyncio.create_task(room.step())
    while not room.sandbox.ledger.done["suspend", iccid]:
        await asyncio.sleep(0.01)
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    assert not await room.step()
    await step
    await room.settle()
    room.clock.advance(POLL)
    await room.settle()
    assert (await room.sim(iccid)).effective == "active"
    assert room.sandbox.ledger.done["suspend", iccid] == 1


async def test_a_suspension_by_the_provider_is_watched_not_fought(room: Rig) -> None:
    (iccid,) = await room.add(1)
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await room.settle()
    room.sandbox.ledger.suspend(iccid, "quota")
    room.clock.advance(POLL)
    await room.settle()
    sim = await room.sim(iccid)
    assert (sim.desired, sim.effective, sim.reason) == ("active", "suspended", "quota")
    for _ in range(60):
        room.clock.advance(POLL)
        await room.settle()
    assert room.sandbox.ledger.asked["activate"] == 1
    assert room.sandbox.ledger.asked["read"] == 4
    room.sandbox.ledger.cards[iccid].status = "active"
    room.sandbox.ledger.cards[iccid].reason = ""
    room.clock.advance(POLL * 20)
    await room.settle()
    assert (await room.sim(iccid)).effective == "active"


async def test_a_sim_that_the_provider_has_dropped_is_retired_and_not_claimed_again(room: Rig) -> None:
    (iccid,) = await room.add(1)
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await room.settle()
    del room.sandbox.ledger.cards[iccid]
    room.clock.advance(POLL)
    await room.settle()
    sim = await room.sim(iccid)
    assert (sim.effective, sim.reason) == ("retired", "provider")
    assert room.sandbox.ledger.done["claim", iccid] == 1
    refused = await room.post(f"/v1/sims/{iccid}/suspend", status=409)
    assert "retired" in refused["detail"]


async def test_many_sims_reach_their_state_side_by_side(room: Rig) -> None:
    iccids = await room.add(*range(1, 61))
    answer = await room.post("/v1/sims:activate", {"iccids": iccids})
    assert [row["outcome"] for row in answer["results"]] == ["changed"] * 60
    await room.settle()
    room.clock.advance(POLL)
    await room.settle()
    page = await room.get("/v1/sims", effective="active", limit=100)
    assert [sim["iccid"] for sim in page["items"]] == sorted(iccids)
    assert set(room.sandbox.ledger.done.values()) == {1}
    assert await room.context.database.read(lambda tx: list(tx.exec(select(Due)))) == []
