"""The library against every simulated model: each row of a profile that can be tried is tried."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields
from ipaddress import IPv4Address

import pytest

from hw_fixtures.modem import MemoryModem, model_names, serve_memory
from hw_fixtures.network import Network
from modem_drivers import (
    Cme,
    CommandRefused,
    DataFailed,
    Modem,
    PdpContext,
    Sent,
    ServingCell,
    Signal,
    SimState,
    Unsupported,
)
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


async def test_packet_data_comes_up_and_goes_down(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.sim.unlock("4321", guard=Guard())
    radio, heard = served.modem.radio, bytearray()
    served.tap = lambda who, data: heard.extend(data) if who == "host" else None
    assert await modem.data.start(1, "iot.example") == (IPv4Address("10.64.0.2"),)
    assert radio.active == {"1": "iot.example"}
    assert await modem.data.contexts() == (
        PdpContext(1, "IPV4V6", "iot.example", active=True, addresses=(IPv4Address("10.64.0.2"),)),
    )
    heard.clear()
    assert await modem.data.start(1, "IoT.example") == (IPv4Address("10.64.0.2"),)  # is up: nothing is set
    setting = [command.format(cid=1, apn="IoT.example") for command in ("+CGDCONT=", *modem.profile.data.start)]
    assert not any(f"AT{command}".encode() in heard for command in setting)
    if served.modem.model.data:
        assert radio.stack == {"1"}
        await modem.data.stop(1)
        await modem.data.stop(1)
        assert radio.stack == set()
        assert await modem.data.start(1, "iot.example") == (IPv4Address("10.64.0.2"),)
    else:
        with pytest.raises(CommandRefused) as refused:
            await modem.data.stop(1)
        assert refused.value.code is Cme.LAST_PDN_DISCONNECTION_NOT_ALLOWED
    await modem.close()


async def test_a_second_context_where_the_model_has_it(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.sim.unlock("4321", guard=Guard())
    if not any("{cid}" in command for command in modem.profile.data.start):
        with pytest.raises(Unsupported, match="packet data on context 2"):
            await modem.data.start(2, "iot.example")
        assert list(served.modem.radio.contexts) == ["1"]
    else:
        assert await modem.data.start(2, "iot.example") == (IPv4Address("10.64.0.3"),)
        assert await modem.data.start(2, "other") == (IPv4Address("10.64.0.3"),)  # ended and started again
        assert served.modem.radio.active == {"1": "", "2": "other"}
        await modem.data.stop(2)
        assert served.modem.radio.active == {"1": ""}
    await modem.close()


async def test_a_network_that_refuses_data_is_an_error_and_the_next_try_is_free(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.sim.unlock("4321", guard=Guard())
    cid = 2 if any("{cid}" in command for command in modem.profile.data.start) else 1
    served.modem.faults.refuse_data(cme=148)
    with pytest.raises((CommandRefused, DataFailed)) as refused:
        await modem.data.start(cid, "iot.example")
    if isinstance(refused.value, CommandRefused):
        assert refused.value.code is Cme.UNSPECIFIED_GPRS_ERROR
    else:
        assert modem.profile.data.up in str(refused.value)
    assert await modem.data.start(cid, "iot.example")
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
