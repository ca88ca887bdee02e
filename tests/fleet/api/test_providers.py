"""A provider's callback has the SIM's state read now, and proves nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.sims.providers.sandbox import sign
from tests.fleet.sims.rig import SECRET, Rig, rig

URL = "/v1/providers/sandbox/callback"


@pytest.fixture
async def room(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(database, clock, tmp_path, callbacks=True) as made:
        yield made


async def callback(room: Rig, iccid: str, status: str = "active", secret: str = SECRET) -> int:
    body = json.dumps({"iccid": iccid, "status": status}).encode()
    stamp = str(int(room.clock.now().timestamp()))
    headers = {"X-Sandbox-Timestamp": stamp, "X-Sandbox-Signature": sign(secret, stamp, body)}
    return (await room.api.post(URL, content=body, headers=headers)).status_code


async def test_an_activation_is_heard_of_by_callback_long_before_the_next_poll(room: Rig) -> None:
    (iccid,) = await room.add(1)
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await room.settle()
    async with asyncio.timeout(30):
        while not room.sandbox.callbacks:
            await asyncio.sleep(0.01)
    assert room.sandbox.callbacks == [(iccid, 204)]
    await room.settle()
    assert (await room.sim(iccid)).effective == "active"
    assert (await room.audit(f"sim {iccid}"))[-1] == ("sim.activated", "callback")


async def test_a_repeated_callback_only_reads_again(room: Rig) -> None:
    (iccid,) = await room.add(1)
    await room.post(f"/v1/sims/{iccid}/activate", status=202)
    await room.settle()
    for _ in range(3):
        assert await callback(room, iccid) == 204
        await room.settle()
    acts = await room.audit(f"sim {iccid}")
    assert acts.count(("sim.activated", "callback")) == 1
    assert room.sandbox.ledger.asked["activate"] == 1


async def test_what_a_callback_claims_is_not_believed_but_read(room: Rig) -> None:
    (iccid,) = await room.add(1)
    assert await callback(room, iccid, "active") == 204
    await room.settle()
    sim = await room.sim(iccid)
    assert (sim.effective, sim.claimed, sim.told) == ("inventory", False, False)


async def test_a_forged_one_changes_nothing_and_a_strangers_sim_is_no_matter(room: Rig) -> None:
    (iccid,) = await room.add(1)
    assert await callback(room, iccid, secret="guessed") == 401
    assert await callback(room, "8988303000000000999") == 204
    assert not (await room.sim(iccid)).told
    assert not await room.step()


async def test_an_unknown_provider_and_an_endless_body_are_refused(room: Rig) -> None:
    assert (await room.api.post("/v1/providers/nobody/callback", content=b"{}")).status_code == 404
    answer = await room.api.post(URL, content=b"x" * 70_000)
    assert (answer.status_code, answer.json()["detail"][:43]) == (400, "expected a callback of at most 65536 bytes,")


async def test_without_a_secret_callbacks_are_refused(database: Database, clock: ManualClock, tmp_path: Path) -> None:
    async with rig(database, clock, tmp_path) as room:
        (iccid,) = await room.add(1)
        assert await callback(room, iccid) == 401
