"""The way in through an external broker: a persistent session that is always there, or on its way back."""

import asyncio
import logging
import random
from collections.abc import Iterable, Mapping
from uuid import UUID

from paho.mqtt.enums import MQTTProtocolVersion

from fleet.context import Context
from fleet.errors import SetupError
from fleet.ingest.mqtt.intake import Intake
from fleet.ingest.mqtt.link import Link, Lost, Unsupported
from fleet.ingest.pipeline import Pipeline
from fleet.ingest.senders import Sender, named
from fleet.settings import read_secret

FIRST_WAIT, LONGEST_WAIT = 0.2, 30.0
"""Seconds between attempts to reach the broker."""
STEADY = 60.0
"""Seconds after which a connection counts as one that held."""
KNOWN = 60.0
"""Seconds for which a device's name need not be looked up again."""
GOODBYE = 5.0
"""Seconds to commit and acknowledge what has arrived when the service stops."""

log = logging.getLogger(__name__)


class Subscriber:
    """Takes what devices publish to the broker of `[broker]`; each message is acknowledged once it is on disk.

    Who published is what the broker's ACL says: the device named in the topic.
    """

    def __init__(self, context: Context, pipeline: Pipeline, account_id: UUID) -> None:
        self._context, self._pipeline, self._account_id = context, pipeline, account_id
        self._settings = context.settings.broker
        self._version = MQTTProtocolVersion.MQTTv5
        self._known: dict[str, Sender] = {}
        self._known_since = 0.0

    async def run(self) -> None:
        """Be connected, for ever. Raises nothing but the cancellation that stops it."""
        wait = FIRST_WAIT
        while True:
            since = self._context.clock.monotonic()
            try:
                await self._connection()
            except Unsupported:
                self._version = MQTTProtocolVersion.MQTTv311
                log.info("the broker does not speak MQTT 5: going on with 3.1.1")
                continue
            except (Lost, SetupError) as error:
                log.warning("not connected to the broker: %s", error)
            if self._context.clock.monotonic() - since > STEADY:
                wait = FIRST_WAIT
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))  # noqa: S311 - spreads workers apart
            wait = min(2 * wait, LONGEST_WAIT)

    async def _connection(self) -> None:
        intake = Intake(self._pipeline, self._senders, self._account_id, self._settings.window)
        password = read_secret(self._settings.password_file)
        client_id = self._settings.client_id or f"fleet-{self._context.process}"
        link = intake.link = Link(self._settings, client_id, password, self._version, intake.arrived)
        handing_on = asyncio.create_task(intake.run(), name="broker intake")
        connected = self._context.metrics.broker_connected
        try:
            present = await link.open()
            log.info("connected to the broker %s, session %s", self._settings.url, "kept" if present else "new")
            connected.set(1)
            lost = asyncio.ensure_future(link.lost())
            await asyncio.wait([lost, handing_on], return_when=asyncio.FIRST_COMPLETED)
            if handing_on.done():
                handing_on.result()
            raise Lost(await lost)
        except asyncio.CancelledError:
            link.pause(True)
            await self._goodbye()
            raise
        finally:
            connected.set(0)
            intake.failed("the service ends the connection")
            link.end("the service ends the connection")
            handing_on.cancel()
            await asyncio.wait([handing_on])

    async def _goodbye(self) -> None:
        try:
            async with asyncio.timeout(GOODBYE):
                await self._pipeline.drained()
                await asyncio.sleep(0)  # what is acknowledged is written
        except TimeoutError:
            log.warning("the service stops before everything is committed; the broker will deliver the rest again")

    async def _senders(self, names: Iterable[str]) -> Mapping[str, Sender]:
        now = self._context.clock.monotonic()
        if now - self._known_since > KNOWN:
            self._known, self._known_since = {}, now
        unknown = [name for name in names if name not in self._known]
        if unknown:
            account_id = self._account_id
            self._known |= await self._context.database.read(lambda tx: named(tx, account_id, unknown))
        return self._known
