"""SIMs come into the inventory in bulk: each row has its own outcome, and a repeat changes nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from tests.fleet.sims.rig import Rig, iccid, rig


@pytest.fixture
async def room(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(database, clock, tmp_path) as made:
        yield made


async def outcomes(room: Rig, *rows: dict[str, str]) -> list[tuple[str, str]]:
    answer = await room.post("/v1/sims:import", {"sims": list(rows)})
    return [(row["outcome"], row["detail"]) for row in answer["results"]]


async def test_a_bad_row_stops_no_good_one(room: Rig) -> None:
    good, other = iccid(1), iccid(2)
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    found = await outcomes(
        room,
        {"iccid": good, "provider": "sandbox", "msisdn": "+12025550123", "pin": "1234"},
        {"iccid": wrong},
        {"iccid": "not a number"},
        {"iccid": iccid(3), "msisdn": "12"},
        {"iccid": iccid(3), "pin": "12x4"},
        {"iccid": iccid(3), "provider": "nobody"},
        {"iccid": good},
        {"iccid": f" {other} "},
    )
    assert [outcome for outcome, _ in found] == ["added", *["invalid"] * 5, "conflict", "added"]
    assert "check digit holds" in found[1][1]
    assert "an ICCID (19 or 20 characters" in found[2][1]
    assert "phone number" in found[3][1]
    assert "PIN of 4 to 8 digits" in found[4][1]
    assert "12x4" not in found[4][1]
    assert f"a configured provider for SIM {iccid(3)} (there is: other, sandbox), got 'nobody'" in found[5][1]
    assert "twice" in found[6][1]
    assert [sim["iccid"] for sim in (await room.get("/v1/sims"))["items"]] == sorted([good, other])


async def test_a_repeat_is_unchanged_and_another_fact_is_a_conflict(room: Rig) -> None:
    row = {"iccid": iccid(1), "provider": "sandbox", "msisdn": "+12025550123"}
    assert await outcomes(room, row) == [("added", "")]
    assert await outcomes(room, row) == [("unchanged", "")]
    assert await outcomes(room, {"iccid": iccid(1)}) == [("unchanged", "")]
    ((outcome, detail),) = await outcomes(room, {**row, "provider": "other"})
    assert outcome == "conflict"
    assert "provider 'sandbox', the row says 'other'" in detail
    ((outcome, detail),) = await outcomes(room, {**row, "pin": "1234"})
    assert outcome == "conflict"
    assert "without this PIN" in detail
    assert await outcomes(room, {"iccid": iccid(2), "pin": "1234"}) == [("added", "")]
    assert await outcomes(room, {"iccid": iccid(2), "pin": "1234"}) == [("unchanged", "")]
    assert "with no provider, the row says" in (await outcomes(room, {**row, "iccid": iccid(2)}))[0][1]
    assert (await room.audit()).count(("sim.imported", "api")) == 2


async def test_one_sim_is_added_once(room: Rig) -> None:
    added = await room.post("/v1/sims", {"iccid": iccid(1), "pin": "1234"}, status=201)
    assert "pin" not in added
    sim = await room.sim(iccid(1))
    assert sim.pin_sealed is not None
    assert b"1234" not in sim.pin_sealed
    assert room.context.sealer.open(sim.pin_sealed) == "1234"
    refused = await room.post("/v1/sims", {"iccid": iccid(1)}, status=409)
    assert f"got {iccid(1)}, which is: show it with" in refused["detail"]
    await room.post("/v1/sims", {"iccid": "89"}, status=400)
    await room.post("/v1/sims", {"iccid": iccid(2), "provider": "nobody"}, status=400)


async def test_a_thousand_rows_go_in_one_call_and_no_more(room: Rig) -> None:
    rows: list[dict[str, Any]] = [{"iccid": iccid(number)} for number in range(1000)]
    answer = await room.post("/v1/sims:import", {"sims": rows})
    assert {row["outcome"] for row in answer["results"]} == {"added"}
    assert (await room.api.post("/v1/sims:import", json={"sims": [*rows, rows[0]]})).status_code == 400
    seen: list[str] = []
    cursor = None
    while True:
        page = await room.get("/v1/sims", limit=300, **({"cursor": cursor} if cursor else {}))
        seen += [sim["iccid"] for sim in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(row["iccid"] for row in rows)
