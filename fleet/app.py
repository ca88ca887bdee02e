"""The composition root: builds every part from settings, starts them in order, stops them in reverse."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter

from fleet import denials, escalation, messages, sims, start, tickets
from fleet.api import ingest as devices_http
from fleet.api.app import ROUTERS, create_app
from fleet.api.server import HttpServer
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import Database, timekeeping, wakes
from fleet.db.presence import Absences
from fleet.due import Runner
from fleet.gateway.pool import Gateway
from fleet.ingest.coap.door import Door
from fleet.ingest.mqtt.endpoint import Endpoint
from fleet.ingest.mqtt.subscriber import Subscriber
from fleet.ingest.pipeline import Pipeline
from fleet.rules.runner import Runner as Rules
from fleet.secrets import Sealer
from fleet.settings import ROLES, Role, Settings
from fleet.start import Endpoints

PARTS: Mapping[str, tuple[Role, ...]] = {
    "pipeline": ("api", "ingest"),
    "denied acts": ("api", "ingest"),
    "MQTT endpoint": ("ingest",),
    "CoAP": ("ingest",),
    "broker": ("ingest",),
    "rules": ("rules",),
    "tickets": ("escalation",),
    "escalation": ("escalation",),
    "due work": ("escalation",),
    "SIMs": ("api",),
    "gateway": ("gateway",),
    "wake-ups": ROLES,
    "time": ROLES,
}
"""Which parts a process runs: those of its roles. Any number of processes may have a role.

Every process answers HTTP with its health and metrics, under `api` with the API, under `ingest` with what devices post.
"""

log = logging.getLogger(__name__)


class Parts:
    """The loops that run while the service does; the first that ends ends the service."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self._roles = roles
        self._tasks: list[asyncio.Task[None]] = []

    def wanted(self, name: str) -> bool:
        """Whether this process runs the part `name` of PARTS."""
        return not self._roles.isdisjoint(PARTS[name])

    def add(self, name: str, loop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `loop` until the service stops, if this process runs the part `name`."""
        if self.wanted(name):
            self._tasks.append(asyncio.create_task(loop(), name=name))

    async def wait(self) -> None:
        """Return when a part ended; raises what it raised."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            log.error("the part %s ended, so the service stops", task.get_name())
            task.result()

    async def stop(self) -> None:
        """Cancel every loop, last started first."""
        for task in reversed(self._tasks):
            task.cancel()
            await asyncio.wait([task])


class Service:
    """A running service: where it is reached, and `wait` for the day a part of it fails."""

    def __init__(self, context: Context, endpoints: Endpoints, parts: Parts) -> None:
        self.context, self.endpoints, self._parts = context, endpoints, parts

    async def wait(self) -> None:
        """Return only when a part of the service ended; raises its error."""
        await self._parts.wait()


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Service]:
    """The whole service, started in order and ready; stopped when the block ends.

    Raises SetupError, in one sentence, for anything that keeps it from starting.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(start.only_process(settings))
        sealer = Sealer.from_file(settings.sealing_key)
        database = Database(settings.database_url, synchronous=settings.database.synchronous)
        stack.callback(database.close)
        context = Context(settings, database, clock or Clock(), sealer, process=start.identity(settings))
        account_id = start.prepare(context)

        pipeline = Pipeline(context)
        stack.push_async_callback(pipeline.close)
        http = HttpServer(create_app(context, pipeline, _routers(settings)), settings.http.host, settings.http.port)
        mqtt = Endpoint(context, pipeline)
        coap = Door(context, pipeline)
        sim_engine = sims.Engine(context, lambda: http.url)
        stack.push_async_callback(sim_engine.close)

        joined = await start.join(context) if database.dialect == "postgresql" else None
        if joined is not None:
            stack.push_async_callback(joined.close)
        parts = Parts(settings.roles)
        stack.push_async_callback(parts.stop)
        if joined is not None:
            parts.add("wake-ups", lambda: wakes.listen(database, context.process, joined))
            parts.add("time", lambda: timekeeping.keep_time(database, context.clock))
        parts.add("pipeline", pipeline.run)
        parts.add("denied acts", lambda: denials.keep(context.denials, database, context.clock, account_id))
        if settings.broker.url:
            parts.add("broker", Subscriber(context, pipeline, account_id).run)
        parts.add("rules", Rules(context).run)
        parts.add("tickets", tickets.consumer(context).run)
        parts.add("escalation", escalation.consumer(context).run)
        parts.add("gateway", Gateway(context, account_id).run)

        if parts.wanted("MQTT endpoint"):
            await mqtt.start()
            stack.push_async_callback(mqtt.stop)
        if parts.wanted("CoAP") and settings.coap.enabled:
            await coap.start()
            stack.push_async_callback(coap.stop)
        await http.start()
        stack.push_async_callback(http.stop)
        handlers = messages.due_handlers(context) | escalation.due_handlers(context)
        absences = Absences(database, context.process, context.clock.monotonic)
        parts.add("due work", Runner(database, context.clock, handlers, context.process, absences).run)
        # apart, because a provider that does not answer must not keep an offer's deadline waiting, and because what a
        # dead process asked it may still be under way
        parts.add("SIMs", Runner(database, context.clock, sim_engine.due_handlers, context.process).run)
        gc.collect()
        gc.freeze()  # what is here now stays: the collector need not walk over it while devices wait for their PUBACK
        stack.callback(gc.unfreeze)
        endpoints = await start.announce(context, account_id, http.url, mqtt.url, coap.url)
        yield Service(context, endpoints, parts)


def _routers(settings: Settings) -> list[APIRouter]:
    if "api" in settings.roles:
        return ROUTERS
    return [devices_http.router] if "ingest" in settings.roles else []
