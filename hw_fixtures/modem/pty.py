"""A simulated modem on a pseudo-terminal, as a program for serial ports finds it."""

import os
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from hw_fixtures.modem.host import Host
from hw_fixtures.modem.machine import SimulatedModem

_READ_SIZE = 65536
_MOST_UNSENT = 262_144  # octets kept for a slow reader; the oldest beyond are lost, as without flow control


class PtyModem(Host):
    """A modem behind a device path; after every plug it is a new device, under the same link if there is one."""

    def __init__(self, modem: SimulatedModem, link: Path | None = None) -> None:
        super().__init__(modem)
        self.link = link
        self._device = ""
        self._master = self._slave = -1
        self._unsent = bytearray()

    @property
    def path(self) -> str:
        """What to open: the link, else the device of the moment."""
        return str(self.link or self._device)

    def __fspath__(self) -> str:
        return self.path

    def __str__(self) -> str:
        return self.path

    def _connect(self) -> None:
        self._master, self._slave = os.openpty()
        # Our own end of the slave stays open, so that a reader who leaves does not hang the master up.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._device = os.ttyname(self._slave)
        if self.link is not None:
            try:
                self._make_link(self.link)
            except OSError:
                os.close(self._slave)
                os.close(self._master)
                raise
        self._loop.add_reader(self._master, self._readable)

    def _make_link(self, link: Path) -> None:
        if link.is_symlink() and not link.exists():
            link.unlink()  # left by a modem that was killed
        link.symlink_to(self._device)

    def _disconnect(self) -> None:
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        self._unsent.clear()
        if self.link is not None and self.link.is_symlink():
            self.link.unlink()
        os.close(self._slave)
        os.close(self._master)

    def _write(self, data: bytes) -> None:
        waiting = bool(self._unsent)
        self._unsent += data
        del self._unsent[: max(0, len(self._unsent) - _MOST_UNSENT)]
        if not waiting:
            self._push()
            if self._unsent:
                self._loop.add_writer(self._master, self._writable)

    def _writable(self) -> None:
        self._push()
        if not self._unsent:
            self._loop.remove_writer(self._master)

    def _push(self) -> None:
        with suppress(BlockingIOError):
            del self._unsent[: os.write(self._master, self._unsent)]

    def _readable(self) -> None:
        with suppress(BlockingIOError):
            self._received(os.read(self._master, _READ_SIZE))


@asynccontextmanager
async def serve_pty(modem: SimulatedModem, link: Path | None = None) -> AsyncIterator[PtyModem]:
    """A modem on a pseudo-terminal while the context lasts; use `.path`, `.unplug()`, `.plug()`.

    Raises FileExistsError when the link path is taken.
    """
    served = PtyModem(modem, link)
    served.start()
    try:
        yield served
    finally:
        served.stop()
