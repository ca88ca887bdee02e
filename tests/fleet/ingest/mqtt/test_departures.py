"""Wills: a device's own word on its loss, stored like any other message."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlmodel import select

from fleet.auth import service as auth
from fleet.auth.models import Holder
from fleet.clock import ManualClock
from fleet.db import Database
from fleet.errors import Unavailable
from fleet.ingest.mqtt import departures
from fleet.ingest.mqtt import endpoint as endpoint_module
from fleet.ingest.mqtt.sessions import SESSIONS
from fleet.telemetry.memory import MemoryHistory
from fleet.telemetry.models import MqttWill
from tests.conftest import operator_of
from tests.fleet.ingest.mqtt.client import DISCONNECT, PINGREQ, properties, publish
from tests.fleet.ingest.mqtt.wire import client
from tests.fleet.ingest.service import WayIn, way_in
from tests.waiting import until

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


async def codes(parts: WayIn) -> list[tuple[str, str]]:
    return [(report.code, report.state) for report in await parts.reports()]


async def settled(parts: WayIn) -> None:
    """Until the service has seen every client go, and written what follows."""
    await until(lambda: not parts.endpoint._clients)
    await parts.endpoint._departures.flush()


async def waiting(database: Database) -> int:
    return len(await database.read(lambda tx: tx.exec(select(MqttWill)).all()))


async def none_waits(database: Database) -> None:
    """Until no will waits any more."""

    async def none() -> bool:
        return await waiting(database) == 0

    await until(none)


async def lost(parts: WayIn, times: int = 1) -> None:
    """Until the device is lost so often, and nothing else has come."""

    async def told() -> bool:
        return await codes(parts) == [("lost", "on")] * times

    await until(told)


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
        await none_waits(database)
        assert await codes(parts) == [("lost", "on")]


async def test_no_will_outlasts_its_session(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        async with client(port, "m1", token, **patient(60, expiry=5)):
            pass
        await settled(parts)
        clock.advance(6)
        await lost(parts)
        async with client(port, "m1", token, **patient(60)):
            pass
        await settled(parts)
        async with client(port, "m1", token, **patient(60) | {"clean": True}):
            await lost(parts, 2)


async def test_a_client_that_comes_back_at_another_process_was_never_lost(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts, way_in(database, clock=clock) as other:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], **patient(60)):
            pass
        await settled(parts)
        async with client(other.endpoint.port, "m1", parts.tokens["m1"], **patient(60)) as (_, present):
            assert present == 1
            clock.advance(61)
            await none_waits(database)
            await parts.pipeline.drained()
            assert await codes(parts) == []


async def quiet(parts: WayIn) -> None:
    """Until whatever was due has been published: the will of another device, which is due last, has come."""
    token = parts.add_device("witness")
    async with client(parts.endpoint.port, "witness", token, level=5, will=("devices/witness/events", b'{"code":"w"}')):
        pass

    async def came() -> bool:
        return ("w", "on") in await codes(parts)

    await until(came)


async def test_when_the_service_stops_clients_have_a_while_to_come_back(database: Database) -> None:
    clock = ManualClock()
    async with AsyncExitStack() as stack:
        async with way_in(database, "m1", "m2", clock=clock) as parts:
            tokens = parts.tokens
            for name in ("m1", "m2"):
                will = (f"devices/{name}/events", WILL[1])
                one, _ = await stack.enter_async_context(client(parts.endpoint.port, name, tokens[name], will=will))
        assert await one.ended()
    clock.advance(3600)  # the service is away for long, and nobody could come back
    async with way_in(database, clock=clock) as parts:
        clock.advance(59)
        async with client(parts.endpoint.port, "m1", tokens["m1"]) as (one, _):
            one.send(DISCONNECT)
            assert await one.ended()
        await quiet(parts)
        assert ("lost", "on") not in await codes(parts)
        clock.advance(1)
        await none_waits(database)
        assert (await codes(parts)).count(("lost", "on")) == 1, "m2 is lost, m1 was back"


async def test_what_a_crash_left_behind_is_found_by_whoever_starts_next(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", "m2", clock=clock) as crashed:
        token, port = crashed.tokens["m1"], crashed.endpoint.port
        kept: dict[str, Any] = {"level": 5, "clean": False, "told": properties(b"\x11\0\0\0\x64")}
        other = ("devices/m2/events", WILL[1])
        async with (
            client(port, "m1", token, will=WILL, **kept),
            client(port, "m2", crashed.tokens["m2"], will=other, **kept),
            way_in(database, clock=clock, process=crashed.context.process) as parts,
        ):
            clock.advance(59)
            async with client(parts.endpoint.port, "m1", token, **kept) as (_, present):
                assert present == 1
                clock.advance(2)
                await lost(parts)
            clock.advance(40)
            async with client(parts.endpoint.port, "m2", crashed.tokens["m2"], **kept) as (_, present):
                assert present == 0, "its time runs from the moment at which somebody found it"


async def ends_the_wrong_way(parts: WayIn, how: str, token: str) -> None:
    options: dict[str, Any] = {"keep_alive": 1} if how == "silence" else {}
    async with client(parts.endpoint.port, "m1", token, level=5, will=WILL, **options) as (one, _):
        match how:
            case "with will":
                one.send(b"\xe0\x01\x04")
            case "error":
                one.send(b"\xe0\x01\x80")
            case "fault":
                one.send(b"\xc1\x00")
            case "late expiry":
                one.send(b"\xe0\x07\x00\x05\x11\0\0\0\x05")
            case "revoked":
                actor, now = operator_of(parts.account_id), parts.context.clock.now()
                await parts.context.database.write(lambda tx: auth.revoke(tx, actor, now, Holder.DEVICE, "m1"))
        while not await one.ended():
            pass


@pytest.mark.parametrize("how", ["with will", "error", "fault", "late expiry", "revoked", "silence"])
async def test_every_end_but_a_normal_goodbye_publishes_the_will(
    database: Database, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MQTT 5 §3.1.2.5, [MQTT-3.14.4-3]: only DISCONNECT with 0x00 deletes it, and not one that breaks the protocol."""
    monkeypatch.setattr(endpoint_module, "SWEEP", 0.05)
    async with way_in(database, "m1") as parts:
        await ends_the_wrong_way(parts, how, parts.tokens["m1"])
        await lost(parts)


async def test_a_goodbye_may_shorten_the_wait(database: Database) -> None:
    """The session ends sooner by DISCONNECT's own expiry, and the will is due with it (§3.1.3.2.2)."""
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], **patient(60)) as (one, _):
            one.send(b"\xe0\x07\x04\x05\x11\0\0\0\x05")
            assert await one.ended()
        await settled(parts)
        await quiet(parts)
        assert ("lost", "on") not in await codes(parts)
        clock.advance(5)

        async def lost() -> bool:
            return ("lost", "on") in await codes(parts)

        await until(lost)


async def test_who_comes_back_too_late_was_lost(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "LOOK", 60.0)
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        async with client(port, "m1", token, **patient(60)):
            pass
        await settled(parts)
        clock.advance(60)
        async with client(port, "m1", token, **patient(60)) as (one, present):
            assert present == 1
            one.send(publish("devices/m1/events", b'{"code":"back"}', 1, told=properties()))
            assert (await one.next())[0] == 0x40
        assert await codes(parts) == [("lost", "on"), ("back", "on")], "and the device's word comes after its will"


async def test_a_session_that_makes_room_for_others_ends(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        async with client(port, "m1", token, "first", **patient(60)):
            pass
        await settled(parts)
        for number in range(SESSIONS):
            clock.advance(0.001)
            async with client(port, "m1", token, f"c{number}", clean=False) as (one, _):
                one.send(DISCONNECT)
                assert await one.ended()
        await lost(parts)


async def test_a_will_that_cannot_be_stored_is_tried_again(database: Database) -> None:
    history = MemoryHistory()
    async with way_in(database, "m1", history=history) as parts:
        history.failure = Unavailable("disk full")
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], will=WILL):
            pass
        await asyncio.sleep(0.2)
        assert history.records == []
        history.failure = None
        await until(lambda: len(history.records) == 1)
        await asyncio.sleep(0.1)
        assert len(history.records) == 1
