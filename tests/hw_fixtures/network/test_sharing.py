"""One network for several processes: each end of the socket in this one, to look at both."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from hw_fixtures.modem import MemoryModem, SimCard, SimulatedModem, load_model, serve_memory
from hw_fixtures.network.sharing import Hub, JoinedNetwork, WorldError, shared_network
from modem_drivers import Cms, Modem, Refused, Sent
from modem_drivers.pdu import StatusReport
from tests.hw_fixtures.network.conftest import made
from tests.waiting import until

HUBS, GUESTS, ALICE = "+15550199", "+15550198", "+15550101"


@asynccontextmanager
async def on(world: Hub | JoinedNetwork, number: str, model: str = "quectel-ec25") -> AsyncIterator[MemoryModem]:
    """A modem with this number in this world."""
    await world.claim(number)
    card = SimCard("8988300000000000013", "001010123456789", number)
    modem = SimulatedModem(load_model(model), network=world.air, sim=card, imei="867698040000005", reboot_after=0.05)
    async with serve_memory(modem) as served:
        yield served


@pytest.fixture
async def guest(hub: Hub, path: Path) -> AsyncIterator[JoinedNetwork]:
    async with shared_network(path, made) as world:
        assert isinstance(world, JoinedNetwork)
        yield world


async def opened(served: MemoryModem) -> tuple[Modem, asyncio.Queue[str | None]]:
    modem = await Modem.open(served)
    came: asyncio.Queue[str | None] = asyncio.Queue()

    async def take(stored: object) -> None:
        came.put_nowait(stored.deliver.text)  # type: ignore[attr-defined]

    modem.sms.on_message = take
    await modem.sms.start()
    return modem, came


async def text(modem: Modem, to: str, words: str, *, resend: bool = False) -> object:
    [part] = modem.sms.compose(to, words, first_reference=7, resend=resend)
    return await modem.sms.submit(part)


async def test_modems_of_two_processes_text_one_another_and_get_their_reports(hub: Hub, guest: JoinedNetwork) -> None:
    async with on(hub, HUBS) as near, on(guest, GUESTS, "simcom-sim7600") as far:
        (one, to_one), (other, to_other) = await opened(near), await opened(far)
        reports: asyncio.Queue[StatusReport] = asyncio.Queue()
        other.sms.on_report = reports.put
        assert await text(one, GUESTS, "hello") == Sent(7)
        assert await asyncio.wait_for(to_other.get(), 30) == "hello"
        assert await text(other, HUBS, "hello yourself") == Sent(7)
        assert await asyncio.wait_for(to_one.get(), 30) == "hello yourself"
        report = await asyncio.wait_for(reports.get(), 30)
        assert (report.reference, report.delivered) == (7, True)
        again = await text(other, HUBS, "hello yourself", resend=True)
        assert isinstance(again, Refused)
        assert again.code is Cms.DUPLICATE_REJECTED
        await one.close()
        await other.close()


async def test_phones_are_reached_from_every_process(hub: Hub, guest: JoinedNetwork) -> None:
    seen: dict[str, list[tuple[str, str]]] = {"hub": [], "guest": []}
    hub.on_text.append(lambda number, text: seen["hub"].append((number, text.text)))
    guest.on_text.append(lambda number, text: seen["guest"].append((number, text.text)))
    async with on(hub, HUBS) as near, on(guest, GUESTS) as far:
        (one, to_one), (other, to_other) = await opened(near), await opened(far)
        assert await text(other, ALICE, "Fault 41") == Sent(7)
        await until(lambda: seen == {"hub": [(ALICE, "Fault 41")], "guest": [(ALICE, "Fault 41")]})
        hub.person("reply", ALICE, "41A", HUBS)
        assert await asyncio.wait_for(to_other.get(), 30) == "41A"
        guest.person("send", ALICE, "to the other modem", HUBS)
        assert await asyncio.wait_for(to_one.get(), 30) == "to the other modem"
        refused: asyncio.Queue[str] = asyncio.Queue()
        guest.on_refused.append(refused.put_nowait)
        guest.person("reply", "+15550102", "to whom?", GUESTS)
        assert "got none yet" in await asyncio.wait_for(refused.get(), 30)
        guest.person("send", "bob", "hi", HUBS)
        assert "got the name 'bob'" in await asyncio.wait_for(refused.get(), 30)
        await one.close()
        await other.close()


async def test_texts_wait_while_the_other_modem_is_away_or_has_no_room(hub: Hub, guest: JoinedNetwork) -> None:
    async with on(guest, GUESTS) as far:
        modem, came = await opened(far)
        far.modem.faults.full_storage()
        hub.person("send", ALICE, "one", GUESTS)
        await until(lambda: hub.air.centre.waiting(GUESTS) == 1)
        far.modem.faults.clear()
        guest.dispatch()
        assert await asyncio.wait_for(came.get(), 30) == "one"
        await modem.close()
        far.unplug()
        await until(lambda: not hub.air.centre.attached(GUESTS))
        hub.person("send", ALICE, "two", GUESTS)
        far.plug()
        modem, came = await opened(far)
        assert await asyncio.wait_for(came.get(), 30) == "two"
        await modem.close()


async def test_a_number_is_one_modems(hub: Hub, guest: JoinedNetwork, path: Path) -> None:
    await hub.claim(HUBS)
    with pytest.raises(WorldError, match=r"no other modem has, got \+15550199"):
        await guest.claim(HUBS)
    async with shared_network(path, made) as third:
        await third.claim(GUESTS)
    await until(lambda: not hub.air.centre.attached(GUESTS))

    async def take_over() -> None:
        while True:
            try:
                return await guest.claim(GUESTS)
            except WorldError:
                await asyncio.sleep(0.005)

    await asyncio.wait_for(take_over(), 30)  # its holder has left


async def test_the_end_of_the_first_process_is_told_in_one_sentence(path: Path) -> None:
    async with AsyncExitStack() as stack:
        async with shared_network(path, made):
            guest = await stack.enter_async_context(shared_network(path, made))
        assert "its first process has ended" in await asyncio.wait_for(guest.ended, 30)
        with pytest.raises(WorldError, match="has ended"):
            await guest.claim(GUESTS)


async def test_a_socket_left_by_a_killed_process_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert path.is_socket()
    async with shared_network(path, made) as world:
        assert isinstance(world, Hub)
    assert not path.exists()


async def test_a_file_in_the_way_is_left_alone(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(WorldError, match="expected a socket or nothing"):
        async with shared_network(path, made):
            pass
    assert path.read_text() == "mine"
    with pytest.raises(WorldError, match="No such file or directory; name another"):
        async with shared_network(path.parent / "no" / "world", made):
            pass


@pytest.mark.parametrize(
    "said",
    [
        b"hello\n",
        b"[]\n",
        b"{}\n",
        b'{"verb": "attach"}\n',
        b'{"verb": "attach", "number": []}\n',
        b'{"verb": "claim", "number": 7}\n{"verb": "submit", "sender": 7, "id": 1, "pdu": "zz"}\n',
        b'{"verb": "person", "deed": "fly", "number": "+15550101", "words": "", "modem": ""}\n',
        b'{"verb": "in call", "call": {}, "does": "answer"}\n{"verb": "claim", "number": "+1"}\n{"verb": "dial"}\n',
        b"x" * 100_000,
        os.urandom(500),
    ],
)
async def test_a_stranger_at_the_socket_is_shown_the_door(hub: Hub, path: Path, said: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(said)
    writer.write_eof()
    await asyncio.wait_for(reader.read(), 30)
    writer.close()
    async with shared_network(path, made) as guest:
        await guest.claim(GUESTS)
