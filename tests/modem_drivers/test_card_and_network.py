"""A simulated modem's identity, network and PIN, as a gateway asks for them; the same with each maker."""

import pytest

from hw_fixtures.modem import MemoryModem, serve_memory
from hw_fixtures.network import Network
from modem_drivers import Modem, PinGuarded, PinRefused, PukRequired, Signal, SimState
from tests.modem_drivers.simulation import ICCID, IMEI, IMSI, Guard, simulated


async def test_it_is_identified(model: str, served: MemoryModem) -> None:
    modem = await Modem.open(served)
    assert modem.profile.name == model
    assert modem.info.imei == IMEI
    assert await modem.sim.state() is SimState.READY
    assert await modem.sim.iccid() == ICCID
    assert await modem.sim.imsi() == IMSI
    retries = await modem.sim.retries()
    assert retries is not None
    assert (retries.pin, retries.puk) == (3, 10)
    await modem.close()


async def test_it_registers_and_tells_about_its_network(model: str, network: Network) -> None:
    async with serve_memory(simulated(model, network, registered_after=0.3)) as served:
        modem = await Modem.open(served)
        registration = await modem.network.wait_registered(timeout=60)
        assert registration.registered
        assert registration.sms_possible
        assert registration.act == 7
        operator = await modem.network.operator()
        assert operator is not None
        assert operator.numeric.isdigit()
        assert operator.name != operator.numeric
        signal = await modem.network.signal()
        assert signal.rssi_dbm is not None
        assert -113 <= signal.rssi_dbm <= -51
        await modem.close()


async def test_its_cell_and_levels_are_those_of_the_air(served: MemoryModem, network: Network) -> None:
    modem = await Modem.open(served)
    cell, air = await modem.network.serving_cell(), network.cell
    assert cell is not None
    assert (cell.plmn, cell.area, cell.cell, cell.pci) == (air.plmn, air.tac, air.cell_id, air.pci)
    assert (cell.band, cell.channel) == (air.band, air.earfcn)
    assert cell.signal == Signal(air.rssi_dbm, air.rsrp_dbm, air.rsrq_db)
    assert (await modem.network.signal()).rsrp_dbm == air.rsrp_dbm
    await modem.close()


async def test_user_and_password_reach_the_context_as_such(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.network.set_credentials(1, "fleet", "s3cret")
    assert served.modem.radio.credentials == {"1": ("2", "fleet", "s3cret")}
    await modem.close()


async def test_the_apn_is_set_once_and_the_modem_registers_again(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    heard: list[bytes] = []
    served.tap = lambda who, data: heard.append(data) if who == "host" else None
    await modem.network.set_apn(1, "iot.example")
    assert await modem.network.apn(1) == "iot.example"
    assert b"AT+CFUN=4\r" in heard
    assert (await modem.network.wait_registered(timeout=60)).registered
    heard.clear()
    await modem.network.set_apn(1, "iot.example")
    assert heard == [b"AT+CGDCONT?\r"]
    await modem.close()


async def test_the_right_pin_unlocks(model: str, network: Network) -> None:
    async with serve_memory(simulated(model, network, pin="4321")) as served:
        modem = await Modem.open(served)
        assert await modem.sim.state() is SimState.PIN
        assert await modem.sim.iccid() == ICCID
        await modem.sim.unlock("4321", guard=Guard())
        assert await modem.sim.state() is SimState.READY
        assert (await modem.network.wait_registered(timeout=60)).registered
        await modem.close()


async def test_a_wrong_pin_costs_one_try_and_is_never_tried_again(model: str, network: Network) -> None:
    simulation = simulated(model, network, pin="4321")
    guard = Guard()
    async with serve_memory(simulation) as served:
        modem = await Modem.open(served)
        with pytest.raises(PinRefused, match="2 tries left"):
            await modem.sim.unlock("1111", guard=guard)
        with pytest.raises(PinGuarded, match="before"):
            await modem.sim.unlock("1111", guard=guard)
        await modem.close()
        modem = await Modem.open(served)
        with pytest.raises(PinGuarded, match="before"):
            await modem.sim.unlock("1111", guard=guard)
        assert simulation.sim is not None
        assert simulation.sim.pin_tries == 2
        with pytest.raises(PinRefused, match="1 try left"):
            await modem.sim.unlock("2222", guard=guard)
        with pytest.raises(PinGuarded, match="expected 2 tries left"):
            await modem.sim.unlock("4321", guard=guard)
        assert simulation.sim.pin_tries == 1
        await modem.close()


async def test_a_blocked_sim_asks_for_its_puk(model: str, network: Network) -> None:
    simulation = simulated(model, network, pin="4321")
    assert simulation.sim is not None
    simulation.sim.pin_tries = 0
    async with serve_memory(simulation) as served:
        modem = await Modem.open(served)
        with pytest.raises(PukRequired):
            await modem.sim.unlock("4321", guard=Guard())
        await modem.close()
