"""Due work inside a transaction: schedule, cancel, claim, finish."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case
from sqlmodel import Session, col, delete, or_, select

from fleet.db.engine import wake
from fleet.due.models import Due

TOPIC = "due"


def schedule(session: Session, account_id: UUID, kind: str, key: str, at: datetime) -> None:
    """Have `kind` handled for `key` at `at`; replaces an earlier time, and an ongoing claim loses its hold."""
    due = session.exec(select(Due).where(Due.kind == kind, Due.key == key)).first()
    if due is None:
        due = Due(account_id=account_id, kind=kind, key=key, at=at)
    due.at, due.tries, due.claimed_by, due.claimed_until = at, 0, None, None
    session.add(due)
    wake(session, TOPIC)


def cancel(session: Session, kind: str, key: str) -> None:
    """Forget what was due, if anything was."""
    session.exec(delete(Due).where(col(Due.kind) == kind, col(Due.key) == key))


def claim(session: Session, kinds: list[str], claimant: UUID, now: datetime, lease: timedelta, limit: int) -> list[Due]:
    """Take up to `limit` due rows for `lease`; each is handed to one claimant at a time."""
    query = (
        select(Due)
        .where(
            col(Due.kind).in_(kinds),
            Due.at <= now,
            or_(col(Due.claimed_until).is_(None), col(Due.claimed_until) < now),
        )
        .order_by(col(Due.at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = list(session.exec(query))
    for due in taken:
        due.claimed_by, due.claimed_until, due.tries = claimant, now + lease, due.tries + 1
    return taken


def release(session: Session, kinds: list[str], claimant: UUID) -> None:
    """End the claims of `claimant` on these kinds: it has been restarted, or is gone, and handles none of them."""
    query = select(Due).where(Due.claimed_by == claimant, col(Due.kind).in_(kinds)).with_for_update()
    for due in session.exec(query):
        due.claimed_by = due.claimed_until = None


def claimants(session: Session, kinds: list[str]) -> set[UUID]:
    """Who has claimed anything of these kinds."""
    query = select(Due.claimed_by).where(col(Due.kind).in_(kinds), col(Due.claimed_by).is_not(None)).distinct()
    return {found for found in session.exec(query) if found is not None}


def next_at(session: Session, kinds: list[str]) -> datetime | None:
    """When the next row can be claimed."""
    ready = case((col(Due.claimed_until) > col(Due.at), col(Due.claimed_until)), else_=col(Due.at))
    row = session.exec(select(Due).where(col(Due.kind).in_(kinds)).order_by(ready).limit(1)).first()
    return None if row is None else max(row.at, row.claimed_until or row.at)


def still_mine(session: Session, due: Due) -> bool:
    """Whether the claim under which `due` was handed out still holds; check it in the transaction that acts."""
    row = session.get(Due, due.id, with_for_update=True)
    return row is not None and row.claimed_by == due.claimed_by and row.tries == due.tries


def finish(session: Session, due: Due, again_at: datetime | None = None) -> None:
    """Done, in the transaction that acted: forget the row, or have it handled again at `again_at`."""
    row = session.get(Due, due.id)
    if row is None:
        return
    if again_at is None:
        session.delete(row)
        return
    row.at, row.claimed_by, row.claimed_until = again_at, None, None
    wake(session, TOPIC)
