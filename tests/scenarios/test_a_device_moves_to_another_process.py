"""Two processes on one PostgreSQL: a device whose process is dead, or only its old connection, goes on at the other."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlmodel import col, select

from fleet.db import Database
from fleet.db.log import Position
from fleet.devices.models import Device
from fleet.telemetry.log import read_log
from tests.fleet.ingest.mqtt.client import properties, publish, pubrel
from tests.fleet.ingest.mqtt.wire import Client, client
from tests.service import ServiceProcess
from tests.waiting import until

NAMES = ("moving", "paho", "lost", "patient", "clean")
WITHIN = 120.0
EXPIRY = properties(b"\x11\0\0\x0e\x10")
LOST = b'{"code":"lost","state":"on"}'


class Pair(NamedTuple):
    """Two running processes and their devices."""

    one: ServiceProcess
    other: ServiceProcess
    tokens: dict[str, str]
    url: str

    def at(self, process: ServiceProcess, name: str, level: int, **options: Any) -> Any:
        """A device's connection."""
        wanted: dict[str, Any] = {"level": level, "clean": False, "told": EXPIRY} | options
        return client(process.mqtt[1], name, self.tokens[name], name, **wanted)

    def stored(self) -> list[tuple[str, object]]:
        """Device, and the value or code of each of its messages, in order."""
        database = Database(self.url)
        try:
            names = dict(database.read_now(lambda tx: tx.exec(select(Device.key, col(Device.name))).all()))
            reports = database.read_now(lambda tx: read_log(tx, Position(), 10_000))
        finally:
            database.close()
        return [(names[report.device_key], report.code or report.values["k"]) for report in reports]


@asynccontextmanager
async def pair(folder: Path, url: str) -> AsyncIterator[Pair]:
    config = f'key_file = "{folder / "key"}"\n[database]\nurl = "{url}"\n[log]\nlevel = "warning"\n'
    one, other = (ServiceProcess(folder / name, config) for name in ("one", "other"))
    async with one, other:
        async with one.client() as api:
            tokens = {name: (await api.post("/v1/devices", {"name": name}))["token"] for name in NAMES}
        yield Pair(one, other, tokens, url)


def message(name: str, number: int, packet_id: int, level: int, *, dup: bool = False) -> bytes:
    payload = b'{"values":{"k":%d}}' % number
    told = properties() if level == 5 else None
    return publish(f"devices/{name}/telemetry", payload, packet_id, qos=2, dup=dup, told=told)


async def answers(one: Client, *kinds: int) -> None:
    assert [(await one.next())[0] for _ in kinds] == list(kinds)


class Stranger:
    """A device that runs paho-mqtt: its session lives in its client, wherever that connects."""

    def __init__(self, name: str, token: str, version: int) -> None:
        v5 = version == 5
        protocol = MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311
        options: dict[str, Any] = {} if v5 else {"clean_session": False}
        self._client = Paho(CallbackAPIVersion.VERSION2, name, protocol=protocol, **options)
        self._client.username_pw_set(name, token)
        self._client.reconnect_delay_set(1, 1)
        self._topic, self._connect = f"devices/{name}/telemetry", dict[str, Any]()
        if v5:
            kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            kept.SessionExpiryInterval = 3600
            self._connect = {"clean_start": False, "properties": kept}
        self.present: list[bool] = []
        self.connected = threading.Event()
        self.completed: set[int] = set()
        self._client.on_connect = self._on_connect
        self._client.on_publish = lambda _client, _data, mid, *_: self.completed.add(mid)

    def _on_connect(self, _client: Paho, _data: Any, flags: Any, reason: Any, _told: Any) -> None:
        assert reason.value == 0
        self.present.append(flags.session_present)
        self.connected.set()

    async def go(self, process: ServiceProcess) -> None:
        """Be connected there: at once the first time, else as soon as it notices that its connection is gone."""
        self.connected.clear()
        self._client.connect_async(*process.mqtt, **self._connect)
        if not self.present:
            self._client.loop_start()
        assert await asyncio.to_thread(self.connected.wait, WITHIN)

    def send(self, numbers: range) -> None:
        """Publish with QoS 2: nothing but the packet id tells a repeat."""
        for number in numbers:
            self._client.publish(self._topic, b'{"values":{"k":%d}}' % number, 2)

    async def all_complete(self, count: int) -> None:
        async def complete() -> bool:
            return len(self.completed) == count

        await until(complete, within=WITHIN)

    async def leave(self) -> None:
        """Say goodbye."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("version", [4, 5])
async def test_a_half_open_connection_is_taken_over_at_the_other_process(
    tmp_path: Path, durable_postgres: str, version: int
) -> None:
    async with pair(tmp_path, durable_postgres) as there, there.at(there.one, "moving", version) as (old, present):
        assert present == 0
        old.send(message("moving", 1, 1, version), message("moving", 2, 2, version))
        await answers(old, 0x50, 0x50)
        old.send(pubrel(2))
        await answers(old, 0x70)
        async with there.at(there.other, "moving", version) as (new, again):
            assert again == 1
            if version == 5:
                assert await old.next() == (0xE0, b"\x8e")
            assert await old.ended()
            new.send(message("moving", 1, 1, version, dup=True), pubrel(1), message("moving", 3, 2, version))
            await answers(new, 0x50, 0x70, 0x50)
        assert there.stored() == [("moving", number) for number in (1, 2, 3)]


@pytest.mark.timeout(400)
async def test_a_paused_process_that_wakes_up_has_lost_its_clients(tmp_path: Path, durable_postgres: str) -> None:
    """What the pause kept from it counts nowhere: no second message, no acknowledgement, no will."""
    will = {"will": ("devices/moving/events", LOST), "will_told": properties(b"\x18\0\0\0\x3c")}
    async with (
        pair(tmp_path, durable_postgres) as there,
        there.at(there.one, "moving", 5, **will) as (old, _),
    ):
        os.kill(there.one.pid, signal.SIGSTOP)
        old.send(message("moving", 1, 1, 5))
        async with there.at(there.other, "moving", 5) as (new, present):
            assert present == 1
            new.send(message("moving", 1, 1, 5, dup=True), pubrel(1))
            await answers(new, 0x50, 0x70)
            os.kill(there.one.pid, signal.SIGCONT)
            assert await old.next() == (0xE0, b"\x8e")
            assert await old.ended()
            new.send(message("moving", 2, 1, 5), pubrel(1))
            await answers(new, 0x50, 0x70)
            assert there.stored() == [("moving", 1), ("moving", 2)]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("version", [4, 5])
async def test_kill_9_of_one_process_leaves_its_clients_to_the_other(
    tmp_path: Path, durable_postgres: str, version: int
) -> None:
    async with pair(tmp_path, durable_postgres) as there:
        paho = Stranger("paho", there.tokens["paho"], version)
        await paho.go(there.one)
        paho.send(range(20))
        await paho.all_complete(20)
        clean: dict[str, Any] = {"clean": True, "told": properties(), "will": ("devices/clean/events", LOST)}
        lost: dict[str, Any] = {"will": ("devices/lost/events", LOST)}
        patient: dict[str, Any] = {
            "will": ("devices/patient/events", LOST), "will_told": properties(b"\x18\0\0\x03\xe8"),
        }  # fmt: skip
        async with (
            there.at(there.one, "moving", version) as (moving, _),
            there.at(there.one, "lost", version, **lost),
            there.at(there.one, "clean", version, **clean),
            there.at(there.one, "patient", 5, **patient),
        ):
            moving.send(message("moving", 1, 1, version), message("moving", 2, 2, version))
            await answers(moving, 0x50, 0x50)
            moving.send(pubrel(1))
            await answers(moving, 0x70)
            os.kill(there.one.pid, signal.SIGSTOP)
            paho.send(range(20, 40))  # under way, and never answered there
            moving.send(message("moving", 3, 1, version), pubrel(2))
            await there.one.kill()
        await paho.go(there.other)
        assert paho.present == [False, True]
        await paho.all_complete(40)
        async with there.at(there.other, "moving", version) as (moving, present):
            assert present == 1
            moving.send(message("moving", 3, 1, version, dup=True), pubrel(2), pubrel(1))
            await answers(moving, 0x50, 0x70, 0x70)
        async with there.at(there.other, "patient", 5) as (_, present):
            assert present == 1

            async def both_lost() -> bool:
                return {("lost", "lost"), ("clean", "lost")} <= set(there.stored())

            await until(both_lost, within=WITHIN)
            await there.one.start()  # and finds nothing left to do
            async with there.at(there.one, "lost", version) as (_, again):
                assert again == 1
        await paho.leave()
        assert await there.one.stop() == await there.other.stop() == 0
        stored = there.stored()
        assert [number for name, number in stored if name == "moving"] == [1, 2, 3]
        assert [number for name, number in stored if name == "paho"] == list(range(40))
        assert sorted(name for name, code in stored if code == "lost") == ["clean", "lost"], "each once, and no other"
