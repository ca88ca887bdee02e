"""The bench provisions a simulated EC25, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli import bench
from cli.client import AsyncClient, Endpoints
from cli.errors import Refused, TimedOut, Usage
from fleet.clock import ManualClock
from fleet.db import Database
from hw_fixtures.modem import MemoryModem, SimCard, SimulatedModem, load_model, serve_memory
from hw_fixtures.network import Network
from modem_drivers.errors import IdentityError, NotRegistered, PinGuarded, PortGone, PukRequired
from tests.fleet.sims.rig import Rig, iccid, rig

SIM, IMEI, IMSI = iccid(1), "867698040000005", "001010000000001"


@dataclass
class Table:
    """A bench: the service, the modem in front of it, what was told."""

    room: Rig
    modem: SimulatedModem
    line: MemoryModem
    card: SimCard
    client: AsyncClient
    told: list[str] = field(default_factory=list)

    async def provision(self, device: str = "vm-01", *, apn: str = "iot.example", **more: Any) -> dict[str, Any]:
        return await bench.provision(
            self.client, self.line, device, "sandbox", apn, on_step=lambda step, _said: self.told.append(step), **more
        )

    async def speak(self) -> None:
        """The machine reports, time and again, as machines do."""
        while True:
            self.room.clock.advance(1)
            await self.room.point("vm-01", temperature=4.5)
            await asyncio.sleep(0.05)


@pytest.fixture
async def table(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Table]:
    card = SimCard(SIM, IMSI, "+15550199", pin="4321")
    modem = SimulatedModem(
        load_model("quectel-ec25"), network=Network(lambda: datetime.now(UTC)), sim=card, imei=IMEI, reboot_after=0.05
    )
    async with rig(database, clock, tmp_path, pending=0.05, callbacks=True) as room, room.at_work():
        await room.device("vm-01")
        await room.device("vm-02")
        endpoints = Endpoints(room.url, "", room.token)
        async with AsyncClient(endpoints) as client, serve_memory(modem) as line:
            yield Table(room, modem, line, card, client)


async def test_a_locked_sim_is_brought_into_service(table: Table) -> None:
    speaking = asyncio.create_task(table.speak())
    run = await table.provision(pin="4321")
    speaking.cancel()
    assert run["state"] == "done"
    assert (run["iccid"], run["imei"]) == (SIM, IMEI)
    assert table.told == [
        "identify", "unlock", "read_imsi", "activate", "set_apn", "await_registration", "bind", "first_point",
    ]  # fmt: skip
    assert ("sim.activated", "callback") in await table.room.audit(f"sim {SIM}")
    assert table.room.sandbox.ledger.done == {("claim", SIM): 1, ("activate", SIM): 1}


async def test_a_wrong_pin_is_tried_once_and_the_right_one_goes_on(table: Table) -> None:
    with pytest.raises(Refused, match=r"one that it refused \(tries left: 2\): it is not tried again"):
        await table.provision(pin="1111")
    assert table.card.pin_tries == 2
    for pin in ("1111", None):
        with pytest.raises(Refused, match="got one that it has: it is not tried again"):
            await table.provision(pin=pin)
    assert table.card.pin_tries == 2
    with pytest.raises(TimedOut, match="step first_point of device vm-01"):
        await table.provision(pin="4321", first_point_within=0)
    assert table.card.pin_tries == 3


async def test_a_sim_with_one_try_left_is_not_risked(table: Table) -> None:
    table.card.pin_tries = 1
    with pytest.raises(PinGuarded, match="2 tries left at least"):
        await table.provision(pin="4321")
    assert table.card.pin_tries == 1


async def test_a_blocked_sim_says_so(table: Table) -> None:
    table.card.pin_tries = 0
    table.card.power_cycle()
    with pytest.raises(PukRequired):
        await table.provision(pin="4321")


async def test_a_stopped_bench_goes_on_with_the_same_run(table: Table) -> None:
    table.modem.faults.no_network()
    first = asyncio.create_task(table.provision(pin="4321"))
    async with asyncio.timeout(20):
        while "set_apn" not in table.told:
            await asyncio.sleep(0.01)
    table.line.unplug()
    with pytest.raises(PortGone):
        await first
    table.modem.faults.network_back()
    table.line.plug()
    table.told.clear()
    with pytest.raises(TimedOut):
        await table.provision(first_point_within=0)
    assert table.told[:2] == ["identify", "unlock"]
    assert "read_imsi" not in table.told
    verbs = [verb for verb, _ in await table.room.audit()]
    assert verbs.count("provision.started") == 1
    assert table.room.sandbox.ledger.done == {("claim", SIM): 1, ("activate", SIM): 1}


async def test_a_sim_with_a_wrong_check_digit_is_not_taken(table: Table) -> None:
    table.card.iccid = SIM[:-1] + str((int(SIM[-1]) + 1) % 10)
    with pytest.raises(IdentityError, match="check digit holds"):
        await table.provision(pin="4321")


async def test_the_sim_of_another_machine_is_not_taken(table: Table) -> None:
    with pytest.raises(TimedOut):
        await table.provision(pin="4321", first_point_within=0)
    with pytest.raises(Refused, match="which belongs to vm-01: check which SIM is in which machine"):
        await table.provision("vm-02", pin="4321")


async def test_no_network_is_told_and_kept_with_the_run(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "REGISTERED_WITHIN", 0.2)
    table.modem.faults.no_network()
    with pytest.raises(NotRegistered):
        await table.provision(pin="4321")
    body = {"device": "vm-01", "provider": "sandbox", "apn": "iot.example"}
    run = await table.client.post("/v1/provision-runs", body)
    assert (run["state"], run["next"]) == ("running", "await_registration")
    assert run["error"].startswith("await_registration: expected the modem to register within 0.2 s")


async def test_an_access_point_no_network_has_is_refused(table: Table) -> None:
    with pytest.raises(Usage, match="expected an APN"):
        await table.provision(pin="4321", apn="-iot-")


async def test_a_refusal_of_the_provider_ends_it(table: Table) -> None:
    table.room.sandbox.ledger.refuse[SIM] = "reported stolen"
    with pytest.raises(Refused, match=f"provider sandbox refused SIM {SIM}: reported stolen"):
        await table.provision(pin="4321")


async def test_an_unknown_machine_is_refused_before_the_modem_is_touched(table: Table) -> None:
    with pytest.raises(Refused, match="vm-99"):
        await table.provision("vm-99")
    assert table.told == []
