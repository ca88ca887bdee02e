"""A modem behind a serial server on the network: over a bare socket and over RFC 2217, with the real ser2net."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hw_fixtures.modem import PtyModem, SimCard, SimulatedModem, load_model, serve_pty
from hw_fixtures.network import Network
from modem_drivers import Modem, ModemState, PortMissing, Sent
from tests.modem_drivers.serial_server import Protocol, SerialServer
from tests.modem_drivers.supervised import kept
from tests.needs import needs
from tests.waiting import until

OURS, PHONE = "+15550199", "+15550101"
protocols = pytest.mark.parametrize("protocol", ["socket", "rfc2217"])


@pytest.fixture
async def plugged(tmp_path: Path) -> AsyncIterator[PtyModem]:
    network = Network(lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    card = SimCard("8988300000000000013", "001010123456789", OURS)
    modem = SimulatedModem(load_model("simcom-sim7600"), network=network, sim=card, imei="867698040000005")
    async with serve_pty(modem, tmp_path / "modem") as served:
        yield served


@pytest.fixture
async def server(plugged: PtyModem, protocol: Protocol, tmp_path: Path) -> AsyncIterator[SerialServer]:
    needs("ser2net")
    assert plugged.link is not None
    server = SerialServer(plugged.link, protocol, tmp_path)
    await server.start()
    yield server
    await server.stop()


async def text(modem: Modem, words: str) -> object:
    [part] = modem.sms.compose(PHONE, words, first_reference=1)
    return await modem.sms.submit(part)


@protocols
async def test_texts_travel_both_ways(plugged: PtyModem, server: SerialServer) -> None:
    modem = await Modem.open(server.address)
    came: asyncio.Queue[str | None] = asyncio.Queue()

    async def take(stored: object) -> None:
        came.put_nowait(stored.deliver.text)  # type: ignore[attr-defined]

    modem.sms.on_message = take
    await modem.sms.start()
    assert modem.profile.name == "simcom-sim7600"
    assert await text(modem, "Cooling fault at site 4") == Sent(1)
    network = plugged.modem.network
    assert isinstance(network, Network)
    phone = network.phone(PHONE)
    assert [one.text for one in phone.inbox] == ["Cooling fault at site 4"]
    phone.reply("41A — \xff\xff")  # 0xFF is Telnet's escape
    assert await asyncio.wait_for(came.get(), 30) == "41A — \xff\xff"
    await modem.close()


@protocols
async def test_the_server_goes_and_comes_back(plugged: PtyModem, server: SerialServer) -> None:
    async with kept(server.address) as supervisor:
        first = await asyncio.wait_for(supervisor.wait_ready(), 10)
        await server.stop()
        await until(lambda: supervisor.state is ModemState.GONE and isinstance(supervisor.problem, PortMissing))
        await server.start()
        again = await asyncio.wait_for(supervisor.wait_ready(), 10)
        assert again is not first
        assert await text(again, "after") == Sent(1)


@protocols
async def test_the_modem_behind_it_is_unplugged_and_comes_back(plugged: PtyModem, server: SerialServer) -> None:
    async with kept(server.address) as supervisor:
        first = await asyncio.wait_for(supervisor.wait_ready(), 10)
        plugged.unplug()
        await asyncio.wait_for(first.closed.wait(), 10)
        await until(lambda: supervisor.state is not ModemState.READY)
        plugged.plug()
        again = await asyncio.wait_for(supervisor.wait_ready(), 20)
        assert again is not first
        assert await text(again, "after") == Sent(1)
