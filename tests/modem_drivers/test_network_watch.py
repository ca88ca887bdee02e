"""A modem that answers and has lost its network is helped back, in wound time."""

import asyncio

import pytest

from modem_drivers import NotRegistered
from modem_drivers.network_watch import NetworkWatch, radio_off_and_on
from modem_drivers.recovery import Repair
from tests.scenarios.faults.line import Line, at_work
from tests.scenarios.faults.wound import wound

PATIENCE = 120.0


def ordered(line: Line) -> list[str]:
    """What was ordered for the network's sake, in order."""
    said = b"".join(data for speaker, data in line.heard if speaker == "host").decode().split("\r")
    return [command for command in said if command.startswith(("AT+COPS=0", "AT+CFUN"))]


@wound
async def test_nothing_is_done_where_there_is_a_network() -> None:
    async with at_work() as line:
        watch = NetworkWatch(PATIENCE)
        for _ in range(10):
            await watch.look(line.modem)
            await asyncio.sleep(PATIENCE)
        assert not watch.repairs
        assert ordered(line) == []


@wound
async def test_one_repair_each_time_the_patience_is_used_up_and_then_it_must_be_set_up_anew() -> None:
    async with at_work() as line:
        line.simulated.faults.no_network()
        watch = NetworkWatch(PATIENCE)
        await watch.look(line.modem)
        await asyncio.sleep(PATIENCE - 1)
        await watch.look(line.modem)
        assert not watch.repairs
        await asyncio.sleep(2)
        for _ in range(3):  # looks more often than it acts
            await watch.look(line.modem)
        assert watch.repairs == {Repair.CHOOSE: 1}
        await asyncio.sleep(PATIENCE)
        await watch.look(line.modem)
        assert watch.repairs == {Repair.CHOOSE: 1, Repair.RADIO: 1}
        assert ordered(line) == ["AT+COPS=0", "AT+CFUN=4", "AT+CFUN=1"]
        await asyncio.sleep(PATIENCE)
        with pytest.raises(NotRegistered, match="check the antenna"):
            await watch.look(line.modem)
        await asyncio.sleep(PATIENCE)
        await watch.look(line.modem)  # its owner sets it up; until then nothing is left to do
        assert watch.repairs.total() == 3


@wound
async def test_a_network_that_came_back_is_lost_anew() -> None:
    async with at_work() as line:
        watch = NetworkWatch(PATIENCE)
        for _ in range(2):
            line.simulated.faults.no_network()
            await watch.look(line.modem)
            await asyncio.sleep(PATIENCE - 1)
            line.simulated.faults.network_back()
            await watch.look(line.modem)
            await asyncio.sleep(2)
        assert not watch.repairs


@wound
async def test_a_modem_set_up_anew_has_its_patience_anew() -> None:
    async with at_work() as line:
        line.simulated.faults.no_network()
        watch = NetworkWatch(PATIENCE)
        await watch.look(line.modem)
        await asyncio.sleep(PATIENCE)
        watch.forget()
        await watch.look(line.modem)
        assert not watch.repairs


@wound
async def test_turning_the_radio_off_and_on_finds_the_network_again() -> None:
    async with at_work() as line:
        line.simulated.radio.deregister()
        assert not (await line.modem.network.registration()).registered
        await radio_off_and_on(line.modem)
        assert (await line.modem.network.wait_registered(60)).registered
        assert ordered(line) == ["AT+CFUN=4", "AT+CFUN=1"]
