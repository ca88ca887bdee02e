"""Who may connect, and what they come back to.

After a power cut ten thousand devices connect at once: those that arrive while one look-up runs share the next, and
what is written for them is one transaction.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from fleet.db import Database, Isolation
from fleet.errors import Denied, Unauthorized, Unavailable
from fleet.ids import uuid7
from fleet.ingest.mqtt import holders, sessions, wills
from fleet.ingest.mqtt.codec.packets import Connect, Will
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.codec.v31 import CLIENT_ID as V31_CLIENT_ID
from fleet.ingest.mqtt.effects import Welcome
from fleet.ingest.mqtt.holders import Hold, Key
from fleet.ingest.mqtt.limits import LIMITS
from fleet.ingest.mqtt.together import Together
from fleet.ingest.mqtt.topics import SHOWN, publish_topics
from fleet.ingest.senders import Sender, authenticate, known

TOGETHER = 200
"""Clients that share a transaction."""
V31, V5 = 3, 5


class Refused(Exception):
    """The CONNECT is answered with `reason` and the connection ended; the message says why."""

    def __init__(self, reason: Reason, text: str, denied: str = "", sender: Sender | None = None) -> None:
        """`denied`: why this was a denied act, if it was one; `sender`: whose, if that is known."""
        super().__init__(text)
        self.reason, self.denied, self.sender = reason, denied, sender


class Entrant(NamedTuple):
    """A client that has proven who it is."""

    connect: Connect
    sender: Sender
    client_id: str
    held: bool
    """It has a connection already, as far as could be seen."""
    now: datetime

    @property
    def key(self) -> Key:
        """What it will hold."""
        return self.sender.device_id, self.client_id


class Admitted(NamedTuple):
    """The CONNECT is accepted, and the client is this connection's."""

    id: UUID
    """Of the connection."""
    sender: Sender
    session_id: UUID
    kept: bool
    """The session is on disk, and outlives its connection."""
    welcome: Welcome
    wills: Sequence[tuple[UUID, Will]] = ()
    """Of its former connections: to be published before the client hears that it is let in."""

    @property
    def key(self) -> Key:
        """What it holds."""
        return self.sender.device_id, self.welcome.client_id


class _Asked(NamedTuple):
    connect: Connect
    client_id: str
    now: datetime


class Logins:
    """Decides on CONNECT packets."""

    def __init__(self, database: Database, process: UUID) -> None:
        """`process`: whose connections they become."""
        self._database, self._process = database, process
        self._looks = Together(self._look, TOGETHER)
        self._entries = Together(self._let_in, TOGETHER, lambda entrant: entrant.key)

    async def identify(self, connect: Connect, now: datetime) -> Entrant:
        """Who it is, from a share of a read; raises Refused, Unavailable."""
        return await self._looks.ask(_Asked(connect, _client_id(connect), now))

    async def enter(self, entrant: Entrant) -> Admitted:
        """Admit the client, with all that follows for its session and its former connection on disk.

        Raises Unavailable: also while other processes cannot see that this one lives.
        """
        if not self._database.present:
            raise Unavailable("expected to be seen by the other processes, got no connection for it: try again")
        return await self._entries.ask(entrant)

    async def keep_subscriptions(self, admitted: Admitted, subscriptions: tuple[tuple[str, int], ...]) -> bool:
        """Keep these as the subscriptions of its session; False: another connection has that. Raises Unavailable."""

        def work(tx: Session) -> bool:
            holds = holders.holds(tx, admitted.id)
            if holds:
                sessions.keep_subscriptions(tx, admitted.session_id, subscriptions)
            return holds

        return await self._database.write(work, Isolation.APPEND)

    async def _look(self, asked: list[_Asked]) -> list[Entrant | Exception]:
        return await self._database.read(lambda tx: _look_up(tx, asked))

    async def _let_in(self, entrants: list[Entrant]) -> list[Admitted | Exception]:
        process = self._process
        return await self._database.write(lambda tx: [*_enter(tx, process, entrants)], Isolation.APPEND)


def _client_id(connect: Connect) -> str:
    """The client's own id, or one made for it; raises Refused."""
    wanted, most = connect.client_id, V31_CLIENT_ID if connect.level == V31 else LIMITS.client_id
    if len(wanted) > most or not wanted.isprintable() or "+" in wanted or "#" in wanted:
        raise Refused(
            Reason.CLIENT_ID_NOT_VALID,
            f"expected a client id of at most {most} printable characters without + and #, got another",
        )
    if not wanted and connect.level != V5 and (connect.level == V31 or not connect.clean):  # [MQTT-3.1.3-8] of 3.1.1
        raise Refused(Reason.CLIENT_ID_NOT_VALID, "expected a client id, got none: give the client one")
    return wanted or f"auto-{uuid7().hex}"  # [MQTT-3.1.3-6]


def _look_up(tx: Session, asked: list[_Asked]) -> list[Entrant | Exception]:
    found = [_try(tx, one) for one in asked]
    held = holders.held(tx, [one.key for one in found if isinstance(one, Entrant)])
    return [one._replace(held=one.key in held) if isinstance(one, Entrant) else one for one in found]


def _try(tx: Session, one: _Asked) -> Entrant | Exception:
    connect = one.connect
    try:
        sender = _sender(tx, connect)
    except (Unauthorized, Denied) as error:
        return Refused(Reason.BAD_USER_NAME_OR_PASSWORD, str(error), str(error), known(error))
    if connect.will is not None and connect.will.topic not in publish_topics(sender.name):
        topics = " or ".join(publish_topics(sender.name))
        why = f"expected a will for {topics}"
        return Refused(Reason.NOT_AUTHORIZED, f"{why}, got {connect.will.topic[:SHOWN]!r}", why, sender)
    return Entrant(connect, sender, one.client_id, False, one.now)


def _sender(tx: Session, connect: Connect) -> Sender:
    try:
        token = (connect.password or b"").decode("ascii")
    except UnicodeDecodeError:
        raise Unauthorized("expected a device token as password, got other bytes: use the device's token") from None
    if connect.user_name is None or not token:
        raise Unauthorized("expected the device name as user name and its token as password, got none: send both")
    return authenticate(tx, connect.user_name, token)


def _enter(tx: Session, process: UUID, entrants: list[Entrant]) -> list[Admitted]:
    """Let these in, no two of one client. Their clients are locked first, so what is read after that stays true."""
    now = max(one.now for one in entrants)
    holding = {one.key: _holder(one, process) for one in entrants}
    former = holders.lock(tx, holding.values())
    found = sessions.find(tx, holding.keys())
    plans = {one.key: sessions.plan(one.connect, found.get(one.key), now) for one in entrants}
    ids = {
        one.key: sessions.carry_out(tx, one.sender, one.client_id, found.get(one.key), plans[one.key], now)
        for one in entrants
    }
    holders.enter(tx, [one._replace(session_id=ids[key]) for key, one in holding.items()])
    holders.tell(tx, former.values(), process)
    present = {key: ids[key] if plan.present else None for key, plan in plans.items()}
    lost = [wills.Farewell(one, now, now) for key, one in former.items() if not _continues(one, present[key])]
    wills.keep(tx, process, lost)
    due = wills.returned(tx, process, present, now)
    unreleased = sessions.unreleased(tx, [one for one in present.values() if one is not None])
    return [
        Admitted(
            holding[one.key].id, one.sender, ids[one.key], plans[one.key].kept,
            _welcome(one, present[one.key], found.get(one.key), unreleased), due.get(one.key, ()),
        )
        for one in entrants
    ]  # fmt: skip


def _holder(one: Entrant, process: UUID) -> Hold:
    sender, connect = one.sender, one.connect
    expiry = sessions.granted(connect)
    return Hold(*one.key, uuid7(), process, sender.account_id, uuid7(), expiry, connect.will)


def _continues(former: Hold, present: UUID | None) -> bool:
    """Whether the will of a connection that is taken over is void: it waits, and its client is back in the session."""
    return former.will is not None and min(former.will.delay, former.expiry_s) > 0 and present == former.session_id


def _welcome(
    one: Entrant, present: UUID | None, kept: sessions.Kept | None, unreleased: Mapping[UUID, Mapping[int, bytes]]
) -> Welcome:
    if present is None or kept is None:
        return Welcome(one.sender.name, one.client_id, False)
    subscriptions = dict(json.loads(kept.subscriptions))
    return Welcome(one.sender.name, one.client_id, True, subscriptions, unreleased.get(present, {}))
