"""Endpoint, pipeline and database put together as the service does, for the tests of the way in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.fernet import Fernet
from sqlalchemy import func
from sqlmodel import Session, select

from fleet.auth.service import default_account
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import Database, wakes
from fleet.db.log import Position
from fleet.devices import service as devices
from fleet.devices.models import DeviceCreate
from fleet.ids import uuid7
from fleet.ingest.mqtt.endpoint import Endpoint
from fleet.ingest.pipeline import Pipeline
from fleet.secrets import Sealer
from fleet.settings import MqttSettings, Settings
from fleet.telemetry.history import History
from fleet.telemetry.log import Report, read_log
from fleet.telemetry.models import Message
from tests.conftest import operator_of


@dataclass
class WayIn:
    """The running parts, and the devices that may use them."""

    context: Context
    pipeline: Pipeline
    endpoint: Endpoint
    account_id: UUID
    tokens: dict[str, str] = field(default_factory=dict)
    """Token by device name."""

    def add_device(self, name: str) -> str:
        """A new device; its token."""
        database, now = self.context.database, self.context.clock.now()
        token, _ = database.write_now(
            lambda tx: devices.create(tx, operator_of(self.account_id), now, DeviceCreate(name=name))[1]
        )
        self.tokens[name] = token
        return token

    async def reports(self) -> list[Report]:
        """All that is stored, once no open transaction may still come before it."""

        def read(tx: Session) -> tuple[list[Report], int]:
            stored = tx.exec(select(func.count()).select_from(Message)).one()
            return read_log(tx, Position(), 100_000), stored

        while True:
            found, stored = await self.context.database.read(read)
            if len(found) == stored:
                return found
            await asyncio.sleep(0.01)


@asynccontextmanager
async def way_in(
    database: Database,
    *names: str,
    clock: Clock | None = None,
    history: History | None = None,
    process: UUID | None = None,
) -> AsyncIterator[WayIn]:
    """The way in, running on a free port, with devices of these names; `process`: of an earlier one, to succeed it."""
    clock = clock or Clock()
    settings = Settings(data_dir=Path("/nonexistent"), mqtt=MqttSettings(port=0))
    context = Context(settings, database, clock, Sealer(Fernet.generate_key()), process=process or uuid7())
    pipeline = Pipeline(context, history)
    endpoint = Endpoint(context, pipeline)
    running = [asyncio.create_task(pipeline.run())]
    if database.dialect == "postgresql":
        joined = await wakes.join(database, context.process)
        running.append(asyncio.create_task(wakes.listen(database, context.process, joined)))
    await endpoint.start()
    account_id, _ = database.write_now(lambda tx: default_account(tx, clock.now()).id)
    parts = WayIn(context, pipeline, endpoint, account_id)
    for name in names:
        parts.add_device(name)
    try:
        yield parts
    finally:
        await endpoint.stop()
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        await pipeline.close()
