"""Who may connect, and what they come back to.

After a power cut ten thousand devices connect at once: those that arrive while one look-up runs share the next, and
what has to be written for them is one transaction.
"""

import asyncio
import json
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from fleet.db import Database
from fleet.errors import Denied, Unauthorized
from fleet.ids import uuid7
from fleet.ingest.mqtt import sessions
from fleet.ingest.mqtt.codec.packets import Connect
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.codec.v31 import CLIENT_ID as V31_CLIENT_ID
from fleet.ingest.mqtt.effects import Welcome
from fleet.ingest.mqtt.limits import LIMITS
from fleet.ingest.mqtt.topics import SHOWN, publish_topics
from fleet.ingest.senders import Sender, authenticate, known

TOGETHER = 200
"""Look-ups that share a read."""
V31, V5 = 3, 5


class Refused(Exception):
    """The CONNECT is answered with `reason` and the connection ended; the message says why."""

    def __init__(self, reason: Reason, text: str, denied: str = "", sender: Sender | None = None) -> None:
        """`denied`: why this was a denied act, if it was one; `sender`: whose, if that is known."""
        super().__init__(text)
        self.reason, self.denied, self.sender = reason, denied, sender


class Admitted(NamedTuple):
    """The CONNECT is accepted."""

    sender: Sender
    session_id: UUID
    kept: bool
    """The session is on disk, and outlives its connection."""
    welcome: Welcome


class _Asked(NamedTuple):
    connect: Connect
    client_id: str
    now: datetime
    answer: "asyncio.Future[Admitted]"


class _Found(NamedTuple):
    sender: Sender
    kept: sessions.Kept | None
    plan: sessions.Plan


class Logins:
    """Decides on CONNECT packets."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Asked] = []
        self._looking: asyncio.Task[None] | None = None

    async def login(self, connect: Connect, now: datetime) -> Admitted:
        """Admit the client, with its session's existence on disk; raises Refused, Unavailable.

        A client that comes back to a session that stays as it is costs a share of a read and nothing else.
        """
        client_id = _client_id(connect)
        answer: asyncio.Future[Admitted] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(connect, client_id, now, answer))
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return await answer

    async def keep_subscriptions(self, session_id: UUID, subscriptions: tuple[tuple[str, int], ...]) -> None:
        """Make these the subscriptions of the session, on disk; raises Unavailable."""
        await self._database.write(lambda tx: sessions.keep_subscriptions(tx, session_id, subscriptions))

    async def _look(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            for one, answer in zip(asked, await self._answers(asked), strict=True):
                if one.answer.done():
                    continue  # whoever asked has gone
                if isinstance(answer, Exception):
                    one.answer.set_exception(answer)
                else:
                    one.answer.set_result(answer)
        self._looking = None

    async def _answers(self, asked: list[_Asked]) -> list[Admitted | Exception]:
        try:
            found, unreleased = await self._database.read(lambda tx: _look_up(tx, asked))
            changed = await self._carry_out(asked, found)
        except Exception as error:
            return [error] * len(asked)
        return [
            each if isinstance(each, Exception) else _admitted(one, each, session_id, unreleased)
            for one, each, session_id in zip(asked, found, changed, strict=True)
        ]

    async def _carry_out(self, asked: list[_Asked], found: "list[_Found | Refused]") -> list[UUID]:
        """Write what was planned, all in one transaction; the id of each session."""
        if any(isinstance(each, _Found) and each.plan.writes for each in found):
            return await self._database.write(lambda tx: [_write(tx, *one) for one in zip(asked, found, strict=True)])
        return [_session_id(each) for each in found]


def _client_id(connect: Connect) -> str:
    """The client's own id, or one made for it; raises Refused."""
    wanted, most = connect.client_id, V31_CLIENT_ID if connect.level == V31 else LIMITS.client_id
    if len(wanted) > most or not wanted.isprintable() or "+" in wanted or "#" in wanted:
        raise Refused(
            Reason.CLIENT_ID_NOT_VALID,
            f"expected a client id of at most {most} printable characters without + and #, got another",
        )
    if not wanted and connect.level == V5:
        return f"auto-{uuid7().hex}"  # [MQTT-3.1.3-6]
    if not wanted and (connect.level == V31 or not connect.clean):  # [MQTT-3.1.3-8] of 3.1.1
        raise Refused(Reason.CLIENT_ID_NOT_VALID, "expected a client id, got none: give the client one")
    return wanted


def _look_up(tx: Session, asked: list[_Asked]) -> "tuple[list[_Found | Refused], dict[UUID, dict[int, bytes]]]":
    found = [_try(tx, one) for one in asked]
    present = {each.kept.id for each in found if isinstance(each, _Found) and each.kept and each.plan.present}
    return found, sessions.unreleased(tx, present) if present else {}


def _try(tx: Session, one: _Asked) -> _Found | Refused:
    connect = one.connect
    try:
        sender = _sender(tx, connect)
    except (Unauthorized, Denied) as error:
        return Refused(Reason.BAD_USER_NAME_OR_PASSWORD, str(error), str(error), known(error))
    if connect.will is not None and connect.will.topic not in publish_topics(sender.name):
        topics = " or ".join(publish_topics(sender.name))
        why = f"expected a will for {topics}"
        return Refused(Reason.NOT_AUTHORIZED, f"{why}, got {connect.will.topic[:SHOWN]!r}", why, sender)
    kept = sessions.find(tx, sender.device_id, one.client_id)
    return _Found(sender, kept, sessions.plan(connect, kept, one.now))


def _sender(tx: Session, connect: Connect) -> Sender:
    try:
        token = (connect.password or b"").decode("ascii")
    except UnicodeDecodeError:
        raise Unauthorized("expected a device token as password, got other bytes: use the device's token") from None
    if connect.user_name is None or not token:
        raise Unauthorized("expected the device name as user name and its token as password, got none: send both")
    return authenticate(tx, connect.user_name, token)


def _write(tx: Session, one: _Asked, each: _Found | Refused) -> UUID:
    if isinstance(each, Refused) or not each.plan.writes:
        return _session_id(each)
    kept = sessions.find(tx, each.sender.device_id, one.client_id)  # as it is now, should it have changed
    return sessions.carry_out(tx, each.sender, one.client_id, kept, each.plan, one.now)


def _session_id(each: _Found | Refused) -> UUID:
    return each.kept.id if isinstance(each, _Found) and each.kept is not None else uuid7()


def _admitted(one: _Asked, each: _Found, session_id: UUID, unreleased: dict[UUID, dict[int, bytes]]) -> Admitted:
    present, subscriptions, ids = False, {}, {}
    if each.plan.present and each.kept is not None:
        present, ids = True, unreleased.get(each.kept.id, {})
        subscriptions = dict(json.loads(each.kept.subscriptions))
    welcome = Welcome(each.sender.name, one.client_id, present, subscriptions, ids)
    return Admitted(each.sender, session_id, each.plan.kept, welcome)
