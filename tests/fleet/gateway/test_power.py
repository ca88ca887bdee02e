"""The last thing tried on a modem is its power switch: a real program, run without a shell, audited."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from fleet.audit import Entry, Way, system
from fleet.clock import Clock
from fleet.db import Database
from fleet.errors import SetupError
from fleet.gateway import worker
from fleet.gateway.power import PowerSwitch
from fleet.messages.models import MessageState
from fleet.settings import ModemSettings
from modem_drivers import ModemError, ModemState
from modem_drivers.recovery import Rung
from tests.fleet.gateway.station import Station, station
from tests.waiting import until

LONG = 60.0
CLICK = """
import socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
sys.exit(line.recv(1) != b"1")
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that is soon at its wits' end."""
    monkeypatch.setattr(worker, "RETRY", 0.001)
    monkeypatch.setattr(worker, "REGISTER", 0.01)


@asynccontextmanager
async def relay(path: Path, cycle: Callable[[], object]) -> AsyncIterator[tuple[str, ...]]:
    """A relay board in the modem's power line, and the program that clicks it."""

    async def clicked(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cycle()
        writer.write(b"1")
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(clicked, path):
        yield (sys.executable, "-S", "-c", CLICK, str(path))


def audited(place: Station) -> list[Entry]:
    query = select(Entry).where(col(Entry.verb).startswith("modem.")).order_by(col(Entry.seq))
    return place.database.write_now(lambda tx: list(tx.exec(query)))[0]


def closed(pipe: int) -> bool:
    """Whether nobody holds the other end any more."""
    try:
        while os.read(pipe, 100):
            pass
    except BlockingIOError:
        return False
    return True


def switch(place: Station, *words: str, **settings: Any) -> PowerSwitch:
    """One to be tried by hand."""
    actor = system(place.account_id, Way.GATEWAY)
    return PowerSwitch(place.context, actor, ModemSettings(port="/dev/modem", power_switch=words, **settings))


async def test_a_modem_that_nothing_else_helps_comes_back(
    database: Database, clock: Clock, tmp_path: Path, hasty: None
) -> None:
    place: Station

    def cycle() -> None:
        modem = place.modems[0]
        modem.unplug()
        modem.modem.faults.network_back()
        modem.plug()

    async with relay(tmp_path / "relay", cycle) as program, station(database, clock, switch=program) as place:
        place.modems[0].modem.faults.no_network()
        async with place.running() as gateway:
            supervisor = gateway.workers[0].supervisor
            await place.put("hello")
            await until(lambda: supervisor.counters.rungs[Rung.POWER])
            await until(lambda: supervisor.state is ModemState.READY)
            counted = [(rung, supervisor.counters.rungs[rung]) for rung in (Rung.RADIO, Rung.RESET, Rung.POWER)]
            assert counted == [(Rung.RADIO, 1), (Rung.RESET, 1), (Rung.POWER, 1)]
            assert supervisor.counters.alarms == 0
            await place.text(MessageState.SENT)
        [entry] = audited(place)
    assert (entry.verb, entry.subject) == ("modem.switched", f"modem {place.modems[0].name}")
    assert entry.facts == {"command": sys.executable}


async def test_a_port_that_stays_away_is_switched_on_again(
    database: Database, clock: Clock, tmp_path: Path, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_FOR_PORT", 0.02)
    place: Station

    def cycle() -> None:
        place.modems[0].plug()

    async with relay(tmp_path / "relay", cycle) as program, station(database, clock, switch=program) as place:
        place.modems[0].unplug()
        async with place.running() as gateway:
            await until(lambda: gateway.workers[0].supervisor.state is ModemState.READY)


async def test_a_program_that_fails_is_one_sentence_in_the_log_and_in_the_audit(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_FOR_PORT", 0.02)
    program = (sys.executable, "-S", "-c", "print('noise'); raise SystemExit('no hub at 1-1')")
    async with station(database, clock, switch=program) as place:
        place.modems[0].unplug()
        with caplog.at_level(logging.ERROR):
            async with place.running() as gateway:
                await until(lambda: gateway.workers[0].supervisor.counters.alarms)
        failed, alarm = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
        [entry] = audited(place)
    assert (
        f"expected the power_switch of the modem at {place.modems[0].name} to end well, it ended with 1, saying "
        "'no hub at 1-1'; try it by hand"
    ) in failed
    assert "Traceback" not in caplog.text
    assert "needs a person" in alarm
    assert (entry.verb, entry.facts["why"]) == ("modem.switch_failed", "ended with 1, saying 'no hub at 1-1'")


async def test_a_program_that_hangs_is_ended_with_all_it_started(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    pipe = os.open(started, os.O_RDONLY | os.O_NONBLOCK)
    child = "import time, sys; open(sys.argv[1], 'w').write('x'); time.sleep(600)"
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', sys.argv[1], sys.argv[2]])"
    async with station(database, clock) as place:
        hangs = switch(place, sys.executable, "-S", "-c", parent, child, str(started), power_switch_s=2)
        with pytest.raises(ModemError, match="it was not done after 2 s; try it by hand"):
            await hangs()
    await until(lambda: closed(pipe))  # its child is gone too
    os.close(pipe)


async def test_a_service_that_is_stopped_leaves_no_modem_without_power(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    power, go = tmp_path / "power", tmp_path / "go"
    cycle = """
import pathlib, sys, time
power, go = map(pathlib.Path, sys.argv[1:])
power.write_text("off")
while not go.exists():
    time.sleep(0.01)
power.write_text("on")
"""
    async with station(database, clock) as place:
        cycling = asyncio.ensure_future(switch(place, sys.executable, "-S", "-c", cycle, str(power), str(go))())
        await until(lambda: power.exists() and power.read_text() == "off")
        cycling.cancel()
        await asyncio.sleep(0)
        go.touch()
        with pytest.raises(asyncio.CancelledError):
            await cycling
    assert power.read_text() == "on"


async def test_no_shell_reads_the_words(database: Database, clock: Clock, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["; touch x", "$(touch y)", "a b", "*"]
    write = f"import sys; open({str(out)!r}, 'w').write(repr(sys.argv[1:]))"
    async with station(database, clock) as place:
        await switch(place, sys.executable, "-S", "-c", write, *words)()
    assert out.read_text() == repr(words)


async def test_a_program_that_is_not_there_is_told_at_the_start(database: Database, clock: Clock) -> None:
    async with station(database, clock, switch=("no-such-program", "--cycle")) as place:
        with pytest.raises(SetupError, match="found none named 'no-such-program'; correct the setting"):
            async with place.running():
                pass
