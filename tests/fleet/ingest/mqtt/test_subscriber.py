"""The way in through a real Mosquitto, set up by the very files the product writes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from sqlmodel import Session, select

from fleet.auth.service import default_account
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import Database
from fleet.db.log import Position
from fleet.devices import service as devices
from fleet.devices.models import DeviceCreate
from fleet.errors import Unavailable
from fleet.ingest.mqtt import mosquitto as files
from fleet.ingest.mqtt import subscriber as subscriber_module
from fleet.ingest.mqtt.subscriber import Subscriber
from fleet.ingest.pipeline import Pipeline
from fleet.secrets import Sealer
from fleet.settings import BrokerSettings, Settings
from fleet.telemetry.history import History
from fleet.telemetry.log import read_log
from fleet.telemetry.memory import MemoryHistory
from fleet.telemetry.models import DeadLetter
from tests.conftest import operator_of
from tests.mosquitto import Mosquitto, anybody, configured, encrypted
from tests.needs import needs
from tests.waiting import until

WITHIN = 60.0
"""Seconds for what must happen: nothing waits so long unless it fails."""


@dataclass
class Worker:
    """A service that listens to a broker."""

    context: Context
    pipeline: Pipeline
    account_id: UUID
    task: "asyncio.Task[None]"

    @property
    def connected(self) -> bool:
        return self.context.metrics.registry.get_sample_value("fleet_broker_connected") == 1

    async def values(self) -> list[Any]:
        """What is stored, in order."""
        reports = await self.context.database.read(lambda tx: read_log(tx, Position(), 10_000))
        return [report.values.get("n") for report in reports]

    async def stop(self) -> None:
        """As the composition root ends a part."""
        self.task.cancel()
        await asyncio.wait([self.task])


@asynccontextmanager
async def worker(
    database: Database, broker: Mosquitto, client_id: str = "w1", history: History | None = None, **settings: Any
) -> AsyncIterator[Worker]:
    """A worker that is connected to `broker`."""
    own = BrokerSettings(
        url=broker.url,
        username=files.SERVICE,
        password_file=broker.config.parent / files.SECRET if (broker.config.parent / files.SECRET).exists() else None,
        client_id=client_id,
        **settings,
    )
    context = Context(Settings(broker=own), database, Clock(), Sealer(Fernet.generate_key()))
    account_id = await database.write(lambda tx: default_account(tx, context.clock.now()).id)
    pipeline = Pipeline(context, history)
    running = asyncio.create_task(pipeline.run())
    task = asyncio.create_task(Subscriber(context, pipeline, account_id).run())
    one = Worker(context, pipeline, account_id, task)
    await until(lambda: one.connected, "a connection to the broker")
    try:
        yield one
    finally:
        await one.stop()
        running.cancel()
        await asyncio.wait([running])


def add(database: Database, *names: str) -> dict[str, str]:
    """New devices; their tokens."""
    now = Clock().now()

    def work(tx: Session) -> dict[str, str]:
        actor = operator_of(default_account(tx, now).id)
        return {name: devices.create(tx, actor, now, DeviceCreate(name=name))[1] for name in names}

    return database.write_now(work)[0]


async def publish(
    broker: Mosquitto,
    name: str,
    token: str,
    *lines: str,
    topic: str = "",
    version: str = "5",
    more: tuple[str, ...] = (),
) -> str:
    """Publish each line with QoS 1 by Debian's mosquitto_pub; what it said, empty when every one was acknowledged."""
    needs("mosquitto_pub")
    login = ["-u", name, "-P", token] if token else []
    process = await asyncio.create_subprocess_exec(
        *("mosquitto_pub", "-V", version, "-q", "1", "-h", "127.0.0.1", "-p", str(broker.port), "-i", name, *login),
        *("-t", topic or f"devices/{name}/telemetry", "-l", *more),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate("".join(f"{line}\n" for line in lines).encode())
    return said.decode()


def point(n: int) -> str:
    return f'{{"id":{n},"values":{{"n":{n}}}}}'


async def test_a_device_reports_with_its_token_in_both_versions(database: Database) -> None:
    tokens = add(database, "m1")
    async with configured(tokens) as broker, worker(database, broker) as one:
        assert await publish(broker, "m1", tokens["m1"], point(1), point(2)) == ""
        assert await publish(broker, "m1", tokens["m1"], point(3), version="mqttv311") == ""
        event = '{"code":"door_open"}'
        assert await publish(broker, "m1", tokens["m1"], event, topic="devices/m1/events") == ""
        await until(lambda: _has(one, [1, 2, 3, None]), "four messages")
        assert one.context.metrics.registry.get_sample_value("fleet_ingest_messages_total", {"way": "broker"}) == 4


async def test_the_access_list_keeps_devices_apart(database: Database) -> None:
    tokens = add(database, "m1", "m2")
    async with configured(tokens) as broker, worker(database, broker) as one:
        foreign = await publish(broker, "m1", tokens["m1"], point(1), topic="devices/m2/telemetry")
        assert "Not authorized" in foreign
        assert "Not authorized" in await publish(broker, "m1", tokens["m2"], point(2))
        assert "Not authorized" in await publish(broker, "nobody", "", point(3), topic="devices/m1/telemetry")
        assert await publish(broker, "m2", tokens["m2"], point(4)) == ""
        await until(lambda: _has(one, [4]), "the one message that was allowed")


async def _has(one: Worker, expected: list[Any]) -> bool:
    return await one.values() == expected


def contents(history: MemoryHistory) -> list[Any]:
    return [record.content["n"] for record in history.records if isinstance(record.content, dict)]


async def test_a_new_token_ends_the_one_before(database: Database) -> None:
    tokens = add(database, "m1")
    async with configured(tokens) as broker, worker(database, broker) as one:
        needs("mosquitto_sub")
        connected = await asyncio.create_subprocess_exec(
            *("stdbuf", "-oL", "mosquitto_sub", "-p", str(broker.port), "-V", "5", "-u", "m1", "-P", tokens["m1"]),
            *("-i", "open", "-t", "devices/m1/commands/#", "-d"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert connected.stdout is not None
        while b"SUBACK" not in await connected.stdout.readline():
            pass
        broker.reload({"m1": "the newest"})
        async with asyncio.timeout(WITHIN):
            said = (await connected.communicate())[0]
        assert b"Not authorized" in said, "it was put out, came back with its old token, and was refused"
        assert "Not authorized" in await publish(broker, "m1", tokens["m1"], point(1))
        assert await publish(broker, "m1", "the newest", point(2)) == ""
        await until(lambda: _has(one, [2]), "the message with the newest token")


async def test_what_is_not_committed_comes_again_and_what_is_does_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber_module, "GOODBYE", 0.1)
    tokens, first, second = add(database, "m1"), MemoryHistory(), MemoryHistory()
    async with configured(tokens) as broker:
        async with worker(database, broker, history=first) as one:
            await publish(broker, "m1", tokens["m1"], point(1))
            await until(lambda: contents(first) == [1], "the first")
            first.gate.clear()
            await publish(broker, "m1", tokens["m1"], *map(point, range(2, 20)))
            await until(lambda: one.pipeline._size > 0, "messages that wait for their commit")
        async with worker(database, broker, history=second):
            await until(lambda: len(second.records) == 18, "what was not committed")
            assert contents(second) == list(range(2, 20)), "in order"


async def test_while_storage_fails_nothing_is_acknowledged(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_module, "LONGEST_WAIT", 0.2)
    tokens, history = add(database, "m1"), MemoryHistory()
    async with configured(tokens) as broker, worker(database, broker, history=history) as one:
        history.failure = Unavailable("disk full")
        await publish(broker, "m1", tokens["m1"], *map(point, range(5)))
        await until(lambda: not one.connected, "the connection to end")
        history.failure = None
        await until(lambda: len(history.records) == 5, "all of it, again")
        assert contents(history) == list(range(5))


async def test_what_waits_for_its_commit_is_bounded(database: Database) -> None:
    tokens, history = add(database, "m1"), MemoryHistory()
    async with configured(tokens) as broker, worker(database, broker, history=history, window=10) as one:
        history.gate.clear()
        await publish(broker, "m1", tokens["m1"], *map(point, range(300)))
        await until(lambda: one.pipeline._size > 0, "messages that wait for their commit")
        await asyncio.sleep(0.3)
        assert len(one.pipeline._gathered) <= 10
        history.gate.set()
        await until(lambda: len(history.records) == 300, "all of it")
        assert contents(history) == list(range(300))


async def test_a_broker_that_restarts_keeps_what_it_has(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_module, "LONGEST_WAIT", 0.2)
    tokens = add(database, "m1")
    async with configured(tokens) as broker:
        async with worker(database, broker) as one:
            await publish(broker, "m1", tokens["m1"], point(1))
            await until(lambda: _has(one, [1]), "the first")
            await broker.stop(kill=True)
            await until(lambda: not one.connected, "the connection to end")
            await broker.start()
            await until(lambda: one.connected, "a new connection")
            await publish(broker, "m1", tokens["m1"], point(2))
            await until(lambda: _has(one, [1, 2]), "the second")
        await publish(broker, "m1", tokens["m1"], point(3), point(4))
        await broker.stop()
        await broker.start()
        async with worker(database, broker) as one:
            await until(lambda: _has(one, [1, 2, 3, 4]), "what came while the service was away")


async def test_workers_share_the_messages(database: Database) -> None:
    tokens = add(database, "m1")
    async with (
        configured(tokens) as broker,
        worker(database, broker, "w1") as one,
        worker(database, broker, "w2") as two,
    ):
        await publish(broker, "m1", tokens["m1"], *map(point, range(40)))

        async def all_there() -> bool:
            return sorted(await one.values()) == list(range(40))

        await until(all_there, "forty messages, each once")
        name, labels = "fleet_ingest_messages_total", {"way": "broker"}
        shares = [each.context.metrics.registry.get_sample_value(name, labels) for each in (one, two)]
        assert sum(share or 0 for share in shares) == 40
        assert all(shares), shares
        duplicates = [
            each.context.metrics.registry.get_sample_value("fleet_ingest_duplicates_total") for each in (one, two)
        ]
        assert duplicates == [0, 0]


async def test_what_nobody_can_place_is_a_dead_letter_and_acknowledged(database: Database) -> None:
    add(database, "m1")
    async with anybody() as broker:
        async with worker(database, broker) as one:
            await publish(broker, "x", "", point(1), topic="devices/unknown/telemetry")
            await publish(broker, "x", "", point(2), topic="devices/bad name/events")
            await publish(broker, "x", "", "no JSON", topic="devices/m1/telemetry")
            await publish(broker, "x", "", " " * 65_537, topic="devices/m1/telemetry")
            await publish(broker, "x", "", point(3), topic="devices/m1/telemetry")
            await until(lambda: _has(one, [3]), "the one that can be read")

            def letters(tx: Session) -> list[tuple[str, str, str]]:
                return [(row.device_name, row.topic, row.reason) for row in tx.exec(select(DeadLetter))]

            found = await database.read(letters)
        assert [(device, topic) for device, topic, _ in found] == [
            ("unknown", "devices/unknown/telemetry"),
            ("", "devices/bad name/events"),
            ("m1", "devices/m1/telemetry"),
            ("m1", "devices/m1/telemetry"),
        ]
        assert [reason.split(",")[0] for _, _, reason in found][:2] == [
            "expected a device that exists",
            "expected devices/{id}/telemetry or /events as topic",
        ]
        async with worker(database, broker) as one:
            await publish(broker, "x", "", point(4), topic="devices/m1/telemetry")
            await until(lambda: _has(one, [3, 4]), "the next")
            assert len(await database.read(letters)) == 4, "none came again"


async def test_a_device_added_later_is_known_at_once(database: Database) -> None:
    async with anybody() as broker, worker(database, broker) as one:
        add(database, "late")
        await publish(broker, "late", "", point(1))
        await until(lambda: _has(one, [1]), "its message")


async def test_over_tls_nothing_stays_behind_in_a_buffer(database: Database) -> None:
    async with encrypted() as broker:
        ca = broker.config.parent / "ca.pem"
        add(database, "m1")
        async with worker(database, broker, ca_file=ca) as one:
            secure = ("--cafile", str(ca))
            assert await publish(broker, "m1", "", *map(point, range(300)), more=secure) == ""
            await until(lambda: _has(one, list(range(300))), "all of it")


async def test_a_broker_nobody_vouches_for_is_not_talked_to(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with encrypted() as broker:
        trying = asyncio.create_task(_enter(worker(database, broker)))
        await until(lambda: "certificate verify failed" in caplog.text, "a refusal of ours")
        trying.cancel()
        await asyncio.wait([trying])


async def test_a_broker_that_speaks_3_1_1_alone(database: Database) -> None:
    tokens = add(database, "m1")
    async with configured(tokens) as broker, old(broker) as front:
        async with worker(database, front) as one:
            await publish(broker, "m1", tokens["m1"], point(1))
            await until(lambda: _has(one, [1]), "the message")
        await publish(broker, "m1", tokens["m1"], point(2))
        async with worker(database, front) as one:
            await until(lambda: _has(one, [1, 2]), "what came while the service was away")


async def test_a_wrong_password_is_said_and_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(subscriber_module, "LONGEST_WAIT", 0.2)
    async with configured({}) as broker:
        secret = broker.config.parent / files.SECRET
        right = secret.read_text()
        secret.write_text("wrong")
        trying = asyncio.create_task(_enter(worker(database, broker)))
        await until(
            lambda: "expected the broker to let the service in, got: Not authorized" in caplog.text, "a refusal"
        )
        assert "wrong" not in caplog.text
        secret.write_text(right)
        await trying


async def _enter(context: Any) -> None:
    async with context:
        pass


@asynccontextmanager
async def old(broker: Mosquitto) -> AsyncIterator[Mosquitto]:
    """The broker behind a front that refuses MQTT 5 as a broker of 2014 does, and passes everything else on."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(4096)
        if first[8:9] == b"\x05":
            writer.write(b"\x20\x02\x00\x01")
            writer.close()
            return
        upstream, up = await asyncio.open_connection("127.0.0.1", broker.port)
        up.write(first)
        await asyncio.gather(_copy(reader, up), _copy(upstream, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Mosquitto(broker.config, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
    except OSError:
        pass
    finally:
        target.close()
