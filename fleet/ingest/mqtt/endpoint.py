"""The listener: accepts connections, lets clients in, ends what is overdue, taken over or revoked."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import net
from fleet.audit import Way
from fleet.auth.models import Holder, Token
from fleet.auth.service import TOPIC as TOKENS
from fleet.context import Context
from fleet.denials import Denial
from fleet.errors import Unavailable
from fleet.ingest.mqtt.brake import Brake
from fleet.ingest.mqtt.codec.packets import Connect
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.connection import Connection
from fleet.ingest.mqtt.departures import Departures
from fleet.ingest.mqtt.effects import Denied
from fleet.ingest.mqtt.login import Admitted, Logins, Refused
from fleet.ingest.pipeline import Pipeline
from fleet.ingest.senders import denial

HALF_OPEN = 12_000
"""Connections that have not been let in yet; past it the oldest ends, since an honest client is let in at once."""
SWEEP = 1.0
"""Seconds between looks for what is overdue."""
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
        self._logins = Logins(context.database)
        self._departures = Departures(context, pipeline)
        self._wrong_tokens, self._takeovers = Brake(), Brake()
        self._connecting: Counter[tuple[str | None, str]] = Counter()
        """By user name and client id, who is being let in right now: nobody of that name leaves."""
        self._waiting: dict[Connection, None] = {}
        """Not let in yet, oldest first."""
        self._clients: dict[tuple[UUID, str], Connection] = {}
        """Let in: one connection for each device and client id."""
        self._anonymous: set[Connection] = set()
        """Let in without a client id: nothing takes them over."""
        self._tasks: set[asyncio.Task[None]] = set()

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
        loops = (self._sweep(), self._watch_tokens(), self._departures.run())
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
        connections = [*self._waiting, *self._clients.values(), *self._anonymous]
        self._clients.clear()
        for connection in connections:
            connection.session.will = None  # it is the service that goes
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
        self._anonymous.discard(connection)
        key = self._key(connection)
        if key is not None and self._clients.get(key) is connection:
            del self._clients[key]
        self._count()

    def left(self, connection: Connection) -> None:
        """It is gone, and what came on it is worked off."""
        admitted, session, key = connection.admitted, connection.session, self._key(connection)
        if admitted is None or connection.connect is None:
            return
        client_id = admitted.welcome.client_id
        if session.will is not None:
            self._departures.lost(admitted.sender, client_id, admitted.session_id, session.will, session.expiry)
            session.will = None
        again = self._connecting[connection.connect.user_name, connection.connect.client_id] > 0
        if admitted.kept and key not in self._clients and not again:
            self._departures.left(admitted.session_id, session.expiry)

    def log_in(self, connection: Connection, connect: Connect) -> None:
        """Decide on its CONNECT."""
        self._start(self._log_in(connection, connect))

    def keep(self, connection: Connection, subscriptions: tuple[tuple[str, int], ...]) -> None:
        """Keep its subscriptions: on disk, unless its session ends with it."""
        if connection.admitted is None or not connection.admitted.kept:
            connection.subscribed()
        else:
            self._start(self._keep(connection, connection.admitted.session_id, subscriptions))

    def count(self, label: str, times: int = 1) -> None:
        """So many more connections or messages refused, for this kind of reason."""
        self._context.metrics.refusals.labels(label).inc(times)

    def deny(self, connection: Connection, denied: Denied) -> None:
        """Take note of what a client that was let in asked for and may not have."""
        if connection.admitted is not None:
            sender = connection.admitted.sender
            self._note(denial(Way.MQTT, sender, connection.address, denied.asked, denied.why), denied.times)

    async def _log_in(self, connection: Connection, connect: Connect) -> None:
        name = (connect.user_name, connect.client_id)
        admitted: Admitted | None = None
        self._connecting[name] += 1
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
        finally:
            self._connecting[name] -= 1
            if not self._connecting[name]:
                del self._connecting[name]
        if admitted is not None:
            self._departures.returned(admitted.sender.device_id, admitted.welcome.client_id, admitted.welcome.present)
            connection.admit(admitted)
        self._count()

    async def _let_in(self, connection: Connection, connect: Connect) -> Admitted:
        await self._departures.flush()  # how this client left last time has to be on disk
        try:
            admitted = await self._logins.login(connect, self._context.clock.now())
        except Refused as error:
            if error.denied:
                name = connect.user_name or ""
                asked = f"CONNECT as {name}" if name else "CONNECT"
                self._note(denial(Way.MQTT, error.sender, connection.address, asked, error.denied, name))
            if error.reason is Reason.BAD_USER_NAME_OR_PASSWORD:
                await asyncio.sleep(self._wrong_tokens.failed(connection.address, self.now()))
            raise
        self._waiting.pop(connection, None)
        connection.admitted = admitted
        if connection.open:
            await self._take_over(connection)
        return admitted

    async def _take_over(self, connection: Connection) -> None:
        """Enter it among the clients. Two that fight for one client id are slowed down, so neither wins nor storms."""
        key = self._key(connection)
        if key is None:
            self._anonymous.add(connection)
            return
        if key in self._clients:
            await asyncio.sleep(self._takeovers.failed(f"{key[0]}/{key[1]}", self.now()))
        if not connection.open:
            return
        former = self._clients.get(key)
        self._clients[key] = connection
        if former is not None:  # [MQTT-3.1.4-2]; entered first, so the former does not end the session they share
            self._end(former, "taken_over", "the same client connected anew", Reason.SESSION_TAKEN_OVER)

    def _key(self, connection: Connection) -> tuple[UUID, str] | None:
        """What a connection can be taken over by; None without a client id."""
        admitted = connection.admitted
        if admitted is None or not admitted.welcome.client_id:
            return None
        return admitted.sender.device_id, admitted.welcome.client_id

    async def _keep(self, connection: Connection, session_id: UUID, subscriptions: tuple[tuple[str, int], ...]) -> None:
        try:
            await self._logins.keep_subscriptions(session_id, subscriptions)
        except Unavailable as error:
            self._end(connection, "storage", str(error), Reason.QUOTA_EXCEEDED)
        else:
            connection.subscribed()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            now = self.now()
            for connection in [*self._waiting, *self._clients.values(), *self._anonymous]:
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
                for connection in [*self._clients.values(), *self._anonymous]:
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
        self._context.metrics.connections.set(len(self._clients) + len(self._anonymous))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _revoked(tx: Session) -> set[UUID]:
    query = select(Token.id).where(Token.holder == Holder.DEVICE, col(Token.revoked_at).is_not(None))
    return set(tx.exec(query))
