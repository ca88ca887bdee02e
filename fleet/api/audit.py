"""GET /v1/audit: what was done, by whom, in order."""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from fleet.api.access import FleetContext, Operator
from fleet.api.paging import MAX_LIMIT, Page
from fleet.audit import Entry
from fleet.db.log import Position, after, before
from fleet.errors import Invalid

router = APIRouter(prefix="/v1/audit", tags=["audit"])

POSITION = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")


class AuditEntry(BaseModel):
    """One act."""

    position: str
    at: datetime
    role: str
    actor: str
    way: str
    verb: str
    subject: str
    facts: dict[str, Any]


class AuditPage(Page[AuditEntry]):
    """Acts; `position` is where a reader stands who has seen this page: the cursor to follow along with."""

    position: str


class Wanted(BaseModel):
    """Which acts: all that is given must hold."""

    verb: str = ""
    """A verb, or the beginning of some that ends with a dot: `ticket.`"""
    actor: str = ""
    subject: str = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@router.get("")
async def list_audit(
    fleet: FleetContext,
    operator: Operator,
    wanted: Annotated[Wanted, Depends()],
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    cursor: str = "",
    newest: bool = False,
) -> AuditPage:
    """Acts in the order they were committed, those behind `cursor`; with `newest` the other way, those before it."""
    start = _position(cursor)

    def read(tx: Session) -> tuple[list[Entry], Position]:
        query = before(tx, Entry, start, limit) if newest else after(tx, Entry, start or Position(), limit)
        rows = list(tx.execute(query.where(*_conditions(operator.account_id, wanted))).scalars())
        if len(rows) == limit and not newest:
            return rows, _of(rows[-1])
        last = tx.execute(before(tx, Entry, None, 1)).scalars().first()
        return rows, _of(last) if last else Position()

    rows, position = await fleet.database.read(read)
    items = [
        AuditEntry(position=_text(_of(row)), **row.model_dump(include=set(AuditEntry.model_fields))) for row in rows
    ]
    return AuditPage(items=items, next=items[-1].position if len(items) == limit else None, position=_text(position))


def _conditions(account_id: UUID, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [col(Entry.account_id) == account_id]
    if wanted.verb.endswith("."):
        conditions.append(col(Entry.verb).startswith(wanted.verb, autoescape=True))
    elif wanted.verb:
        conditions.append(col(Entry.verb) == wanted.verb)
    if wanted.actor:
        conditions.append(col(Entry.actor) == wanted.actor)
    if wanted.subject:
        conditions.append(col(Entry.subject) == wanted.subject)
    if wanted.since:
        conditions.append(col(Entry.at) >= wanted.since)
    if wanted.until:
        conditions.append(col(Entry.at) < wanted.until)
    return conditions


def _of(row: Entry) -> Position:
    return Position(row.xact or 0, row.seq or 0)


def _text(position: Position) -> str:
    return f"{position.xact}.{position.seq}"


def _position(text: str) -> Position | None:
    if not text:
        return None
    if not POSITION.fullmatch(text):
        raise Invalid("expected the position of an audit entry as cursor, got something else: start again without one")
    xact, _, seq = text.partition(".")
    return Position(int(xact), int(seq))
