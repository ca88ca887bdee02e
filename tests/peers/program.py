"""A foreign program as a process of ours: started in a folder, ended with everything it started, its CPU time known."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_GRACE_S = 3.0


class Program:
    """One running program; what it prints goes to a file."""

    def __init__(self, process: Process, log: Path) -> None:
        self._process, self.log = process, log

    @classmethod
    async def start(
        cls, *command: str, log: Path, env: Mapping[str, str] | None = None, pipes: bool = False
    ) -> "Program":
        """`pipes`: standard input and output stay with the caller, and only errors go to the log."""
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE if pipes else DEVNULL,
                stdout=PIPE if pipes else out,
                stderr=out if pipes else STDOUT,
                start_new_session=True,
                cwd=log.parent,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", **(env or {})},
            )
        return cls(process, log)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """Its standard input, with `pipes`."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        """Its standard output, with `pipes`."""
        assert self._process.stdout is not None
        return self._process.stdout

    def printed(self) -> str:
        """What the log holds."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def cpu_seconds(self) -> float:
        """User and system time so far of all processes of its session, ended ones too where they were waited for."""
        total = 0.0
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    if int(fields[3]) == self._process.pid:  # the session
                        own, waited_for = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
                        total += max(own / _TICKS, _exact(entry)) + waited_for / _TICKS
        return total

    async def end(self) -> None:
        """SIGTERM, then SIGKILL, to it and what it started; harmless once it has ended."""
        for number, patience in ((signal.SIGTERM, _GRACE_S), (signal.SIGKILL, None)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._process.wait()
        self._close()

    async def wait(self, timeout: float) -> int:
        """Its exit code, once it has ended; raises TimeoutError, and kills it, after so many seconds."""
        try:
            async with asyncio.timeout(timeout):
                return await self._process.wait()
        except TimeoutError:
            await self.end()
            raise

    def _close(self) -> None:
        """The pipes' transports: a program that leaves children holds them open."""
        self._process._transport.close()  # type: ignore[attr-defined]


def _exact(process: Path) -> float:
    """The time of the threads that live, in nanoseconds where `stat` counts ticks of 10 ms."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in (process / "task").iterdir()) / 1e9
