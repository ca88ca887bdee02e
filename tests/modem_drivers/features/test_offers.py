"""What nobody has confirmed is asked for before it is used, once."""

from dataclasses import replace
from types import MappingProxyType

from modem_drivers.features.network import Network
from modem_drivers.features.offers import usable
from modem_drivers.features.sim import Sim
from modem_drivers.profiles import EC25
from modem_drivers.profiles.sources import unconfirmed
from tests.modem_drivers.peer import joined

ICCID = "8988300000000000013"
DOUBTFUL = replace(
    EC25,
    settle=0.005,
    sources=MappingProxyType({row: unconfirmed("a guess") for row in ("iccid", "retries", "cell", "signal")}),
)


async def test_a_confirmed_row_is_used_without_asking() -> None:
    session, peer = await joined({}, replace(EC25, settle=0.005))
    before = list(peer.heard)
    assert await usable(session, "iccid", "+QCCID")
    assert peer.heard == before
    await session.close()


async def test_a_refused_command_is_asked_for_once_and_never_sent() -> None:
    session, peer = await joined({"+CCID": f"+CCID: {ICCID}\nOK", "+CCID=?": "OK", "+QCCID": "+QCCID: 1\nOK"}, DOUBTFUL)
    assert await Sim(session).iccid() == ICCID
    assert await Sim(session).iccid() == ICCID
    assert peer.heard.count("AT+QCCID=?") == 1
    assert "AT+QCCID" not in peer.heard
    await session.close()


async def test_tries_signal_and_cell_that_are_refused_are_unknown() -> None:
    session, peer = await joined({"+CSQ": "+CSQ: 20,99\nOK"}, DOUBTFUL)
    assert await Sim(session).retries() is None
    assert await Network(session).serving_cell() is None
    assert (await Network(session).signal()).rssi_dbm == -73
    assert not any("QENG=" in text and "?" not in text for text in peer.heard)
    await session.close()
