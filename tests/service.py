"""`fleet serve` as a user runs it: a process of its own, which a test may kill."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from cli.client import AsyncClient, Endpoints

START_S = 30.0


class ServiceProcess:
    """One service on one data directory; after a kill, `start` brings it back on the same ports."""

    def __init__(
        self,
        folder: Path,
        config: str = "",
        prefix: tuple[str, ...] = (),
        roles: str = "",
        database_url: str = "",
    ) -> None:
        """`config`: the rest of fleet.toml; `prefix`: a program to run it under, such as strace.

        `database_url`: of the tests' own, in place of an SQLite file in the data directory.
        """
        folder.mkdir(exist_ok=True)
        self.data_dir = folder / "data"
        self._config = folder / "fleet.toml"
        if database_url:
            config += f'\n[database]\nurl = "{database_url}"\nallow_unsafe = true\n'
        self._config.write_text(config)
        self._prefix = prefix
        self._roles = ("--roles", roles) if roles else ()
        self._ports = (0, 0, 0)
        self._process: Process | None = None

    @property
    def endpoints(self) -> Endpoints:
        """Where it is, and the operator's token."""
        return Endpoints.read(self.data_dir / "endpoints.json")

    @property
    def mqtt(self) -> tuple[str, int]:
        """Host and port for devices."""
        parts = urlsplit(self.endpoints.mqtt)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    @property
    def pid(self) -> int:
        """The number of its process; it ends the test if that is gone."""
        assert self._process is not None
        assert self._process.returncode is None, "the service ended by itself"
        return self._process.pid

    def client(self) -> AsyncClient:
        """A client of its API with the operator's token."""
        return AsyncClient(self.endpoints)

    async def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        http, mqtt, coap = self._ports
        command = [*self._prefix, sys.executable, "-m", "cli", "serve", "--config", str(self._config)]
        options = ["--data-dir", str(self.data_dir), "--http-port", str(http), "--mqtt-port", str(mqtt)]
        options += ["--coap-port", str(coap)]
        log = self.data_dir.parent / "service.log"
        with log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *command, *options, *self._roles, stdout=PIPE, stderr=errors, start_new_session=True, env=environment()
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_S):
            ready = await self._process.stdout.readline()
        assert ready.startswith(b"ready:"), log.read_text()[-4000:]
        found = self.endpoints
        http, mqtt, coap = (urlsplit(url).port or 0 for url in (found.http, found.mqtt, found.coap))
        self._ports = (http, mqtt, coap)

    async def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed by us."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM, as an operator stops it; its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None:
            os.killpg(process.pid, number)
        return await process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        await self.kill()


def environment() -> dict[str, str]:
    """This process's environment without the settings of a service."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FLEET_")}
