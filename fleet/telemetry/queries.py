"""Questions about the history."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlmodel import Session

from fleet.telemetry.log import keyed_values
from fleet.telemetry.messages import Value
from fleet.telemetry.models import DeadLetter, Kind, Message, PointName, Quality
from fleet.telemetry.sql import table

_messages, _names, _letters = table(Message), table(PointName), table(DeadLetter)


class Point(Struct, frozen=True):
    """One value of one point. Times are Unix milliseconds."""

    used_ms: int
    device_ms: int | None
    received_ms: int
    quality: Quality
    value: Value


def points(
    tx: Session, account_id: UUID, device_key: int, name: str, since_ms: int, until_ms: int, limit: int
) -> list[Point]:
    """The values of a point with since ≤ used time < until, in time order, from at most `limit` messages."""
    connection = tx.connection()
    query = select(_names.c.key).where(_names.c.account_id == account_id, _names.c.name == name)
    key = connection.execute(query).scalar()
    columns = _messages.c
    rows = connection.execute(
        select(columns.used_ms, columns.device_ms, columns.received_ms, columns.quality, columns.body)
        .where(columns.device_key == device_key, columns.kind == Kind.TELEMETRY)
        .where(columns.used_ms >= since_ms, columns.used_ms < until_ms)
        .order_by(columns.used_ms, columns.seq)
        .limit(limit)
    )
    found = []
    for used_ms, device_ms, received_ms, quality, body in rows:
        values = keyed_values(body)
        if key in values:
            found.append(Point(used_ms, device_ms, received_ms, Quality(quality), values[key]))
    return found


def dead_letters(tx: Session, account_id: UUID, before_seq: int | None, limit: int) -> list[DeadLetter]:
    """The newest dead letters of an account, newest first; `before_seq`: only those with smaller numbers."""
    query = select(DeadLetter).where(_letters.c.account_id == account_id)
    if before_seq is not None:
        query = query.where(_letters.c.seq < before_seq)
    return list(tx.execute(query.order_by(_letters.c.seq.desc()).limit(limit)).scalars())
