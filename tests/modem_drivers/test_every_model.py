"""The library against every simulated model: each row of a profile that can be tried is tried."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields

import pytest

from hw_fixtures.modem import MemoryModem, model_names, serve_memory
from hw_fixtures.network import Network
from modem_drivers import Modem, Sent, ServingCell, Signal, SimState
from modem_drivers.at.parsers.sleep import PowerSaving
from tests.modem_drivers.simulation import ICCID, PHONE, Guard, simulated
from tests.modem_drivers.supervised import kept

PROFILES = {
    "generic-3gpp": "generic",
    "quectel-bg95": "quectel-bg95",
    "quectel-bg96": "quectel-bg96",
    "quectel-ec25": "quectel-ec25",
    "quectel-eg25-g": "quectel-ec25",
    "quectel-eg91": "quectel-ec25",
    "sierra-em7455": "sierra-em",
    "sierra-hl7800": "sierra-hl78",
    "simcom-a7670": "simcom-a7670",
    "simcom-sim7080g": "simcom-sim7080",
    "simcom-sim7600": "simcom-sim7600",
    "telit-le910": "telit-le910",
    "ublox-lara-r6": "ublox-lara-r6",
    "ublox-sara-r4": "ublox-sara-r4",
    "ublox-sara-r5": "ublox-sara-r5",
}


@pytest.fixture(params=model_names())
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def served(model: str, network: Network) -> AsyncIterator[MemoryModem]:
    async with serve_memory(simulated(model, network, pin="4321", reboot_after=0.05)) as served:
        yield served


async def test_it_is_known_unlocked_measured_and_texted_through(model: str, served: MemoryModem) -> None:
    modem = await Modem.open(served)
    assert modem.profile.name == PROFILES[model]
    assert await modem.sim.iccid() == ICCID
    retries = await modem.sim.retries()
    assert retries is not None
    assert retries.pin == 3
    await modem.sim.unlock("4321", guard=Guard())
    assert await modem.sim.state() is SimState.READY
    registration = await modem.network.wait_registered(timeout=60)
    air = served.modem.network.cell
    assert registration.act == served.modem.model.access
    assert int(registration.cell or "", 16) == air.cell_id
    assert (await modem.network.signal()).rsrp_dbm == air.rsrp_dbm
    if modem.profile.cell:
        cell = await modem.network.serving_cell()
        assert cell is not None
        assert cell.area in (air.tac, None)
        assert cell.signal.rsrp_dbm == air.rsrp_dbm
    if modem.profile.credentials:
        told = await modem.network.set_credentials(1, "fleet", "s3cret")
        assert told is bool(served.modem.model.credentials_shown)
        assert served.modem.radio.credentials == {"1": ("2", "fleet", "s3cret")}
    await modem.sms.start()
    [part] = modem.sms.compose(PHONE, "Cooling fault at site 4", first_reference=9)
    assert await modem.sms.submit(part) == Sent(9)
    await modem.close()


async def test_each_way_to_tell_the_cell_tells_the_same_one(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    for form in modem.profile.cell:
        assert form.read((await modem.session.command(form.command)).lines) is None  # the SIM is locked
    await modem.sim.unlock("4321", guard=Guard())
    await modem.network.wait_registered(timeout=60)
    air = served.modem.network.cell
    signal = Signal(air.rssi_dbm, air.rsrp_dbm, air.rsrq_db)
    full = ServingCell("", air.plmn, air.tac, air.cell_id, air.pci, air.band, air.earfcn, signal)
    for form in modem.profile.cell:
        cell = form.read((await modem.session.command(form.command)).lines)
        assert cell is not None, form.command
        for field in fields(cell):
            told = getattr(cell, field.name)
            if field.name == "signal":
                assert told.filled(signal) == signal
            elif field.name != "access":
                assert told in (None, getattr(full, field.name)), (form.command, field.name)
    await modem.close()


async def test_power_saving_is_told(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    assert await modem.network.power_saving() == PowerSaving(False)
    await modem.session.command('+CPSMS=1,,,"00100001","00000101"')
    assert await modem.network.power_saving() == PowerSaving(True, 3600, 10)
    await modem.close()


async def test_its_own_restart_brings_it_back(served: MemoryModem) -> None:
    async with kept(served) as supervisor:
        modem = await asyncio.wait_for(supervisor.wait_ready(), 30)
        await modem.session.command(modem.profile.power.restart)
        await asyncio.wait_for(modem.closed.wait(), 30)
        assert await asyncio.wait_for(supervisor.wait_ready(), 10) is not modem
