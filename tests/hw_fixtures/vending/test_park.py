"""Machines over real MQTT: what they say, how they are steered, how they end."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fleet.clock import ManualClock
from hw_fixtures.vending import Park, Telemeter, Uplink, VendingMachine
from hw_fixtures.vending.console import serve
from hw_fixtures.vending.park import Figures
from tests.hw_fixtures.vending.brokers import mosquitto, subscriber
from tests.loopback import free_port


class Signs(NamedTuple):
    name: str
    token: str


WHOM = [Signs("vm-01", "a"), Signs("vm-02", "b"), Signs("vm-03", "c")]


@asynccontextmanager
async def parked(folder: Path, clock: ManualClock, interval: float = 0.05) -> AsyncIterator[tuple[Park, "Heard"]]:
    async with mosquitto(folder, free_port()) as url, subscriber(url, "devices/#") as lines, asyncio.timeout(30):
        yield Park(url, WHOM, now=clock.now, interval=interval), Heard(lines)


class Heard:
    """What arrives, as (device, kind, body)."""

    def __init__(self, lines: asyncio.StreamReader) -> None:
        self._lines = lines

    async def until(self, wanted: str) -> dict[str, Any]:
        """The body of the next message on a topic that ends so."""
        async for line in self._lines:
            topic, _, body = line.decode().partition(" ")
            if topic.endswith(wanted) and topic.startswith("devices/"):
                found: dict[str, Any] = json.loads(body)
                return found
        raise AssertionError("the subscriber ended")


async def test_the_machines_time_is_the_one_given(tmp_path: Path, clock: ManualClock) -> None:
    async with parked(tmp_path, clock) as (park, heard):
        running = asyncio.create_task(park.run())
        first = await heard.until("vm-01/telemetry")
        park.machine("vm-01").fail_compressor()
        clock.advance(timedelta(hours=3))
        warm = first
        while warm["ts"] == first["ts"]:
            warm = await heard.until("vm-01/telemetry")
        assert warm["ts"] - first["ts"] == 3 * 3600 * 1000
        assert warm["values"]["temperature"] > 10
        running.cancel()
        await asyncio.wait([running])


async def test_every_message_is_acknowledged_when_the_park_is_finished(tmp_path: Path, clock: ManualClock) -> None:
    async with parked(tmp_path, clock, interval=0.01) as (park, heard):
        running = asyncio.create_task(park.run())
        for name in ("vm-01", "vm-02", "vm-03"):
            await heard.until(f"{name}/telemetry")
        await park.finish(within=10)
        figures = park.figures()
        assert figures.published == figures.acknowledged > 0
        assert (figures.machines, figures.connected, figures.dropped, figures.refused) == (3, 3, 0, {})
        running.cancel()
        await asyncio.wait([running])
        assert park.figures().connected == 0


async def test_a_silent_machine_stands_still(clock: ManualClock) -> None:
    uplink = Uplink(f"127.0.0.1:{free_port()}", "vm-01", "secret")
    telemeter = Telemeter(VendingMachine("vm-01"), uplink, now=clock.now, interval=0.001)
    running = asyncio.create_task(telemeter.run())
    while uplink.published < 3:
        await asyncio.sleep(0.001)
    telemeter.silent = True
    published = uplink.published
    await asyncio.sleep(0.05)
    assert uplink.published == published
    running.cancel()
    await asyncio.wait([running])


def test_lines_bring_faults_and_mend_them(clock: ManualClock) -> None:
    park = Park("127.0.0.1:1", WHOM, now=clock.now, interval=1)
    machine = park.machine("vm-02")
    assert park.act("fail vm-02\n") == "vm-02: fail"
    assert machine.cabinet.failed
    park.act("repair vm-02")
    assert not machine.cabinet.failed
    park.act("sell-out vm-02")
    assert len(machine.store.empty) == 4
    park.act("refill vm-02")
    assert machine.store.empty == []
    park.act("open vm-02")
    assert machine.door_open
    park.act("close vm-02")
    assert not machine.door_open
    for line in ("", "melt vm-02", "fail", "fail vm-99"):
        with pytest.raises(ValueError, match=r"expected one of fail, repair, .* and the name of a machine"):
            park.act(line)


def test_figures_as_a_line() -> None:
    figures = Figures(machines=3, connected=2, published=10, acknowledged=7, dropped=1, refused={})
    assert figures.said(3.14) == (
        "2 of 3 machines connected, 3.1 messages/s acknowledged, 7 in all, 3 waiting, 1 dropped"
    )


async def test_an_interrupt_ends_it_with_everything_acknowledged(tmp_path: Path, clock: ManualClock) -> None:
    async with parked(tmp_path, clock) as (park, heard):
        stood: list[tuple[Figures, float]] = []

        def stands(figures: Figures, rate: float) -> None:
            stood.append((figures, rate))
            os.kill(os.getpid(), signal.SIGINT)

        reading, writing = os.pipe()
        os.write(writing, b"fail vm-01\nmelt\n")
        told: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("hw_fixtures.lines._STDIN", reading)
            last = await serve(park, stands=stands, told=told.append)
            os.close(writing)
        assert last.published == last.acknowledged > 0
        assert stood[0][1] > 0
        assert told[0] == "vm-01: fail"
        assert told[1].startswith("expected one of")
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        assert park.machine("vm-01").cabinet.failed
        await heard.until("vm-01/telemetry")
