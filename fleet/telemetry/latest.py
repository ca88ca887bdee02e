"""The newest value of every point, by used time: kept by whoever follows the log, in that reader's transaction."""

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct, msgpack
from sqlalchemy import select
from sqlmodel import Session

from fleet.telemetry.log import Report
from fleet.telemetry.messages import Value
from fleet.telemetry.models import Latest, PointName
from fleet.telemetry.sql import insert, table

_latest, _names = table(Latest), table(PointName)


class LatestPoint(Struct, frozen=True):
    """The newest value of one point of a device; `used_ms` is Unix milliseconds."""

    name: str
    value: Value
    used_ms: int


def update(tx: Session, reports: Iterable[Report]) -> None:
    """Let these reports count for what is newest. Older and repeated ones change nothing."""
    newest: dict[tuple[int, int], tuple[int, UUID, Value]] = {}
    for report in reports:
        for key, value in report.keyed.items():
            at = (report.device_key, key)
            if at not in newest or newest[at][0] <= report.used_ms:
                newest[at] = (report.used_ms, report.account_id, value)
    if not newest:
        return
    connection = tx.connection()
    statement = insert(connection, _latest)
    statement = statement.on_conflict_do_update(
        index_elements=["device_key", "name_key"],
        set_={"used_ms": statement.excluded.used_ms, "value": statement.excluded.value},
        where=statement.excluded.used_ms >= _latest.c.used_ms,
    )
    rows = [
        {
            "device_key": device_key,
            "name_key": name_key,
            "account_id": account_id,
            "used_ms": used_ms,
            "value": msgpack.encode(value),
        }
        for (device_key, name_key), (used_ms, account_id, value) in sorted(newest.items())
    ]
    connection.execute(statement, rows)


def of_device(tx: Session, device_key: int) -> list[LatestPoint]:
    """The newest values of a device, by name."""
    query = (
        select(_names.c.name, _latest.c.value, _latest.c.used_ms)
        .join(_names, _names.c.key == _latest.c.name_key)
        .where(_latest.c.device_key == device_key)
        .order_by(_names.c.name)
    )
    rows = tx.connection().execute(query)
    return [LatestPoint(name, msgpack.decode(value), used_ms) for name, value, used_ms in rows]
