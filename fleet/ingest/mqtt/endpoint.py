"""The listener: accepts connections, lets clients in, ends what is overdue, taken over or revoked."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import net
from fleet.audit import Way
from fleet.auth.models import Holder, Token
from fleet.auth.service import TOPIC as TOKENS
from fleet.context import Context
from fleet.db.outbox import wait_real
from fleet.denials import Denial
from fleet.errors import Unavailable
from fleet.ingest.mqtt import holders
from fleet.ingest.mqtt.brake import Brake
from fleet.ingest.mqtt.codec.packets import Connect
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.connection import Connection
from fleet.ingest.mqtt.departures import Departures
from fleet.ingest.mqtt.effects import Denied
from fleet.ingest.mqtt.holders import Hold, Key
from fleet.ingest.mqtt.login import Admitted, Logins, Refused
from fleet.ingest.pipeline import Pipeline
from fleet.ingest.senders import denial

HALF_OPEN = 12_000
"""Connections that have not been let in yet; past it the oldest ends, since an honest client is let in at once."""
SWEEP = 1.0
"""Seconds between looks for what is overdue."""
LOOK = 10.0
"""Seconds after which lost clients are looked for, should a wake-up have been lost."""
GOODBYE = 5.0
"""Seconds to commit and acknowledge what has arrived when the service stops."""

log = logging.getLogger(__name__)


class Endpoint:
    """The MQTT listener of `context`'s settings; payloads go to `pipeline`."""

    def __init__(self, context: Context, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.url = ""
        self.now = context.clock.monotonic
        self._context = context
        self._logins = Logins(context.database, context.process)
        self._departures = Departures(context, pipeline)
        self._wrong_tokens, self._takeovers = Brake(), Brake()
        self._waiting: dict[Connection, None] = {}
        """Not let in yet, oldest first."""
        self._clients: dict[Key, Connection] = {}
        """Let in: one connection for each device and client id."""
        self._lost = context.database.subscribe(holders.topic(context.process))
        self._looks = 0
        """Begun looks for clients that are lost to another process."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def port(self) -> int:
        """The TCP port, once started."""
        return int(self.url.rpartition(":")[2])

    async def start(self) -> None:
        """Listen. Raises SetupError for a taken port."""
        await self._departures.load()
        settings = self._context.settings.mqtt
        listening = net.listen(settings.host, settings.port, "--mqtt-port")
        self.url = f"mqtt://{net.address(listening)}"
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), sock=listening, backlog=net.BACKLOG)
        loops = [self._sweep(), self._watch_tokens(), self._departures.run()]
        if self._context.database.dialect != "sqlite":
            loops.append(self._watch_holders())
        self._background = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Accept nothing more, commit and acknowledge what has arrived, end every connection."""
        self._server.close()
        for task in (*self._background, *self._tasks):
            task.cancel()
        try:
            async with asyncio.timeout(GOODBYE):
                await self.pipeline.drained()
        except TimeoutError:
            log.warning("the service stops before everything is committed; devices will send the rest again")
        self._stopping = True
        for connection in [*self._waiting, *self._clients.values()]:
            connection.end("the service stops", Reason.SERVER_SHUTTING_DOWN)
            self.left(connection)
        try:
            await self._departures.flush()
        except Unavailable as error:
            log.warning("sessions of clients that were connected have no end yet: %s", error)
        await self._server.wait_closed()

    # what connections call

    def opened(self, connection: Connection) -> None:
        """Count it in; it has a moment to send its CONNECT."""
        self._waiting[connection] = None
        if len(self._waiting) > HALF_OPEN:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            self._end(oldest, "overload", "too many connections wait to be let in", Reason.SERVER_BUSY)

    def closed(self, connection: Connection) -> None:
        """Forget it; what it handed in is still committed."""
        self._waiting.pop(connection, None)
        admitted = connection.admitted
        if admitted is not None and self._clients.get(admitted.key) is connection:
            del self._clients[admitted.key]
        self._count()

    def left(self, connection: Connection) -> None:
        """It is gone, and what came on it is worked off."""
        admitted, session = connection.admitted, connection.session
        if admitted is not None:
            sender, will = admitted.sender, session.will
            hold = Hold(
                *admitted.key, admitted.id, self._context.process, sender.account_id, admitted.session_id,
                session.expiry, will,
            )  # fmt: skip
            self._departures.left(hold, pardoned=self._stopping)

    def log_in(self, connection: Connection, connect: Connect) -> None:
        """Decide on its CONNECT."""
        self._start(self._log_in(connection, connect))

    def keep(self, connection: Connection, subscriptions: tuple[tuple[str, int], ...]) -> None:
        """Keep its subscriptions: on disk, unless its session ends with it."""
        if connection.admitted is None or not connection.admitted.kept:
            connection.subscribed()
        else:
            self._start(self._keep(connection, connection.admitted, subscriptions))

    def count(self, label: str, times: int = 1) -> None:
        """So many more connections or messages refused, for this kind of reason."""
        self._context.metrics.refusals.labels(label).inc(times)

    def deny(self, connection: Connection, denied: Denied) -> None:
        """Take note of what a client that was let in asked for and may not have."""
        if connection.admitted is not None:
            sender = connection.admitted.sender
            self._note(denial(Way.MQTT, sender, connection.address, denied.asked, denied.why), denied.times)

    async def _log_in(self, connection: Connection, connect: Connect) -> None:
        try:
            admitted = await self._let_in(connection, connect)
        except Refused as error:
            self.count("login")
            connection.refuse(error)
        except Unavailable as error:
            self.count("storage")
            connection.refuse(error)
        except Exception:
            log.exception("a login failed")
            self._end(connection, "fault", "the login failed", Reason.UNSPECIFIED)
        else:
            if admitted is not None:
                self._departures.publish(admitted.sender, admitted.wills)
                connection.admit(admitted)
        self._count()

    async def _let_in(self, connection: Connection, connect: Connect) -> Admitted | None:
        """None: it has gone meanwhile. Two that fight for one client are slowed down, so neither wins nor storms."""
        await self._departures.flush()  # how this client left last time has to be on disk
        try:
            entrant = await self._logins.identify(connect, self._context.clock.now())
        except Refused as error:
            if error.denied:
                name = connect.user_name or ""
                asked = f"CONNECT as {name}" if name else "CONNECT"
                self._note(denial(Way.MQTT, error.sender, connection.address, asked, error.denied, name))
            if error.reason is Reason.BAD_USER_NAME_OR_PASSWORD:
                await asyncio.sleep(self._wrong_tokens.failed(connection.address, self.now()))
            raise
        if entrant.held:
            wait = self._takeovers.failed("/".join(map(str, entrant.key)), self.now())
            await asyncio.sleep(wait)
            if wait and not connection.open:
                return None
        looks = self._looks
        admitted = await self._logins.enter(entrant)
        connection.admitted = admitted
        self._waiting.pop(connection, None)
        former = self._clients.pop(admitted.key, None)
        if connection.open:
            self._clients[admitted.key] = connection
        if former is not None:  # [MQTT-3.1.4-3], in 3.1.1 [MQTT-3.1.4-2]
            self._end(former, "taken_over", "the same client connected anew", Reason.SESSION_TAKEN_OVER)
        if self._looks != looks:
            self._lost.set()  # the look that has begun may not know it yet
        return admitted

    async def _keep(
        self, connection: Connection, admitted: Admitted, subscriptions: tuple[tuple[str, int], ...]
    ) -> None:
        try:
            kept = await self._logins.keep_subscriptions(admitted, subscriptions)
        except Unavailable as error:
            self._end(connection, "storage", str(error), Reason.QUOTA_EXCEEDED)
        else:
            if kept:
                connection.subscribed()
            else:
                self._end(connection, "taken_over", "the same client connected anew", Reason.SESSION_TAKEN_OVER)

    async def _watch_holders(self) -> None:
        """End connections whose client has connected to another process, or which another one took for dead."""
        while True:
            await wait_real(self._lost, LOOK)
            self._lost.clear()
            self._looks += 1
            own = {key: one.admitted.id for key, one in self._clients.items() if one.admitted is not None}
            lost = await self._lost_of(own)
            for key, taken in lost.items():
                one = self._clients.get(key)
                if one is None or one.admitted is None or one.admitted.id != own[key]:
                    continue  # it is gone, and another one is here already
                if taken:
                    self._end(one, "taken_over", "the same client connected anew", Reason.SESSION_TAKEN_OVER)
                else:
                    self._end(one, "given_up", "other processes took this one for dead", Reason.SERVER_BUSY)

    async def _lost_of(self, own: Mapping[Key, UUID]) -> dict[Key, bool]:
        process = self._context.process
        try:
            return await self._context.database.read(lambda tx: holders.lost(tx, process, own)) if own else {}
        except Unavailable:
            return {}  # the next look tells

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            now = self.now()
            for connection in [*self._waiting, *self._clients.values()]:
                overdue = connection.session.overdue(now)
                if overdue is not None:
                    self._end(connection, "overdue", *overdue)

    async def _watch_tokens(self) -> None:
        """End connections whose token is revoked."""
        changed = self._context.database.subscribe(TOKENS)
        try:
            while True:
                await changed.wait()
                changed.clear()
                try:
                    revoked = await self._context.database.read(_revoked)
                except Unavailable:
                    await asyncio.sleep(SWEEP)
                    changed.set()
                    continue
                for connection in [*self._clients.values()]:
                    if connection.admitted is not None and connection.admitted.sender.token_id in revoked:
                        self._end(connection, "revoked", "its token was revoked", Reason.ADMINISTRATIVE_ACTION)
        finally:
            self._context.database.unsubscribe(TOKENS, changed)

    def _note(self, denied: Denial, times: int = 1) -> None:
        self._context.denials.note(denied, self._context.clock.now(), self.now(), times)

    def _end(self, connection: Connection, label: str, text: str, reason: Reason) -> None:
        self.count(label)
        connection.end(text, reason)

    def _count(self) -> None:
        self._context.metrics.connections.set(len(self._clients))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _revoked(tx: Session) -> set[UUID]:
    query = select(Token.id).where(Token.holder == Holder.DEVICE, col(Token.revoked_at).is_not(None))
    return set(tx.exec(query))
