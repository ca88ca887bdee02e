"""A client that connects at another process on the same PostgreSQL takes its session over there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from fleet.db import Database, presence, wakes
from fleet.ingest.mqtt import endpoint as endpoint_module
from fleet.ingest.mqtt.brake import FREE
from fleet.telemetry.history import SqlHistory
from fleet.telemetry.messages import Letter, Packet, Record
from fleet.telemetry.models import MqttConnection, MqttPacket, MqttSession, MqttWill
from fleet.telemetry.store import Appended
from tests.fleet.ingest.mqtt.client import DISCONNECT, PINGREQ, properties, publish, pubrel, subscribe
from tests.fleet.ingest.mqtt.noted import Noted
from tests.fleet.ingest.mqtt.wire import Client, client
from tests.fleet.ingest.service import WayIn, way_in
from tests.waiting import until

TELEMETRY, EVENTS, COMMANDS = "devices/m1/telemetry", "devices/m1/events", "devices/m1/commands"
EXPIRY = properties(b"\x11\0\0\x0e\x10")
NOTHING = properties()
BOTH = pytest.mark.parametrize("level", [4, 5])
WILL = (EVENTS, b'{"code":"lost","state":"on"}')


class Gate(SqlHistory):
    """The real history behind a gate."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.open = asyncio.Event()
        self.open.set()
        self.waits = asyncio.Event()

    async def append(
        self, records: Sequence[Record], letters: Sequence[Letter], packets: Sequence[Packet] = ()
    ) -> Appended:
        if not self.open.is_set():
            self.waits.set()
        await self.open.wait()
        return await super().append(records, letters, packets)


class Two(NamedTuple):
    """Two processes with the device m1."""

    one: WayIn
    other: WayIn
    gate: Gate
    """Of `one`."""

    def at(self, parts: WayIn, level: int, **options: Any) -> Any:
        """A client with a session that is kept."""
        wanted: dict[str, Any] = {"level": level, "clean": False, "told": EXPIRY} | options
        return client(parts.endpoint.port, "m1", self.one.tokens["m1"], **wanted)

    async def stored(self) -> list[object]:
        """Values of telemetry and codes of events, in order."""
        return [report.code or report.values["n"] for report in await self.one.reports()]


@asynccontextmanager
async def two(url: str) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        databases = [Database(url) for _ in range(2)]
        for database in databases:
            stack.callback(database.close)
        gate = Gate(databases[0])
        one = await stack.enter_async_context(way_in(databases[0], "m1", history=gate))
        other = await stack.enter_async_context(way_in(databases[1]))
        yield Two(one, other, gate)


def once(number: int, packet_id: int, level: int, *, dup: bool = False) -> bytes:
    """A message of QoS 2 that only its packet id tells from another."""
    payload = b'{"values":{"n":%d}}' % number
    return publish(TELEMETRY, payload, packet_id, qos=2, dup=dup, told=NOTHING if level == 5 else None)


async def is_taken_over(one: Client, level: int) -> None:
    """The connection ends, for the reason that its version can say."""
    if level == 5:
        assert await one.next() == (0xE0, b"\x8e")
    assert await one.ended()


@BOTH
async def test_the_former_connection_ends_and_the_session_goes_on(postgres_url: str, level: int) -> None:
    async with two(postgres_url) as there, there.at(there.one, level) as (former, present):
        assert present == 0
        former.send(subscribe(9, (COMMANDS, 1), told=NOTHING if level == 5 else b""))
        assert (await former.next())[0] == 0x90
        async with there.at(there.other, level) as (latter, again):
            assert again == 1
            await is_taken_over(former, level)
            (machine,) = there.other.endpoint._clients.values()
            assert machine.session.subscriptions == {COMMANDS: 1}
            latter.send(once(1, 1, level), pubrel(1))
            assert [(await latter.next())[0] for _ in range(2)] == [0x50, 0x70]
        assert await there.stored() == [1]


@BOTH
async def test_a_client_without_a_session_is_taken_over_too(postgres_url: str, level: int) -> None:
    async with (
        two(postgres_url) as there,
        there.at(there.one, level, clean=True, told=NOTHING) as (former, _),
        there.at(there.other, level, clean=True, told=NOTHING) as (latter, present),
    ):
        assert present == 0
        await is_taken_over(former, level)
        latter.send(PINGREQ)
        assert (await latter.next())[0] == 0xD0


@BOTH
async def test_what_the_former_has_not_committed_is_stored_once_by_the_latter(postgres_url: str, level: int) -> None:
    async with two(postgres_url) as there, there.at(there.one, level) as (former, _):
        there.gate.open.clear()
        former.send(once(1, 7, level))
        await asyncio.wait_for(there.gate.waits.wait(), 60)
        async with there.at(there.other, level) as (latter, present):
            assert present == 1
            latter.send(once(1, 7, level, dup=True))
            assert (await latter.next())[0] == 0x50
            there.gate.open.set()
            await is_taken_over(former, level)
            await there.one.pipeline.drained()
            latter.send(pubrel(7))
            assert (await latter.next())[0] == 0x70
        assert await there.stored() == [1]


@BOTH
async def test_what_the_former_committed_is_no_new_message_for_the_latter(postgres_url: str, level: int) -> None:
    async with two(postgres_url) as there, there.at(there.one, level) as (former, _):
        former.send(once(1, 7, level), once(2, 8, level))
        assert [(await former.next())[0] for _ in range(2)] == [0x50] * 2
        async with there.at(there.other, level) as (latter, present):
            assert present == 1
            latter.send(once(1, 7, level, dup=True), pubrel(7), pubrel(8))
            assert [(await latter.next())[0] for _ in range(3)] == [0x50, 0x70, 0x70]
        assert await there.stored() == [1, 2]


async def test_a_late_release_of_the_former_leaves_the_latters_ids_alone(postgres_url: str) -> None:
    async with two(postgres_url) as there, there.at(there.one, 5) as (former, _):
        former.send(once(1, 7, 5))
        assert (await former.next())[0] == 0x50
        there.gate.open.clear()
        former.send(pubrel(7))
        await asyncio.wait_for(there.gate.waits.wait(), 60)
        async with there.at(there.other, 5) as (latter, _):
            latter.send(pubrel(7), once(2, 7, 5))
            assert [(await latter.next())[0] for _ in range(2)] == [0x70, 0x50]
            there.gate.open.set()
            await is_taken_over(former, 5)
            await there.one.pipeline.drained()
            taken = await there.other.context.database.read(lambda tx: tx.exec(select(MqttPacket.packet_id)).all())
            assert taken == [7]


async def test_the_former_changes_no_subscription_any_more(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakes, "announce", lambda *_: None)  # so that it does not know yet
    async with (
        two(postgres_url) as there,
        there.at(there.one, 5) as (former, _),
        there.at(there.other, 5),
    ):
        former.send(subscribe(9, (COMMANDS, 1), told=NOTHING))
        await is_taken_over(former, 5)
        kept = await there.one.context.database.read(lambda tx: tx.exec(select(MqttSession.subscriptions)).all())
        assert kept == ["[]"]


async def test_a_wake_up_that_is_lost_is_made_up_for(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakes, "announce", lambda *_: None)
    monkeypatch.setattr(endpoint_module, "LOOK", 0.05)
    async with two(postgres_url) as there, there.at(there.one, 5) as (former, _), there.at(there.other, 5):
        await is_taken_over(former, 5)


async def test_two_that_fight_over_two_processes_are_slowed_down_by_both(postgres_url: str) -> None:
    async with two(postgres_url) as there, AsyncExitStack() as stack:
        brakes = [Noted(), Noted()]
        there.one.endpoint._takeovers, there.other.endpoint._takeovers = brakes
        holder = None
        for turn in range(2 * (FREE + 2)):
            one, _ = await stack.enter_async_context(there.at((there.one, there.other)[turn % 2], 5))
            if holder is not None:
                await is_taken_over(holder, 5)
            holder = one
        assert [brake.waits[-1] for brake in brakes] == [0.25, 0.5]
        assert [len(parts.endpoint._clients) for parts in (there.one, there.other)] == [0, 1]


def patient(delay: int, **options: Any) -> dict[str, Any]:
    """Of a client whose will waits."""
    return {"will": WILL, "will_told": properties(b"\x18" + delay.to_bytes(4, "big"))} | options


@pytest.mark.parametrize(
    ("former", "latter", "published"),
    [
        (patient(0), {}, ["lost"]),
        (patient(60), {}, []),
        (patient(60), {"clean": True}, ["lost"]),
        (patient(60, told=NOTHING), {}, ["lost"]),
    ],
)
async def test_the_will_of_the_former(
    postgres_url: str, former: dict[str, Any], latter: dict[str, Any], published: list[str]
) -> None:
    """MQTT 5 §3.1.3.2.2: sent unless the latter has Clean Start 0 and the will waits; and before anything it says."""
    async with two(postgres_url) as there, there.at(there.one, 5, **former) as (old, _):
        async with there.at(there.other, 5, **latter) as (new, _):
            await is_taken_over(old, 5)
            new.send(publish(EVENTS, b'{"code":"back"}', 1, told=NOTHING))
            assert (await new.next())[0] == 0x40
            new.send(DISCONNECT)
            assert await new.ended()

        async def nothing_waits() -> bool:
            return await there.other.context.database.read(lambda tx: tx.exec(select(MqttWill)).all()) == []

        await until(nothing_waits)
        assert await there.stored() == [*published, "back"]


async def test_a_process_that_is_taken_for_dead_lets_go_of_its_clients(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    back, join = asyncio.Event(), wakes.join

    async def late(database: Database, process: UUID) -> Any:
        await back.wait()
        return await join(database, process)

    async def lost() -> bool:
        return await there.stored() == ["lost"]

    async with two(postgres_url) as there, there.at(there.one, 5, **patient(0)) as (cut_off, _):
        monkeypatch.setattr(presence, "PATIENCE", 0.0)
        monkeypatch.setattr(wakes, "AGAIN", 0.0)
        monkeypatch.setattr(wakes, "join", late)
        await there.other.context.database.write(_cut_off)
        await until(lost)
        back.set()
        assert await cut_off.next() == (0xE0, b"\x89")
        assert await cut_off.ended()
        async with there.at(there.one, 5) as (_, present):
            assert present == 1


def _cut_off(tx: Session) -> None:
    """End the listening connection of the process that has a client."""
    process = tx.exec(select(MqttConnection.process)).one()
    query = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 "
        "AND objid::bigint = hashtext(CAST(:process AS text))::bigint & 4294967295"
    )
    assert tx.connection().execute(query, {"process": str(process)}).scalars().all() == [True]
