"""A simulated modem on a bad line, unplugged, restarted or elsewhere: it is met again, and no text is doubled."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from hw_fixtures.modem import MemoryModem, PtyModem, SimulatedModem, serve_memory, serve_pty
from hw_fixtures.network import Network
from modem_drivers import (
    IdentityError,
    Modem,
    ModemState,
    Port,
    PortMissing,
    Refused,
    Sent,
    Stored,
    Unknown,
)
from tests.modem_drivers.simulation import ICCID, IMEI, OURS, PHONE, simulated, text
from tests.modem_drivers.supervised import kept
from tests.scenarios.faults.wound import wound
from tests.waiting import until


@pytest.mark.parametrize("fault", ["garbage", "urc inside reply"])
async def test_a_noisy_line_harms_nothing(served: MemoryModem, network: Network, fault: str) -> None:
    if fault == "garbage":
        served.modem.faults.garbage()
    modem = await Modem.open(served)
    assert await modem.sim.iccid() == ICCID
    came: asyncio.Queue[str | None] = asyncio.Queue()

    async def take(stored: Stored) -> None:
        came.put_nowait(stored.deliver.text)

    modem.sms.on_message = take
    await modem.sms.start()
    if fault == "urc inside reply":
        served.modem.faults.urc_inside_reply("RING")
    assert isinstance((await text(modem, "through the noise"))[0], Sent)
    network.phone(PHONE).send(OURS, "back")
    assert await asyncio.wait_for(came.get(), 30) == "back"
    await modem.close()


async def test_a_silent_modem_is_brought_back_into_step(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.sms.start()
    served.modem.faults.silence(0.2)
    with pytest.raises(Exception, match="no final result"):
        await modem.session.command("+CSQ", timeout=0.05)
    assert not modem.session.in_step
    assert isinstance((await text(modem, "after silence"))[0], Sent)
    assert modem.session.in_step
    await modem.close()


@wound
@pytest.mark.parametrize("left", ["V0", "Q1", "E0Q1V0"])
async def test_a_modem_that_another_program_left_without_words_is_told_to_speak(network: Network, left: str) -> None:
    modem = simulated("quectel-ec25", network)
    modem.feed(f"AT{left}\r".encode())
    async with serve_memory(modem) as served:
        opened = await Modem.open(served)
        assert opened.info.imei == IMEI
        assert opened.session.in_step
        await opened.close()


async def test_a_lost_prompt_leaves_no_stray_message(served: MemoryModem, network: Network) -> None:
    modem = await Modem.open(served)
    await modem.sms.start()
    served.modem.faults.lose_prompt()
    [part] = modem.sms.compose(PHONE, "whole", first_reference=1)
    with pytest.raises(Exception, match="no final result"):
        await modem.session.command(f"+CMGS={part.length}", payload=part.hex.encode() + b"\x1a", timeout=0.1)
    assert await modem.sms.submit(part) == Sent(1)
    assert [text.text for text in network.phone(PHONE).inbox] == ["whole"]
    await modem.close()


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (lambda modem: modem.faults.hang_up_at_prompt(), Refused),
        (lambda modem: modem.faults.hang_up_after_pdu(), Unknown),
    ],
    ids=["at the prompt", "after the PDU"],
)
async def test_unplugged_in_mid_send(
    model: str, tmp_path: Path, network: Network, order: Callable[[SimulatedModem], None], kind: type[object]
) -> None:
    async with serve_pty(simulated(model, network), tmp_path / "modem") as served:
        modem = await Modem.open(served.path)
        await modem.sms.start()
        order(served.modem)
        [outcome] = await text(modem, "unplugged")
        assert isinstance(outcome, kind)
        await asyncio.wait_for(modem.closed.wait(), 30)
        await modem.close()


async def test_the_supervisor_brings_it_back_behind_the_same_link(model: str, tmp_path: Path, network: Network) -> None:
    async with serve_pty(simulated(model, network), tmp_path / "modem") as served:
        set_up: list[str] = []

        async def on_modem(modem: Modem) -> None:
            await modem.sms.start()
            set_up.append(modem.info.imei)

        async with kept(served.path, on_modem=on_modem, expect_imei=IMEI) as supervisor:
            modem = await asyncio.wait_for(supervisor.wait_ready(), 30)
            assert isinstance((await text(modem, "before"))[0], Sent)
            served.unplug()
            await until(lambda: supervisor.state is ModemState.GONE)
            served.plug()
            again = await asyncio.wait_for(supervisor.wait_ready(), 30)
            assert again is not modem
            assert isinstance((await text(again, "after"))[0], Sent)
            assert set_up == [IMEI, IMEI]
        assert again.closed.is_set()


async def test_a_modem_that_restarts_itself_is_set_up_again(model: str, tmp_path: Path, network: Network) -> None:
    async with serve_pty(simulated(model, network), tmp_path / "modem") as served, kept(served.path) as supervisor:
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        served.modem.say("RDY")
        await until(lambda: supervisor.counters.restarts == 1)
        await asyncio.wait_for(supervisor.wait_ready(), 30)


async def test_over_a_pseudo_terminal_all_of_it(model: str, tmp_path: Path, network: Network) -> None:
    async with serve_pty(simulated(model, network)) as served:
        assert isinstance(served, PtyModem)
        modem = await Modem.open(served.path)
        await modem.sms.start()
        outcomes = await asyncio.gather(*(text(modem, f"number {n}", reference=n) for n in range(20)))
        assert [outcome for [outcome] in outcomes] == [Sent(n) for n in range(20)]
        assert [text.text for text in network.phone(PHONE).inbox] == [f"number {n}" for n in range(20)]
        await modem.close()


async def test_over_a_serial_server_on_the_network(served: MemoryModem, network: Network) -> None:
    async def bridge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await served.open(writer.write, lambda _: writer.close())
        while data := await reader.read(4096):
            served.write(data)
        writer.close()

    server = await asyncio.start_server(bridge, "127.0.0.1", 0)
    modem = await Modem.open(f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await modem.sms.start()
    assert isinstance((await text(modem, "over the network"))[0], Sent)
    assert [text.text for text in network.phone(PHONE).inbox] == ["over the network"]
    served.unplug()
    await asyncio.wait_for(modem.closed.wait(), 30)
    await modem.close()
    server.close()


async def test_a_modem_is_found_by_its_imei_behind_whatever_port_is_free(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's list of ports is told; everything behind it is as it is."""
    others = simulated("simcom-sim7600", network, imei="867698040000005")
    async with serve_pty(others) as other, serve_pty(simulated("quectel-ec25", network)) as ours:
        devices = ["/dev/no-such-port", other.path, ours.path]
        ports = [Port(device, 0x2C7C, 0x0125, 2, f"1-{at}", None, None) for at, device in enumerate(devices)]
        monkeypatch.setattr("modem_drivers.modem.at_ports", lambda: ports)
        modem = await Modem.open(f"imei:{IMEI}")
        assert modem.session.transport.name == ours.path
        with pytest.raises(PortMissing, match=f"imei:{IMEI}.*at a free port"):
            await Modem.open(f"imei:{IMEI}")
        await modem.close()
        with pytest.raises(IdentityError):
            await Modem.open("imei:12345")
