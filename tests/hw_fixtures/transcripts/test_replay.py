"""Recorded modems answer as they did."""

import pytest

from hw_fixtures.transcripts import Replay, load, names
from modem_drivers import Capabilities, Modem, RegState, SimState
from modem_drivers.at.transcript import Exchange
from modem_drivers.session import Session
from tests.modem_drivers.peer import QUICK

ROWS = [
    Exchange(b"AT\r", b"\r\nOK\r\n"),
    Exchange(b"AT+CSQ\r", b"\r\n+CSQ: 1,99\r\n\r\nOK\r\n"),
    Exchange(b"AT+CSQ\r", b"\r\n+CSQ: 2,99\r\n\r\nOK\r\n"),
    Exchange(b'AT+CPIN="****"\r', b"\r\nOK\r\n"),
]


async def test_the_same_command_in_the_order_recorded_then_the_last() -> None:
    replay = Replay(ROWS)
    session = Session(replay, QUICK)
    await session.open()
    lines = [(await session.command("+CSQ")).lines[0] for _ in range(3)]
    assert lines == ["+CSQ: 1,99", "+CSQ: 2,99", "+CSQ: 2,99"]
    await session.command('+CPIN="9999"')
    assert [key for key in replay.unknown if key != "\x1b"] == []
    await session.close()


async def test_what_was_not_recorded_is_refused_and_kept() -> None:
    from modem_drivers import CommandRefused

    replay = Replay(ROWS)
    session = Session(replay, QUICK)
    await session.open()
    with pytest.raises(CommandRefused):
        await session.command("+COPS?")
    assert "AT+COPS?\r" in replay.unknown
    await session.close()


async def test_the_recorded_ec25() -> None:
    modem = await Modem.open(load("quectel-ec25"))
    assert (modem.info.model, modem.info.imei, modem.profile.name) == ("EC25", "867698040000005", "quectel-ec25")
    assert await modem.sim.state() is SimState.READY
    assert await modem.sim.iccid() == "8988300000000000013"
    assert (await modem.network.registration()).state is RegState.HOME
    assert (await modem.network.signal()).rsrp_dbm == -95
    assert await modem.capabilities() == Capabilities(True, True, True, True, True, True)
    await modem.close()


def test_names() -> None:
    assert "quectel-ec25" in names()
    with pytest.raises(LookupError, match="quectel-ec25"):
        load("nokia-3310")
