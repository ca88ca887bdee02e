"""Libraries, each in a process of its own that obeys lines of JSON: drivers/ holds what runs there."""

import asyncio
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.peers.peer import Peer, Received
from tests.peers.program import Program

ROOT = Path(__file__).resolve().parents[2]
READY_S = 30.0


class Driven(Peer):
    """One driver; `python` is the interpreter that has the library."""

    driver: str
    python = Path(sys.executable)
    _program: Program | None = None

    async def start(self) -> None:
        """See Peer. Returns once the modem is set up."""
        self._handed: asyncio.Queue[list[float]] = asyncio.Queue()
        self._ready = asyncio.Event()
        script = ROOT / "tests" / "peers" / "drivers" / f"{self.driver}.py"
        self._program = await Program.start(
            *(str(self.python), "-P", str(script), str(self.port), str(self.folder)),
            log=self.folder / "out",
            env={"PYTHONPATH": str(ROOT)},
            pipes=True,
        )
        self._listener = asyncio.create_task(self._listen(self._program))
        async with asyncio.timeout(READY_S):
            await self._ready.wait()

    async def stop(self) -> None:
        """See Peer."""
        if self._program is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])
            await self._program.end()

    async def send(self, to: str, texts: Iterable[str]) -> list[float]:
        """See Peer. Returns when the library has taken the last one."""
        assert self._program is not None
        self._program.stdin.write(json.dumps({"to": to, "texts": list(texts)}).encode() + b"\n")
        return await self._handed.get()

    def cpu_seconds(self) -> float:
        """See Peer."""
        return self._program.cpu_seconds() if self._program is not None else 0.0

    async def _listen(self, program: Program) -> None:
        while line := await program.stdout.readline():
            match json.loads(line):
                case {"received": text}:
                    self.received.put_nowait(Received(**text))
                case {"report": _}:
                    self.reports.put_nowait("")
                case {"handed": handed}:
                    self._handed.put_nowait(handed)
                case {"ready": _}:
                    self._ready.set()


class Library(Driven):
    """modem_drivers alone."""

    name = "modem_drivers"
    driver = "library"


class Gateway(Driven):
    """The gateway of the service, its queue in SQLite on disk."""

    name = "fleet gateway"
    driver = "gateway"


class GsmModem(Driven):
    """python-gsmmodem-new, which needs an environment of its own."""

    name = "python-gsmmodem"
    driver = "gsmmodem"


class BareLine(Driven):
    """Nothing but reads and writes: no program can be faster on this machine."""

    name = "bare line"
    driver = "bare"
