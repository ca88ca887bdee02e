"""What can be asked of any modem without sending, spending or changing anything: `pytest --modem=/dev/ttyUSB2`."""

import asyncio

import pytest

from modem_drivers import (
    CommandRefused,
    Modem,
    PortBusy,
    SimState,
    normalise_iccid,
    normalise_imei,
    open_port,
)
from modem_drivers.profiles import GENERIC

pytestmark = pytest.mark.hardware


async def test_it_says_who_it_is(modem: Modem) -> None:
    assert modem.info.manufacturer
    assert modem.info.model
    assert normalise_imei(modem.info.imei) == modem.info.imei
    assert await modem.identify() == modem.info


async def test_its_family_is_known(modem: Modem) -> None:
    if modem.profile is GENERIC:
        pytest.skip(
            f"no profile knows {modem.info.manufacturer} {modem.info.model} yet: record it with fleet modem record"
        )
    assert modem.profile.matches(modem.info.manufacturer, modem.info.model)


async def test_its_sim_is_read(modem: Modem) -> None:
    state = await modem.sim.state()
    if state is SimState.ABSENT:
        pytest.skip("no SIM in it")
    iccid = await modem.sim.iccid()
    assert normalise_iccid(iccid) == iccid
    retries = await modem.sim.retries()
    assert retries is None or retries.pin is None or 0 <= retries.pin <= 10
    if state is SimState.READY:
        assert 6 <= len(await modem.sim.imsi()) <= 15


async def test_its_network_is_read(modem: Modem) -> None:
    registration = await modem.network.registration()
    assert registration.registered is False or registration.state.value > 0
    signal = await modem.network.signal()
    assert signal.rssi_dbm is None or -140 <= signal.rssi_dbm <= -10
    assert signal.rsrp_dbm is None or -156 <= signal.rsrp_dbm <= -31
    if registration.registered:
        operator = await modem.network.operator()
        assert operator is not None
        assert operator.numeric[:5].isdigit()
    await modem.network.serving_cell()


async def test_its_packet_data_is_read(modem: Modem) -> None:
    if await modem.sim.state() is not SimState.READY:
        pytest.skip("its SIM is not ready")
    for context in await modem.data.contexts():
        assert context.cid >= 0
        assert context.active or not context.addresses


async def test_what_it_can_do_is_asked_and_answered(modem: Modem) -> None:
    capabilities = await modem.capabilities()
    assert await modem.capabilities() == capabilities
    if capabilities.voice:
        assert await modem.voice.calls() == ()


async def test_it_stays_in_step_with_whoever_asks_much_at_once(modem: Modem) -> None:
    answers = await asyncio.gather(*(modem.session.command(text) for text in ("+CSQ", "+CGSN", "+CREG?") * 10))
    assert len(answers) == 30
    assert {answer.lines[-1].startswith("+CSQ") for answer in answers[::3]} == {True}
    assert modem.session.in_step


async def test_a_command_it_does_not_know_is_refused_and_nothing_is_lost(modem: Modem) -> None:
    with pytest.raises(CommandRefused):
        await modem.session.command("+NOSUCHCOMMAND?")
    await modem.session.command("AT")
    assert modem.session.counters.timeouts == 0


async def test_a_caller_who_gives_up_leaves_it_in_step(modem: Modem) -> None:
    asking = asyncio.create_task(modem.session.command("+CSQ"))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert (await modem.session.command("+CSQ")).lines
    assert modem.session.in_step


async def test_its_port_is_ours_alone(modem: Modem) -> None:
    name = modem.session.transport.name
    if "://" in name:
        pytest.skip("a port on the network is kept by its server")
    with pytest.raises(PortBusy):
        await open_port(name).open(lambda _: None, lambda _: None)
