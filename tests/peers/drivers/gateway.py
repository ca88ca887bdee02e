"""Drives the gateway of the service, with its queue in SQLite, by lines of JSON; see gsmmodem.py."""

import asyncio
import json
import sys
import time
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import uvloop
from cryptography.fernet import Fernet
from sqlmodel import Session

from fleet import schema
from fleet.audit import Way, system
from fleet.auth.service import default_account
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import Database, migrate
from fleet.db.outbox import Consumer, Event
from fleet.due import Runner
from fleet.gateway.pool import Gateway
from fleet.messages import due_handlers, service
from fleet.messages.limits import Priority
from fleet.messages.models import InboundText
from fleet.secrets import Sealer
from fleet.settings import ModemSettings, Settings


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Service:
    """The parts of the service that move texts."""

    def __init__(self, port: str, database: Database) -> None:
        self.database, self.clock = database, Clock()
        account_id, _ = database.write_now(lambda tx: default_account(tx, self.clock.now()).id)
        self._actor = system(account_id, Way.RULES)
        self._references = count()
        settings = Settings(modem=[ModemSettings(port=port)])
        context = Context(settings, database, self.clock, Sealer(Fernet.generate_key()))
        self.gateway = Gateway(context, account_id)
        self.parts = [
            self.gateway.run(),
            Runner(database, self.clock, due_handlers(context)).run(),
            Consumer(database, self.clock, "bench", {"text.received": self._received}).run(),
        ]

    async def put(self, to: str, text: str) -> None:
        """Queue one text."""
        now, reference = self.clock.now(), f"bench:{next(self._references)}"
        await self.database.write(
            lambda tx: service.enqueue(
                tx, self._actor, now, reference=reference, to=to, body=text, language="en", priority=Priority.OFFER,
                expires_at=now + timedelta(hours=1),
            )
        )  # fmt: skip

    def _received(self, tx: Session, event: Event) -> None:
        text = tx.get_one(InboundText, UUID(event.body["inbound_id"]))
        _say(received={"sender": text.sender, "text": text.body, "at": time.monotonic()})


async def main() -> None:
    """Work until standard input ends."""
    database = Database(f"sqlite:///{Path(sys.argv[2]) / 'fleet.db'}")
    migrate.upgrade(database, schema.metadata)
    running = Service(sys.argv[1], database)
    tasks = [asyncio.create_task(part) for part in running.parts]
    await running.gateway.workers[0].supervisor.wait_ready()
    _say(ready=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        handed = []
        for text in order["texts"]:
            handed.append(time.monotonic())
            await running.put(order["to"], text)
        _say(handed=handed)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    database.close()


uvloop.run(main())
