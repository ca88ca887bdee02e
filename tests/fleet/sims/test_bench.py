"""What the bench reports moves a run on; what cannot be ends it in one sentence; either side may start again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from modem_drivers.identity import luhn_digit
from tests.fleet.sims.rig import POLL, Rig, iccid, rig

IMEI, IMSI = "490154203237518", "001010000000001"
SIM = iccid(1)
IDENTIFIED: dict[str, Any] = {"iccid": SIM, "imei": IMEI}
LOCKED: dict[str, Any] = {**IDENTIFIED, "pin_wanted": True, "retries_left": 3}


@pytest.fixture
async def room(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(database, clock, tmp_path) as made:
        await made.device("vm-01")
        yield made


class Bench:
    """A run, and whoever reports to it."""

    def __init__(self, room: Rig, device: str = "vm-01") -> None:
        self.room, self.device, self.id = room, device, ""

    async def start(self, **more: str) -> dict[str, Any]:
        body = {"device": self.device, "provider": "sandbox", "apn": "iot.example", **more}
        run: dict[str, Any] = await self.room.post("/v1/provision-runs", body, status=201)
        self.id = run["id"]
        return run

    async def report(self, step: str, status: int = 200, **result: Any) -> dict[str, Any]:
        body = {"step": step, "result": result}
        run: dict[str, Any] = await self.room.post(f"/v1/provision-runs/{self.id}/steps", body, status=status)
        return run

    async def show(self) -> dict[str, Any]:
        run: dict[str, Any] = await self.room.get(f"/v1/provision-runs/{self.id}")
        return run


async def test_a_run_from_the_first_report_to_the_first_point(room: Rig) -> None:
    bench = Bench(room)
    run = await bench.start()
    assert (run["state"], run["next"], run["by"]) == ("running", "identify", "bench")
    assert (await bench.report("identify", **IDENTIFIED))["next"] == "read_imsi"
    run = await bench.report("read_imsi", imsi=IMSI)
    assert (run["next"], run["by"]) == ("activate", "service")
    await room.settle()
    room.clock.advance(POLL)
    await room.settle()
    assert (await bench.show())["next"] == "set_apn"
    assert (await bench.report("set_apn", apn="iot.example"))["next"] == "await_registration"
    run = await bench.report("await_registration", registration="home", operator="Testnet")
    assert (run["next"], run["by"]) == ("first_point", "service")
    await room.settle()
    room.clock.advance(1)
    await room.point("vm-01", temperature=4.5)
    await room.settle()
    run = await bench.show()
    assert (run["state"], run["next"], run["error"]) == ("done", None, "")
    device = await room.get("/v1/devices/vm-01")
    assert (device["sim"]["iccid"], device["sim"]["imei"]) == (SIM, IMEI)
    assert (await room.get(f"/v1/sims/{SIM}"))["device"] == "vm-01"
    assert (await room.sim(SIM)).imsi == IMSI
    verbs = [verb for verb, _ in await room.audit()]
    story = [verb for verb in verbs if verb.startswith(("sim.", "provision."))]
    assert story == [
        "provision.started", "sim.identified", "sim.imsi_read", "sim.activation_requested", "sim.claimed",
        "sim.pending", "sim.activated", "sim.apn_set", "sim.registered", "sim.bound", "sim.first_point",
        "provision.done",
    ]  # fmt: skip


async def test_a_machine_that_reports_already_is_provisioned_again_without_a_new_point(room: Rig) -> None:
    for _ in range(2):
        bench = Bench(room)
        await bench.start()
        await bench.report("identify", **IDENTIFIED)
        await bench.report("read_imsi", imsi=IMSI)
        await room.settle()
        room.clock.advance(POLL)
        await room.settle()
        await bench.report("set_apn", apn="iot.example")
        await bench.report("await_registration", registration="home")
        if "sim.first_point" not in [verb for verb, _ in await room.audit()]:
            room.clock.advance(1)
            await room.point("vm-01", temperature=4.5)
        await room.settle()
        assert (await bench.show())["state"] == "done"
    verbs = [verb for verb, _ in await room.audit()]
    assert (verbs.count("sim.bound"), verbs.count("provision.done")) == (1, 2)


async def test_a_point_from_before_the_binding_is_not_the_first_one(room: Rig) -> None:
    bench = Bench(room)
    await room.point("vm-01", temperature=4.5)
    room.clock.advance(1)
    await bench.start()
    await bench.report("identify", **IDENTIFIED)
    await bench.report("read_imsi", imsi=IMSI)
    await room.settle()
    room.clock.advance(POLL)
    await room.settle()
    await bench.report("set_apn", apn="iot.example")
    await bench.report("await_registration", registration="roaming")
    await room.settle()
    assert (await bench.show())["next"] == "first_point"


async def test_the_run_under_way_goes_on_and_a_repeated_report_changes_nothing(room: Rig) -> None:
    bench = Bench(room)
    run = await bench.start()
    await bench.report("identify", **IDENTIFIED)
    await bench.report("read_imsi", imsi=IMSI)
    assert (await Bench(room).start())["id"] == run["id"]
    await bench.report("identify", **IDENTIFIED)
    assert (await bench.report("read_imsi", imsi=IMSI))["next"] == "activate"
    verbs = [verb for verb, _ in await room.audit()]
    assert verbs.count("sim.identified") == verbs.count("provision.started") == verbs.count("sim.imsi_read") == 1
    early = await bench.report("set_apn", status=409, apn="iot.example")
    assert early["detail"] == "expected the result of step activate, got that of set_apn: do activate first"


async def test_a_run_for_another_apn_replaces_the_one_under_way(room: Rig) -> None:
    first, second = Bench(room), Bench(room)
    await first.start()
    await second.start(apn="other.example")
    assert first.id != second.id
    run = await first.show()
    assert (run["state"], run["error"]) == ("failed", "replaced by a run for provider sandbox and APN other.example")


async def test_a_pin_is_handed_out_for_its_step_alone(room: Rig) -> None:
    bench = Bench(room)
    assert (await bench.start(pin="4321"))["pin"] == ""
    run = await bench.report("identify", **LOCKED)
    assert (run["next"], run["pin"]) == ("unlock", "4321")
    assert (await bench.show())["pin"] == ""
    await bench.report("unlock", outcome="trying", retries_left=3)
    run = await bench.report("unlock", outcome="accepted", retries_left=3)
    assert (run["next"], run["pin"]) == ("read_imsi", "")
    stored = await room.sim(SIM)
    assert b"4321" not in (stored.pin_sealed or b"")


async def test_a_refused_pin_is_never_handed_out_again(room: Rig) -> None:
    bench = Bench(room)
    await bench.start(pin="1111")
    await bench.report("identify", **LOCKED)
    await bench.report("unlock", outcome="trying", retries_left=3)
    run = await bench.report("unlock", outcome="refused", retries_left=2)
    assert run["state"] == "failed"
    assert run["error"].startswith(f"expected the PIN of SIM {SIM}, got one that it refused (tries left: 2)")
    for pin in ("", "1111"):
        await bench.start(pin=pin)
        run = await bench.report("identify", **LOCKED)
        assert (run["state"], run["pin"]) == ("failed", "")
        assert "got one that it has: it is not tried again" in run["error"]
    await bench.start(pin="2222")
    run = await bench.report("identify", **LOCKED)
    assert (run["next"], run["pin"]) == ("unlock", "2222")
    assert [verb for verb, _ in await room.audit(f"sim {SIM}")].count("sim.pin_refused") == 1


async def test_a_bench_that_died_while_it_tried_the_pin_does_not_try_it_twice(room: Rig) -> None:
    bench = Bench(room)
    await bench.start(pin="1111")
    await bench.report("identify", **LOCKED)
    await bench.report("unlock", outcome="trying", retries_left=3)
    await bench.start()
    run = await bench.report("identify", **{**LOCKED, "retries_left": 2})
    assert (run["state"], run["pin"]) == ("failed", "")
    assert "it is not tried again" in run["error"]


async def test_a_new_pin_after_such_a_death_is_tried_and_the_old_one_stays_refused(room: Rig) -> None:
    bench = Bench(room)
    await bench.start(pin="1111")
    await bench.report("identify", **LOCKED)
    await bench.report("unlock", outcome="trying", retries_left=3)
    await bench.start(pin="2222")
    run = await bench.report("identify", **{**LOCKED, "retries_left": 2})
    assert (run["state"], run["pin"]) == ("running", "2222")
    await bench.start(pin="1111")
    run = await bench.report("identify", **{**LOCKED, "retries_left": 2})
    assert (run["state"], run["pin"]) == ("failed", "")


async def test_a_bench_that_died_before_the_try_may_try(room: Rig) -> None:
    bench = Bench(room)
    await bench.start(pin="1111")
    await bench.report("identify", **LOCKED)
    await bench.report("unlock", outcome="trying", retries_left=3)
    run = await bench.report("identify", **LOCKED)
    assert (run["state"], run["pin"]) == ("running", "1111")


async def test_the_pin_of_the_inventory_serves_and_without_any_the_run_says_so(room: Rig) -> None:
    await room.post("/v1/sims", {"iccid": SIM, "pin": "9876"}, status=201)
    bench = Bench(room)
    await bench.start()
    assert (await bench.report("identify", **LOCKED))["pin"] == "9876"
    await room.device("vm-02")
    other = Bench(room, "vm-02")
    await other.start()
    run = await other.report("identify", **{**LOCKED, "iccid": iccid(2)})
    assert run["error"] == (f"expected the PIN of SIM {iccid(2)}, which is locked, got none: give it with --pin-file")


async def test_a_sim_of_another_machine_is_refused(room: Rig) -> None:
    await room.device("vm-02")
    first, second = Bench(room), Bench(room, "vm-02")
    await first.start()
    await first.report("identify", **IDENTIFIED)
    await second.start()
    run = await second.report("identify", **IDENTIFIED)
    assert run["state"] == "failed"
    assert run["error"] == (
        f"expected a SIM that no other machine has, got {SIM}, which belongs to vm-01: "
        "check which SIM is in which machine"
    )


async def test_another_sim_in_the_middle_of_a_run_ends_it(room: Rig) -> None:
    bench = Bench(room)
    await bench.start()
    await bench.report("identify", **IDENTIFIED)
    run = await bench.report("identify", iccid=iccid(2), imei=IMEI)
    assert (run["state"], run["iccid"]) == ("failed", SIM)
    assert f"got {iccid(2)}" in run["error"]
    assert (await bench.start())["state"] == "running"
    assert (await bench.report("identify", iccid=iccid(2), imei=IMEI))["next"] == "read_imsi"


async def test_the_same_sim_in_another_modem_is_set_up_there(room: Rig) -> None:
    bench = Bench(room)
    await bench.start()
    await bench.report("identify", **IDENTIFIED)
    await bench.report("read_imsi", imsi=IMSI)
    await room.settle()
    room.clock.advance(POLL)
    await room.settle()
    await bench.report("set_apn", apn="iot.example")
    await bench.report("await_registration", registration="home")
    other = "35693803564380"
    run = await bench.report("identify", iccid=SIM, imei=other + luhn_digit(other))
    assert run["next"] == "set_apn"
    await bench.report("set_apn", apn="iot.example")
    await bench.report("await_registration", registration="home")
    assert (await room.get("/v1/devices/vm-01"))["sim"]["imei"] == other + luhn_digit(other)


async def test_runs_are_listed_as_they_began(room: Rig) -> None:
    await room.device("vm-02")
    for device, apn in (("vm-01", "a"), ("vm-02", "a"), ("vm-01", "b")):
        await Bench(room, device).start(apn=apn)
    page = await room.get("/v1/provision-runs", limit=2)
    rest = await room.get("/v1/provision-runs", limit=2, cursor=page["next"])
    found = [(run["device"], run["apn"], run["state"]) for run in page["items"] + rest["items"]]
    assert found == [("vm-01", "a", "failed"), ("vm-02", "a", "running"), ("vm-01", "b", "running")]
    running = await room.get("/v1/provision-runs", state="running")
    assert [run["device"] for run in running["items"]] == ["vm-02", "vm-01"]


async def test_what_the_provider_refuses_ends_the_run_in_its_words(room: Rig) -> None:
    room.sandbox.ledger.refuse[SIM] = "this SIM was reported stolen"
    bench = Bench(room)
    await bench.start()
    await bench.report("identify", **IDENTIFIED)
    await bench.report("read_imsi", imsi=IMSI)
    await room.settle()
    run = await bench.show()
    assert (run["state"], run["error"]) == (
        "failed", f"provider sandbox refused SIM {SIM}: this SIM was reported stolen",
    )  # fmt: skip


async def test_an_unconfigured_provider_ends_the_run(room: Rig) -> None:
    bench = Bench(room)
    await bench.start(provider="nobody")
    await bench.report("identify", **IDENTIFIED)
    run = await bench.report("read_imsi", imsi=IMSI)
    assert run["state"] == "failed"
    assert "expected a configured provider" in run["error"]


@pytest.mark.parametrize(
    ("step", "result", "says"),
    [
        ("identify", {**IDENTIFIED, "iccid": "8988303000000000004"}, "check digit holds"),
        ("identify", {**IDENTIFIED, "imei": "490154203237519"}, "IMEI whose check digit"),
        ("identify", {"iccid": SIM}, "expected a value as imei of step identify, got none"),
        ("identify", {**IDENTIFIED, "colour": "red"}, "as colour of step identify, got 'colour'"),
        ("bind", {}, "expected a step of the bench"),
        ("dance", {}, "as step, got 'dance'"),
    ],
)
async def test_a_report_that_cannot_be_is_refused_and_leaves_the_run_alone(
    room: Rig, step: str, result: dict[str, Any], says: str
) -> None:
    bench = Bench(room)
    await bench.start()
    assert says in (await bench.report(step, status=400, **result))["detail"]
    assert (await bench.show())["next"] == "identify"


async def test_trouble_of_the_bench_is_shown_and_forgotten_with_the_next_success(room: Rig) -> None:
    bench = Bench(room)
    await bench.start()
    body = {"step": "identify", "error": "expected a SIM in the modem, got none"}
    run = await room.post(f"/v1/provision-runs/{bench.id}/steps", body)
    assert (run["state"], run["error"]) == ("running", "identify: expected a SIM in the modem, got none")
    assert (await bench.report("identify", **IDENTIFIED))["error"] == ""


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"device": "vm-99"}, 404, "vm-99"),
        ({"pin": "12"}, 400, "PIN of 4 to 8 digits"),
        ({"apn": 'a","b'}, 400, "access point"),
        ({"apn": ""}, 400, "access point"),
    ],
)
async def test_a_run_that_cannot_begin_is_refused(room: Rig, more: dict[str, str], status: int, says: str) -> None:
    body = {"device": "vm-01", "provider": "sandbox", "apn": "iot.example", **more}
    assert says in (await room.post("/v1/provision-runs", body, status=status))["detail"]
