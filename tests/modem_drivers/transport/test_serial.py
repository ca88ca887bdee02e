"""Serial transports over a real pseudo-terminal and a real socket."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from modem_drivers.errors import PortBusy, PortMissing
from modem_drivers.transport import Transport, open_port
from modem_drivers.transport.serial import TtyPort, UrlPort, _url


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    os.close(slave)
    yield master, name
    with contextlib.suppress(OSError):  # a test may have hung up
        os.close(master)


class Heard:
    """What a transport told."""

    def __init__(self) -> None:
        self.data = b""
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._grew = asyncio.Event()

    def on_data(self, data: bytes) -> None:
        self.data += data
        self._grew.set()

    async def until(self, wanted: bytes) -> None:
        async with asyncio.timeout(30):
            while self.data != wanted:
                self._grew.clear()
                await self._grew.wait()


async def opened(port: Transport) -> Heard:
    heard = Heard()
    await port.open(heard.on_data, heard.lost.set_result)
    return heard


async def test_bytes_travel_both_ways(pty: tuple[int, str]) -> None:
    master, name = pty
    port = open_port(name)
    heard = await opened(port)
    port.write(b"AT\r")
    assert await asyncio.to_thread(os.read, master, 100) == b"AT\r"
    os.write(master, b"\r\nOK\r\n")
    await heard.until(b"\r\nOK\r\n")
    await port.close()


async def test_a_large_write_waits_for_a_slow_reader(pty: tuple[int, str]) -> None:
    master, name = pty
    port = open_port(name)
    heard = await opened(port)
    data = bytes(range(256)) * 256
    port.write(data[:1000])
    port.write(data[1000:])
    read = b""
    while len(read) < len(data):
        read += await asyncio.to_thread(os.read, master, 4096)
    assert read == data
    assert not heard.lost.done()
    await port.close()


async def test_a_hung_up_line_is_told_once(pty: tuple[int, str]) -> None:
    master, name = pty
    port = open_port(name)
    heard = await opened(port)
    os.close(master)
    await asyncio.wait_for(heard.lost, 30)
    port.write(b"AT\r")
    await port.close()
    await port.close()


async def test_a_port_is_held_exclusively_and_the_holder_named(pty: tuple[int, str]) -> None:
    _, name = pty
    first = open_port(name)
    await opened(first)
    with pytest.raises(PortBusy, match=f"port {name} is in use"):
        await opened(open_port(name))
    await first.close()
    await opened(again := open_port(name))
    await again.close()


async def test_a_program_that_took_no_lock_is_named_too_and_its_line_left_as_it_is(pty: tuple[int, str]) -> None:
    master, name = pty
    lines = termios.tcgetattr(master)
    lines[3] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(master, termios.TCSANOW, lines)
    before = termios.tcgetattr(master)
    code = "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(PortBusy, match=rf"port {name} is in use by .*\(pid {other.pid}\)"):
            await TtyPort(name).open(lambda _: None, lambda _: None)
        assert termios.tcgetattr(master) == before
        other.communicate()
    port = TtyPort(name)
    await port.open(lambda _: None, lambda _: None)
    await port.close()


async def test_whoever_keeps_the_modems_side_of_a_pseudo_terminal_does_not_count() -> None:
    code = (
        "import os, sys, tty; master, slave = os.openpty(); tty.setraw(slave); "
        "print(os.ttyname(slave), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as modem:
        assert modem.stdout is not None
        port = TtyPort(modem.stdout.readline().decode().strip())
        await port.open(lambda _: None, lambda _: None)
        await port.close()
        modem.communicate()


async def test_a_missing_port(tmp_path: Path) -> None:
    with pytest.raises(PortMissing, match="no such device"):
        await opened(open_port(str(tmp_path / "ttyNone")))


async def test_a_file_is_no_port(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(PortMissing, match="got: something that is no serial port; check"):
        await opened(open_port(str(file)))


async def test_an_address_chooses_its_transport() -> None:
    assert isinstance(open_port("/dev/ttyUSB2"), TtyPort)
    assert isinstance(open_port("rfc2217://127.0.0.1:4000"), UrlPort)


async def test_a_socket_carries_both_ways_and_tells_its_end() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    address = f"socket://127.0.0.1:{server.getsockname()[1]}"

    def serve() -> None:
        line, _ = server.accept()
        assert line.recv(100) == b"AT\r"
        line.sendall(b"\r\nOK\r\n")
        assert line.recv(100) == b"bye\r"
        line.close()

    far = threading.Thread(target=serve)
    far.start()
    port = open_port(address)
    heard = await opened(port)
    port.write(b"AT\r")
    await heard.until(b"\r\nOK\r\n")
    port.write(b"bye\r")
    await asyncio.wait_for(heard.lost, 30)
    await port.close()
    far.join()
    server.close()


async def test_a_socket_nobody_listens_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    with pytest.raises(PortMissing, match=f"127.0.0.1:{number}"):
        await opened(open_port(f"socket://127.0.0.1:{number}"))


async def test_an_unknown_scheme_is_named() -> None:
    with pytest.raises(PortMissing, match="carrier://pigeon"):
        await opened(open_port("carrier://pigeon"))


@pytest.mark.parametrize("address", ["socket://127.0.0.1", "rfc2217://127.0.0.1", "socket://:", "socket://host:70000"])
async def test_an_address_without_host_and_port_says_so(address: str) -> None:
    with pytest.raises(PortMissing, match=f"{address}.*no host and port such as"):
        await opened(open_port(address))


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("socket://host:4000", "socket://host:4000"),
        ("rfc2217://host:4000", "rfc2217://host:4000?ign_set_control"),
        ("rfc2217://host:4000?timeout=9", "rfc2217://host:4000?timeout=9&ign_set_control"),
        ("rfc2217://host:4000?ign_set_control", "rfc2217://host:4000?ign_set_control"),
    ],
)
def test_control_lines_need_no_confirmation(address: str, url: str) -> None:
    assert _url(address) == url


async def test_whatever_pyserial_raises_the_port_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("option")

    monkeypatch.setattr("serial.serial_for_url", broken)
    with pytest.raises(PortMissing, match="option"):
        await opened(open_port("rfc2217://127.0.0.1:4000"))
