"""What is kept of those who were denied at a door, so that a flood of them fills no disk and holds up nobody.

The first denial of a kind is written within a second. Those of the same kind that follow are counted, and written with
their number when the minute is over. A door only takes note: it never waits for the audit log, and a device is told no
later for it. What was noted and is not written when the service is killed is lost: a minute's counts at most.
"""

import asyncio
import logging
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session

from fleet import audit
from fleet.audit import Actor, Role, Way
from fleet.clock import Clock
from fleet.db import Database
from fleet.errors import Unavailable
from fleet.observability import masked

VERB = "access.denied"
WINDOW_S = 60.0
"""Seconds in which denials of one kind are one entry more than the first."""
KINDS = 100
"""Kept apart in a window; of those who proved who they are, and as many again of strangers. The rest are one entry."""
OF_ONE = 10
"""Of these, those of one device or one address. The rest of its own are one entry."""
LONGEST = 200
"""Characters of a text that somebody sent."""
LOOK_S = 1.0
"""Seconds between looks for what is to be written: one transaction each at most."""
SEVERAL = "(several)"

log = logging.getLogger(__name__)


class Denial(NamedTuple):
    """Somebody asked for what they may not have."""

    way: Way
    actor: Actor | None
    """None: nobody we know; they are called by their address."""
    address: str
    asked: str
    """As the protocol says it: `PUBLISH devices/vm-02/telemetry`."""
    why: str
    """A sentence, the same for what is of the same kind: nothing in it that a sender can vary at will."""
    claimed: str = ""
    """Whom they said they were, or meant to speak for."""
    more: str = ""
    """What else a person would want to know."""


class Kind(NamedTuple):
    """Denials that count as one: the way in, who it was (the address of a stranger), whom they claimed to be, why."""

    way: Way
    who: str
    claimed: str
    why: str


class Noted:
    """Denials of one kind that are not written yet."""

    __slots__ = ("count", "denial", "due", "first", "last")

    def __init__(self, denial: Denial, at: datetime, due: float) -> None:
        self.denial, self.count, self.first, self.last, self.due = denial, 0, at, at, due


class Row(NamedTuple):
    """Denials of one kind as they are written."""

    noted: Noted
    times: int
    first: datetime
    last: datetime


class Denials:
    """Counts denials by kind. Time is an argument: `now` in seconds of a monotonic clock, `at` as people read it."""

    def __init__(self) -> None:
        self._known: dict[Kind, Noted] = {}
        self._strangers: dict[Kind, Noted] = {}

    def note(self, denial: Denial, at: datetime, now: float, times: int = 1) -> None:
        """Count one more, or `times`."""
        kinds = self._strangers if denial.actor is None else self._known
        who = denial.actor.name if denial.actor else denial.address
        kind = Kind(denial.way, who, denial.claimed[:LONGEST], denial.why)
        if kind not in kinds:
            kind, denial = _room(kinds, kind, denial)
        noted = kinds.get(kind)
        if noted is None:
            noted = kinds[kind] = Noted(_short(denial), at, now)
        elif noted.count == 0:
            noted.denial, noted.first = _short(denial), at
        noted.count += times
        noted.last = at

    def due(self, now: float) -> list[Row]:
        """What is to be written at `now`; what has been quiet for a window is forgotten."""
        for kinds in (self._known, self._strangers):
            for kind in [kind for kind, noted in kinds.items() if noted.due <= now and not noted.count]:
                del kinds[kind]
        return [row for row in self.rest() if row.noted.due <= now]

    def rest(self) -> list[Row]:
        """All that is not written yet, due or not."""
        every = (*self._known.values(), *self._strangers.values())
        return [Row(noted, noted.count, noted.first, noted.last) for noted in every if noted.count]

    def written(self, rows: list[Row], now: float) -> None:
        """These are on disk; what came meanwhile waits for the end of the window that begins."""
        for row in rows:
            row.noted.count -= row.times
            row.noted.first, row.noted.due = row.noted.last, now + WINDOW_S

    def __len__(self) -> int:
        return len(self._known) + len(self._strangers)


async def keep(denials: Denials, database: Database, clock: Clock, account_id: UUID) -> None:
    """Write what is due to the audit log, for ever; the rest when this is cancelled. Strangers' go to the account."""
    while True:
        writing = asyncio.create_task(_write(denials, denials.due(clock.monotonic()), database, clock, account_id))
        try:
            await asyncio.shield(writing)
            await asyncio.sleep(LOOK_S)
        except asyncio.CancelledError:
            await writing
            await _write(denials, denials.rest(), database, clock, account_id)
            raise


async def _write(denials: Denials, rows: list[Row], database: Database, clock: Clock, account_id: UUID) -> None:
    """Write `rows` in one transaction. When storage fails they stay noted, and are written with what comes."""

    def work(tx: Session) -> None:
        for row in rows:
            denial = row.noted.denial
            actor = denial.actor or Actor(account_id, Role.STRANGER, denial.address, denial.way)
            audit.record(tx, actor, row.first, VERB, denial.asked, **_facts(row))

    try:
        if rows:
            await database.write(work)
    except Unavailable as error:
        log.warning("denied acts wait for the audit log: %s", error)
        return
    except Exception:
        log.exception("denied acts cannot be audited")  # nothing that a stranger sends may end the service
    denials.written(rows, clock.monotonic())


def _facts(row: Row) -> dict[str, Any]:
    denial = row.noted.denial
    facts: dict[str, Any] = {"why": denial.why, "claimed": denial.claimed, "more": denial.more}
    if denial.actor is not None:
        facts["address"] = denial.address
    facts = {name: value for name, value in facts.items() if value}
    if row.times > 1:
        facts |= {"times": row.times, "until": f"{row.last:%Y-%m-%d %H:%M:%SZ}"}
    return facts


def _room(kinds: dict[Kind, Noted], kind: Kind, denial: Denial) -> tuple[Kind, Denial]:
    """The kind that a new one counts as while there are too many, and how it is shown."""
    if sum(other.who == kind.who for other in kinds) >= OF_ONE:
        kind, denial = Kind(kind.way, kind.who, SEVERAL, ""), denial._replace(claimed=SEVERAL)
    if kind not in kinds and len(kinds) >= KINDS:
        kind = Kind(kind.way, SEVERAL, SEVERAL, "")
        actor = denial.actor._replace(name=SEVERAL) if denial.actor else None
        denial = denial._replace(actor=actor, address=SEVERAL, claimed=SEVERAL)
    return kind, denial


def _short(denial: Denial) -> Denial:
    """As it may be kept: no secret, no control character, no end of a long text."""
    return denial._replace(
        asked=_text(denial.asked), why=_text(denial.why), claimed=_text(denial.claimed), more=_text(denial.more)
    )


def _text(sent: str) -> str:
    shown = "".join(c if c.isprintable() else "\ufffd" for c in sent[: 2 * LONGEST])
    return masked(shown)[:LONGEST]
