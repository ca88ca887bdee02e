"""The simulated modem on a pseudo-terminal, behind a link that outlives the device."""

import asyncio
from pathlib import Path

import pytest

from hw_fixtures.modem import serve_pty
from modem_drivers.transport import open_port
from tests.hw_fixtures.modem.bench import OWN, Bench, Host


async def test_answers_a_program_that_opens_the_path(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    host = Host()
    async with serve_pty(Bench().modem, link) as line:
        assert line.path == str(link)
        port = open_port(str(link))
        await port.open(host.on_data, lambda error: host.lost.set())
        port.write(b"AT+CGSN\r")
        await host.hears(b"867698040000005\r\n\r\nOK\r\n")
        await port.close()
    assert not link.is_symlink()


async def test_no_link_wanted() -> None:
    host = Host()
    async with serve_pty(Bench().modem) as line:
        port = open_port(line.path)
        await port.open(host.on_data, lambda error: None)
        port.write(b"AT\r")
        await host.hears(b"OK")
        await port.close()


async def test_unplugged_and_back_behind_the_same_link(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    host = Host()
    async with serve_pty(Bench().modem, link) as line:
        port = open_port(str(link))
        await port.open(host.on_data, lambda error: host.lost.set())
        line.unplug()
        await asyncio.wait_for(host.lost.wait(), 10)
        await port.close()
        assert not link.is_symlink()
        line.plug()
        await port.open(host.on_data, lambda error: None)
        port.write(b"AT\r")
        await host.hears(b"OK")
        await port.close()


async def test_a_long_answer_reaches_a_slow_reader_whole() -> None:
    bench = Bench()
    for number in range(255):
        bench.alice.send(OWN, f"{number:03} " * 40)
    host = Host()
    async with serve_pty(bench.modem) as line:
        port = open_port(line.path)
        await port.open(host.on_data, lambda error: None)
        port.write(b"ATE0\r")
        await host.hears(b"OK")
        port.write(b"AT+CMGL=4\r")
        async with asyncio.timeout(30):
            while not host.heard.endswith(b"\r\nOK\r\n"):
                await asyncio.sleep(0.01)
        assert host.heard.count(b"+CMGL: ") == 255
        assert len(host.heard) > 65536
        await port.close()


async def test_without_a_reader_output_is_bounded_and_the_modem_lives_on() -> None:
    bench = Bench()
    host = Host()
    async with serve_pty(bench.modem) as line:
        for _ in range(20_000):
            bench.modem.say('+CREG: 1,"1A2B","123ABC",7')
        port = open_port(line.path)
        await port.open(host.on_data, lambda error: None)
        port.write(b"AT+CGSN\r")
        await host.hears(b"867698040000005")
        await port.close()


async def test_a_link_left_by_a_killed_modem_is_replaced(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    link.symlink_to(tmp_path / "gone")
    async with serve_pty(Bench().modem, link):
        assert link.resolve().is_char_device()


async def test_a_path_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    taken = tmp_path / "modem"
    taken.write_text("mine")
    with pytest.raises(FileExistsError):
        async with serve_pty(Bench().modem, taken):
            pass
    assert taken.read_text() == "mine"
