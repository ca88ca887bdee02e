"""Wills: a device's own word on its loss, stored like any other message."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlmodel import select

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.errors import Unavailable
from fleet.ingest.mqtt import departures
from fleet.telemetry.memory import MemoryHistory
from fleet.telemetry.models import MqttWill
from tests.fleet.ingest.mqtt.client import DISCONNECT, PINGREQ, properties
from tests.fleet.ingest.mqtt.wire import client
from tests.fleet.ingest.service import WayIn, way_in

WILL = ("devices/m1/events", b'{"id":"lost","code":"lost","state":"on"}')


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "LOOK", 0.02)


def patient(delay: int, expiry: int = 1000) -> dict[str, Any]:
    """A CONNECT of MQTT 5 whose will waits for `delay` seconds."""
    told = properties(b"\x11" + expiry.to_bytes(4, "big"))
    return {
        "level": 5, "clean": False, "will": WILL, "told": told,
        "will_told": properties(b"\x18" + delay.to_bytes(4, "big")),
    }  # fmt: skip


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():
            await asyncio.sleep(0.01)


async def codes(parts: WayIn) -> list[tuple[str, str]]:
    return [(report.code, report.state) for report in await parts.reports()]


async def settled(parts: WayIn) -> None:
    """Until the service has seen every client go, and written what follows."""

    async def gone() -> bool:
        return not parts.endpoint._clients

    await until(gone)
    await parts.endpoint._departures.flush()


async def waiting(database: Database) -> int:
    return len(await database.read(lambda tx: tx.exec(select(MqttWill)).all()))


@pytest.mark.parametrize("level", [4, 5])
async def test_each_loss_is_an_event_and_a_goodbye_is_none(database: Database, level: int) -> None:
    async with way_in(database, "m1") as parts:
        for _ in range(2):
            async with client(parts.endpoint.port, "m1", parts.tokens["m1"], level=level, will=WILL) as (one, _):
                one.send(PINGREQ)
                await one.next()
            await settled(parts)
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], level=level, will=WILL) as (one, _):
            one.send(DISCONNECT)
            assert await one.ended()

        async def both() -> bool:
            return len(await parts.reports()) >= 2

        await until(both)
        await settled(parts)
        await parts.pipeline.drained()
        assert await codes(parts) == [("lost", "on")] * 2, "each loss counts, whatever id the will has"


async def test_a_client_that_comes_back_in_time_was_never_lost(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        async with client(port, "m1", token, **patient(60)):
            pass
        await settled(parts)
        assert await waiting(database) == 1
        clock.advance(59)
        async with client(port, "m1", token, **patient(60)) as (one, present):
            assert present == 1
            clock.advance(100)
            one.send(DISCONNECT)
            assert await one.ended()
        await settled(parts)
        await parts.pipeline.drained()
        assert (await codes(parts), await waiting(database)) == ([], 0)


async def test_a_will_waits_on_disk_and_is_published_once(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        token = parts.tokens["m1"]
        async with client(parts.endpoint.port, "m1", token, **patient(60)):
            pass
        await settled(parts)
    async with way_in(database, clock=clock) as parts:
        await asyncio.sleep(0.1)
        assert await codes(parts) == []
        clock.advance(61)

        async def done() -> bool:
            return await waiting(database) == 0

        await until(done)
        assert await codes(parts) == [("lost", "on")]


async def test_no_will_outlasts_its_session(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]

        async def lost(times: int) -> None:
            async def there() -> bool:
                return len(await parts.reports()) == times

            await until(there)

        async with client(port, "m1", token, **patient(60, expiry=5)):
            pass
        await settled(parts)
        clock.advance(6)
        await lost(1)
        async with client(port, "m1", token, **patient(60)):
            pass
        await settled(parts)
        async with client(port, "m1", token, **patient(60) | {"clean": True}):
            await lost(2)


async def test_a_client_that_comes_back_at_another_process_was_never_lost(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts, way_in(database, clock=clock) as other:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], **patient(60)):
            pass
        await settled(parts)
        async with client(other.endpoint.port, "m1", parts.tokens["m1"], **patient(60)) as (_, present):
            assert present == 1
            clock.advance(61)

            async def forgotten() -> bool:
                return await waiting(database) == 0

            await until(forgotten)
            await parts.pipeline.drained()
            assert await codes(parts) == []


async def test_when_the_service_stops_no_device_is_lost(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        connection = client(parts.endpoint.port, "m1", parts.tokens["m1"], will=WILL)
        one, _ = await connection.__aenter__()
    assert await one.ended()
    async with way_in(database) as parts:
        await asyncio.sleep(0.1)
        assert await codes(parts) == []


async def test_a_will_that_cannot_be_stored_is_tried_again(database: Database) -> None:
    history = MemoryHistory()
    async with way_in(database, "m1", history=history) as parts:
        history.failure = Unavailable("disk full")
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], will=WILL):
            pass
        await asyncio.sleep(0.2)
        assert history.records == []
        history.failure = None

        async def stored() -> bool:
            return len(history.records) == 1

        await until(stored)
        await asyncio.sleep(0.1)
        assert len(history.records) == 1
