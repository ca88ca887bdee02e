"""/v1/sims: filters, and the refusals of what cannot be asked of a SIM."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from tests.fleet.sims.rig import Rig, iccid, rig


@pytest.fixture
async def room(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(database, clock, tmp_path) as made:
        yield made


async def test_sims_are_listed_by_state_provider_and_how_their_number_begins(room: Rig) -> None:
    await room.add(1, 2)
    await room.add(30_000, provider="other")
    await room.post(f"/v1/sims/{iccid(2)}/activate", status=202)

    async def listed(**query: str) -> list[str]:
        return [sim["iccid"] for sim in (await room.get("/v1/sims", **query))["items"]]

    assert await listed() == [iccid(1), iccid(2), iccid(30_000)]
    assert await listed(desired="active") == [iccid(2)]
    assert await listed(effective="inventory", provider="sandbox") == [iccid(1), iccid(2)]
    assert await listed(iccid=iccid(30_000)[:14]) == [iccid(30_000)]
    assert (await room.api.get("/v1/sims", params={"effective": "asleep"})).status_code == 400


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"{iccid(9)}/activate", 404, "import it first"),
        ("8988303000000000004/activate", 400, "check digit"),
        (f"{iccid(1)}/suspend", 409, "never activated"),
        (f"{iccid(2)}/activate", 409, "expected a configured provider for SIM"),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_one_sentence(room: Rig, path: str, status: int, says: str) -> None:
    await room.add(1)
    await room.add(2, provider="")
    answer = await room.api.post(f"/v1/sims/{path}")
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert answer.json()["detail"].count("\n") == 0


async def test_a_sim_that_is_claimed_stays_with_its_provider(room: Rig) -> None:
    (sim,) = await room.add(1)
    await room.post(f"/v1/sims/{sim}/activate", status=202)
    await room.settle()
    refused = await room.post(f"/v1/sims/{sim}/activate", {"provider": "other"}, status=409)
    assert "where it is claimed" in refused["detail"]


async def test_of_many_each_has_its_own_outcome(room: Rig) -> None:
    await room.add(1, 2)
    asked = {"iccids": [iccid(1), iccid(9), iccid(2)], "provider": ""}
    answer = await room.post("/v1/sims:activate", asked)
    assert [row["outcome"] for row in answer["results"]] == ["changed", "refused", "changed"]
    assert "import it first" in answer["results"][1]["detail"]
    again = await room.post("/v1/sims:activate", {"iccids": [iccid(1)]})
    assert [row["outcome"] for row in again["results"]] == ["unchanged"]
    suspended = await room.post("/v1/sims:suspend", {"iccids": [iccid(1)]})
    assert [row["outcome"] for row in suspended["results"]] == ["changed"]


async def test_without_a_token_nothing_is_shown(room: Rig) -> None:
    assert (await room.api.get("/v1/sims", headers={"Authorization": ""})).status_code == 401
