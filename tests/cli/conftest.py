"""The command line against a real API on a free port, its screens captured at a fixed width."""

import asyncio
import io
import re
import shlex
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlmodel import Session, select

from cli.main import main
from fleet import start
from fleet.alerts import service as alerts
from fleet.api.app import create_app
from fleet.api.server import HttpServer
from fleet.audit import Way, system
from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.devices.models import Device
from fleet.rules.models import Rule
from fleet.secrets import Sealer
from fleet.settings import Settings
from fleet.tickets import service as tickets
from tests.conftest import UNSAFE


class Screen(NamedTuple):
    """What a command left: its exit code, standard output, standard error; ends of lines trimmed."""

    code: int
    out: str
    err: str


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass
class Shell:
    """Runs `fleet …` in this process, in a pipe or on a terminal of 100 columns."""

    patch: pytest.MonkeyPatch

    def pipe(self, line: str) -> Screen:
        """The command with its output in a pipe."""
        return self._run(line, io.StringIO(), io.StringIO())

    def terminal(self, line: str) -> Screen:
        """The command on a terminal."""
        return self._run(line, _Terminal(), _Terminal())

    def refused(self, line: str, words: str) -> None:
        """The service refuses the command, in one sentence with `words`."""
        screen = self.pipe(line)
        assert (screen.code, screen.out, screen.err.count("\n")) == (4, "", 1), screen
        assert words in screen.err

    def _run(self, line: str, out: io.StringIO, err: io.StringIO) -> Screen:
        with self.patch.context() as patch:
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = main(shlex.split(line))
        return Screen(code, *(re.sub(" +$", "", text.getvalue(), flags=re.MULTILINE) for text in (out, err)))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """A shell in an empty directory, with no FLEET_… variables."""
    for name in ("FLEET_URL", "FLEET_TOKEN", "FLEET_DATA_DIR", "FLEET_MQTT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "unknown")
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch)


@dataclass(frozen=True)
class Service:
    """A running API; `clock` is wound by the test, `database` is the one it uses."""

    context: Context
    clock: ManualClock
    endpoints: start.Endpoints

    @property
    def database(self) -> Database:
        return self.context.database


@pytest.fixture
def service(shell: Shell, database: Database, tmp_path: Path) -> Iterator[Service]:
    """The API on a free port, found by the shell through FLEET_DATA_DIR."""
    clock = ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    settings = Settings(data_dir=tmp_path / "data", database=UNSAFE)
    context = Context(settings, database, clock, Sealer.from_file(settings.data_dir / "key"))
    with serving(context) as endpoints:
        shell.patch.setenv("FLEET_DATA_DIR", str(settings.data_dir))
        yield Service(context, clock, endpoints)


class serving:  # noqa: N801 - used like a function: `with serving(context) as endpoints`
    """Runs the API of `context` on an event loop in a thread of its own while the block lasts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="api")

    def __enter__(self) -> start.Endpoints:
        self._thread.start()
        self._server = HttpServer(create_app(self._context), "127.0.0.1", 0)
        account_id = start.prepare(self._context)

        async def begin() -> start.Endpoints:
            await self._server.start()
            return await start.announce(self._context, account_id, self._server.url, "mqtt://127.0.0.1:1883", "")

        return asyncio.run_coroutine_threadsafe(begin(), self._loop).result(20)

    def __exit__(self, *_error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def story(shell: Shell, service: Service) -> Shell:
    """Two technicians, a policy, two rules, two machines."""
    for line in (
        'technicians add ana --phone +12025550123 --company "Cold Care"',
        "technicians add ben --phone +12025550124",
        "policies add cooling --step ana:300 --step ben:120 --rounds 2",
        "rules add warm --point temperature --above 5 --clear-below 4 --for 60 --policy cooling",
        "rules add empty --event sold_out --policy cooling --device vm-02 --severity minor",
        "devices add vm-01",
    ):
        if line.startswith("rules add empty"):
            shell.pipe("devices add vm-02")
        screen = shell.pipe(line)
        assert screen.code == 0, screen.err
    return shell


def raised(service: Service) -> None:
    """The rule `warm` raises on vm-01, and its ticket is opened."""

    def write(tx: Session) -> None:
        rule = tx.exec(select(Rule).where(Rule.name == "warm")).one()
        device = tx.exec(select(Device).where(Device.name == "vm-01")).one()
        actor, now = system(device.account_id, Way.RULES), service.clock.now()
        alert = alerts.raise_alert(
            tx, actor, now, rule=rule, device=device, summary="temperature 6.2 > 5", raised_at=now, why={"value": 6.2}
        )
        tickets.gather(tx, actor, now, alert)

    service.database.write_now(write)
