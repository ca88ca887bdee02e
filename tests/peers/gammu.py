"""gammu, one run a command: it cannot listen, so nothing is ever received."""

import os
import time
from collections.abc import Iterable

from tests.peers.peer import Peer
from tests.peers.program import Program

_RUN_S = 60.0


class Gammu(Peer):
    """`run` gives any command; `send` is one run a text."""

    name = "gammu"
    programs = ("gammu",)
    listens = False
    _cpu = 0.0

    async def start(self) -> None:
        """See Peer."""
        self._config = self.folder / "gammurc"
        self._config.write_text(f"[gammu]\ndevice = {self.port}\nconnection = at115200\n")

    async def stop(self) -> None:
        """See Peer."""

    async def run(self, *arguments: str) -> str:
        """What one run prints; AssertionError with it where it fails, TimeoutError where it hangs."""
        log = self.folder / "out"
        log.unlink(missing_ok=True)
        before = os.times()
        program = await Program.start("gammu", "-c", str(self._config), *arguments, log=log)
        code = await program.wait(_RUN_S)
        after = os.times()
        self._cpu += sum(after[2:4]) - sum(before[2:4])
        assert code == 0, program.printed()
        return program.printed()

    async def send(self, to: str, texts: Iterable[str]) -> list[float]:
        """See Peer."""
        handed = []
        for text in texts:
            handed.append(time.monotonic())
            alphabet = () if text.isascii() else ("-unicode",)
            await self.run("sendsms", "TEXT", to, "-report", *alphabet, "-text", text)
        return handed

    def cpu_seconds(self) -> float:
        """See Peer."""
        return self._cpu
