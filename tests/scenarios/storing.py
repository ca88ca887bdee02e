"""Machines that report by MQTT and HTTP while their storage comes and goes; afterwards everything is counted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

import httpx2
from sqlmodel import col, select

from fleet.db import Database
from fleet.devices.models import Device
from fleet.telemetry.models import Message, MessageConflict
from tests.http_publisher import HttpPublisher
from tests.publisher import Publisher
from tests.service import ServiceProcess

RATE = 20.0
"""Messages per second of each machine."""
MACHINES = 4
"""So many report by MQTT, and as many by HTTP."""


class Reporter(Protocol):
    """A machine that counts what it sent and what was acknowledged."""

    name: str
    sent: int
    acknowledged: set[int]
    present_lost: int


class Load:
    """Machines that report to a service without end."""

    def __init__(self, mqtt: list[Publisher], http: list[HttpPublisher]) -> None:
        self.mqtt, self.http = mqtt, http
        self.all: list[Publisher | HttpPublisher] = [*mqtt, *http]

    @property
    def acknowledged(self) -> int:
        """How many messages have been acknowledged."""
        return sum(len(publisher.acknowledged) for publisher in self.all)

    async def flows(self, within: float = 60.0) -> None:
        """Wait until each machine has had something acknowledged from now on."""
        publishers = self.all
        before = {publisher.name: len(publisher.acknowledged) for publisher in publishers}
        try:
            async with asyncio.timeout(within):
                while any(len(publisher.acknowledged) == before[publisher.name] for publisher in publishers):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            stuck = [p.name for p in publishers if len(p.acknowledged) == before[p.name]]
            raise AssertionError(f"expected acknowledgements within {within:g} s, got none for {stuck}") from None

    async def stands_still(self, seconds: float) -> None:
        """Nothing is acknowledged for so long, though every machine keeps trying."""
        before = self.acknowledged
        await asyncio.sleep(seconds)
        assert self.acknowledged == before, "acknowledged although it could not be stored"


@asynccontextmanager
async def load(service: ServiceProcess) -> AsyncIterator[Load]:
    """Machines that report while the block lasts, and until everything of theirs is acknowledged."""
    mqtt, http = [], []
    async with service.client() as api:
        for number in range(MACHINES):
            token = (await api.post("/v1/devices", {"name": f"mqtt-{number}"}))["token"]
            mqtt.append(Publisher(f"mqtt-{number}", token, service.mqtt, RATE))
            token = (await api.post("/v1/devices", {"name": f"http-{number}"}))["token"]
            http.append(HttpPublisher(f"http-{number}", token, service.endpoints.http, RATE))
    machines, stop = Load(mqtt, http), asyncio.Event()
    async with asyncio.timeout(600), asyncio.TaskGroup() as group:
        for publisher in machines.all:
            group.create_task(publisher.run(stop))
        try:
            yield machines
        finally:
            stop.set()


async def status(service: ServiceProcess, path: str) -> int:
    """The status that the service answers to a GET."""
    async with httpx2.AsyncClient(base_url=service.endpoints.http, trust_env=False, timeout=30) as client:
        return (await client.get(path)).status_code


def check_stored(database_url: str, publishers: Iterable[Reporter]) -> Counter[str]:
    """Every message was acknowledged and is stored exactly once, nobody lost a session; messages of each device."""
    database = Database(database_url)
    stored = select(Device.name).join(Message, col(Message.device_key) == Device.key)
    rows: Counter[str] = Counter(database.read_now(lambda tx: list(tx.exec(stored))))
    conflicts = database.read_now(lambda tx: list(tx.exec(select(MessageConflict))))
    database.close()
    assert conflicts == []
    for publisher in publishers:
        assert publisher.acknowledged == set(range(publisher.sent)), publisher.name
        assert rows[publisher.name] == publisher.sent, publisher.name
        assert publisher.present_lost == 0, f"{publisher.name} was told to discard its session"
    return rows
