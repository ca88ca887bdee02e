"""The SIM room at work: a database, the sandbox provider as a real server, the engine, the API; time stands still."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from cryptography.fernet import Fernet
from sqlmodel import Session, col, select

from fleet.api.app import create_app
from fleet.api.server import HttpServer
from fleet.audit import Entry
from fleet.auth.service import issue_operator_token
from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.devices import service as devices
from fleet.due import Runner
from fleet.secrets import Sealer
from fleet.settings import ProviderSettings, Settings
from fleet.sims import Engine
from fleet.sims.models import Sim
from fleet.telemetry.messages import Window, record
from fleet.telemetry.models import Kind
from fleet.telemetry.store import append
from hw_fixtures.providers.sandbox import Sandbox, serve
from modem_drivers.identity import luhn_digit
from tests.conftest import account_of, operator_of

POLL = 30.0
SECRET, TOKEN = "callback secret", "provider token"


def iccid(number: int) -> str:
    """A valid ICCID of 19 digits."""
    body = f"8988303{number:011d}"
    return body + luhn_digit(body)


@dataclass
class Rig:
    """What a test of this room works with."""

    context: Context
    clock: ManualClock
    sandbox: Sandbox
    runner: Runner
    api: httpx2.AsyncClient
    account_id: UUID
    url: str
    token: str

    async def step(self) -> bool:
        """Take one step for everything that is due now; False when nothing was."""
        return await self.runner.step()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Due work is done as it comes while the block lasts."""
        task = asyncio.create_task(self.runner.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def device(self, name: str) -> str:
        """A machine, in the registry."""
        await self.post("/v1/devices", {"name": name}, status=201)
        return name

    async def point(self, device: str, **values: float) -> None:
        """The machine's message of now is committed."""
        ms = round(self.clock.now().timestamp() * 1000)

        def store(tx: Session) -> None:
            key = devices.get(tx, self.account_id, device).key
            said = record(
                self.account_id, key, Kind.TELEMETRY, dict(values),
                identifier=None, device_ms=ms, received_ms=ms, window=Window(past_ms=1000, ahead_ms=1000),
            )  # fmt: skip
            append(tx, [said], [], {})

        await self.context.database.write(store)

    async def settle(self) -> None:
        """Take every step that is due now."""
        for _ in range(50):
            if not await self.runner.step():
                return
        raise AssertionError("expected the due work to end, got 50 steps")

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON of a list or a thing."""
        answer = await self.api.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """The JSON of what was asked for."""
        answer = await self.api.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def add(self, *numbers: int, provider: str = "sandbox") -> list[str]:
        """SIMs in the inventory."""
        iccids = [iccid(number) for number in numbers]
        rows = [{"iccid": one, "provider": provider} for one in iccids]
        await self.post("/v1/sims:import", {"sims": rows})
        return iccids

    async def sim(self, one: str) -> Sim:
        """The row."""
        return await self.context.database.read(lambda tx: tx.exec(select(Sim).where(Sim.iccid == one)).one())

    async def audit(self, subject: str = "") -> list[tuple[str, str]]:
        """(verb, way) of each act, oldest first; of one subject where named."""
        query = select(Entry).order_by(col(Entry.seq))
        if subject:
            query = query.where(Entry.subject == subject)
        rows = await self.context.database.read(lambda tx: list(tx.exec(query)))
        return [(row.verb, row.way.value) for row in rows]


@asynccontextmanager
async def rig(
    database: Database, clock: ManualClock, folder: Path, *, pending: float = 0.0, callbacks: bool = False
) -> AsyncIterator[Rig]:
    """The room, running; an activation takes `pending` real seconds at the provider."""
    (folder / "token").write_text(TOKEN)
    (folder / "secret").write_text(SECRET)
    sandbox = Sandbox(TOKEN, secret=SECRET if callbacks else "", pending=pending, now=clock.now)
    async with serve(sandbox) as provider_url:
        provider = ProviderSettings(
            name="sandbox",
            url=provider_url,
            token_file=folder / "token",
            callback_secret_file=folder / "secret" if callbacks else None,
            poll_s=POLL,
        )
        settings = Settings(data_dir=folder, provider=[provider, provider.model_copy(update={"name": "other"})])
        context = Context(settings, database, clock, Sealer(Fernet.generate_key()))
        account_id = account_of(database, clock)
        token, _ = database.write_now(lambda tx: issue_operator_token(tx, operator_of(account_id), clock.now()))
        server = HttpServer(create_app(context), "127.0.0.1", 0)
        await server.start()
        engine = Engine(context, lambda: server.url)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as api:
                runner = Runner(database, clock, engine.due_handlers)
                yield Rig(context, clock, sandbox, runner, api, account_id, server.url, token)
        finally:
            await engine.close()
            await server.stop()
