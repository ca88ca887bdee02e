"""Serial ports as transports: device files by descriptor in the event loop, URLs by threads."""

import asyncio
import contextlib
import errno
import fcntl
import os
import re
import termios
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar
from urllib.parse import urlsplit

import serial

from modem_drivers.errors import PortBusy, PortMissing
from modem_drivers.transport.base import OnData, OnLost, Transport
from modem_drivers.transport.holder import holder_of, is_own_terminal

BAUD: Final = 115200
"""USB modems ignore it; modems on a UART come with it."""

_T = TypeVar("_T")

READ_SIZE: Final = 65536
_URL_POLL: Final = 0.2  # seconds a reader thread may sit in one read before it sees that it shall stop
_UNCONFIRMED: Final = "ign_set_control"
_NETWORK: Final = ("socket://", "rfc2217://")
_CAUSE: Final = re.compile(r"^(?:Could not open port [^ ]+: )?(?:\[Errno -?[0-9]+\] )?")
"""What pyserial and Python put before the cause."""
_BUSY: Final = (errno.EBUSY, errno.EAGAIN, errno.EACCES)


def open_port(address: str, *, baud: int = BAUD) -> Transport:
    """The transport for an address: a device file, `socket://host:port` or `rfc2217://host:port`.

    Nothing is opened yet.
    """
    return UrlPort(address, baud) if "://" in address else TtyPort(address, baud)


class TtyPort:
    """A device file, opened exclusively; read and written in the event loop without a thread."""

    def __init__(self, address: str, baud: int = BAUD) -> None:
        self.name = address
        self._baud = baud
        self._port: serial.Serial | None = None
        self._fd = -1
        self._unsent = b""
        self._on_data: OnData
        self._on_lost: OnLost

    async def open(self, on_data: OnData, on_lost: OnLost) -> None:
        """See Transport."""
        self._on_data, self._on_lost = on_data, on_lost
        # Opening sets the line raw, so whose it is comes first: nobody's terminal or call is spoilt by a wrong name.
        if is_own_terminal(self.name):
            raise PortMissing(self.name, "the terminal you type at")
        holder = holder_of(self.name)
        if holder is not None:  # a program that takes no lock, as many do: its bytes and ours would mix
            raise PortBusy(self.name, holder)
        try:
            port = serial.Serial(self.name, self._baud, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError, termios.error) as error:
            raise _why(self.name, error) from error
        self._port, self._fd = port, port.fileno()
        with contextlib.suppress(OSError):  # the lock taken above holds even where this is not known
            if not os.ttyname(self._fd).startswith("/dev/pts/"):
                # A pseudo-terminal would stay closed to all if we are killed while its owner lives on.
                fcntl.ioctl(self._fd, termios.TIOCEXCL)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._readable)

    def write(self, data: bytes) -> None:
        """See Transport."""
        if self._port is None:
            return
        if self._unsent:
            self._unsent += data
            return
        self._unsent = data
        self._flush()
        if self._unsent:
            self._loop.add_writer(self._fd, self._writable)

    async def close(self) -> None:
        """See Transport."""
        port, self._port = self._port, None
        if port is None:
            return
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._unsent = b""
        with contextlib.suppress(OSError, termios.error):  # the device may have gone first
            port.close()

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error)
            return
        if data:
            self._on_data(data)
        else:
            self._lost(None)

    def _writable(self) -> None:
        self._flush()
        if not self._unsent:
            self._loop.remove_writer(self._fd)

    def _flush(self) -> None:
        try:
            written = os.write(self._fd, self._unsent)
        except BlockingIOError:
            written = 0
        except OSError as error:
            self._lost(error)
            return
        self._unsent = self._unsent[written:]

    def _lost(self, error: Exception | None) -> None:
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._unsent = b""
        self._loop.call_soon(self._tell_lost, error)

    def _tell_lost(self, error: Exception | None) -> None:
        if self._port is not None:
            self._on_lost(error)


class UrlPort:
    """A pyserial URL: a thread reads, another writes, both hand over to the event loop."""

    def __init__(self, address: str, baud: int = BAUD) -> None:
        self.name = address
        self._baud = baud
        self._port: serial.SerialBase | None = None

    async def open(self, on_data: OnData, on_lost: OnLost) -> None:
        """See Transport."""
        self._loop = asyncio.get_running_loop()
        self._on_data, self._on_lost = on_data, on_lost
        try:
            self._port = await self._loop.run_in_executor(None, self._connect)
        except Exception as error:  # whatever pyserial raises here, the port did not open
            raise _why(self.name, error) from error
        self._stop = threading.Event()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"write {self.name}")
        self._reader = threading.Thread(target=self._read, args=(self._port,), name=f"read {self.name}")
        self._reader.daemon = True
        self._reader.start()

    def write(self, data: bytes) -> None:
        """See Transport."""
        if self._port is not None:
            self._writer.submit(self._write, self._port, data)

    async def close(self) -> None:
        """See Transport."""
        port, self._port = self._port, None
        if port is None:
            return
        self._stop.set()
        await self._loop.run_in_executor(None, self._shut, port)

    def _connect(self) -> serial.SerialBase:
        return serial.serial_for_url(_url(self.name), self._baud, timeout=_URL_POLL)

    def _shut(self, port: serial.SerialBase) -> None:
        self._writer.shutdown(wait=True)
        self._reader.join()
        port.close()

    def _read(self, port: serial.SerialBase) -> None:
        try:
            while not self._stop.is_set():
                data = port.read(1)
                if data:
                    more: int = getattr(port, "in_waiting", 0)
                    self._hand_over(self._arrived, data + port.read(more) if more else data)
        except Exception as error:  # whatever pyserial raises here ends the line
            self._hand_over(self._lost, error)

    def _write(self, port: serial.SerialBase, data: bytes) -> None:
        try:
            port.write(data)
        except Exception as error:
            self._hand_over(self._lost, error)

    def _hand_over(self, call: Callable[[_T], None], value: _T) -> None:
        if not self._stop.is_set():
            self._loop.call_soon_threadsafe(call, value)

    def _arrived(self, data: bytes) -> None:
        if self._port is not None:
            self._on_data(data)

    def _lost(self, error: Exception | None) -> None:
        if self._port is not None and not self._stop.is_set():
            self._stop.set()
            self._on_lost(error)


def _url(address: str) -> str:
    """The address as pyserial wants it. Servers that confirm no control lines are served too: modems need none."""
    if not address.startswith("rfc2217://") or _UNCONFIRMED in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}{_UNCONFIRMED}"


def _host_and_port(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname and parts.port)
    except ValueError:  # a port beyond 65535, or none at all
        return False


def _why(address: str, error: Exception) -> PortMissing | PortBusy:
    """The error for a port that did not open. pyserial hides the cause in a text, so the file is asked."""
    number = getattr(error, "errno", None)
    if isinstance(error.__context__, termios.error):
        number = error.__context__.args[0]
    if number == errno.ENOTTY:
        return PortMissing(address, "something that is no serial port")
    if number in _BUSY and os.path.exists(address) and os.access(address, os.R_OK | os.W_OK):
        return PortBusy(address, holder_of(address))
    if number == errno.EACCES:
        return PortMissing(address, "no permission to open it (on Debian, join the group dialout)")
    if number == errno.ENOENT:
        return PortMissing(address, "no such device")
    if address.startswith(_NETWORK) and not _host_and_port(address):
        return PortMissing(address, "no host and port such as socket://10.0.0.7:4001")
    reason = _CAUSE.sub("", str(error))
    return PortMissing(address, os.strerror(number) if isinstance(number, int) else reason)
