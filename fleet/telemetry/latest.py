"""The newest value of every point, by used time: kept by whoever follows the log, in that reader's transaction.

One row for a device, not one for each point: a batch reads and writes as many rows as it has devices.
"""

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct, msgpack
from sqlalchemy import bindparam, select
from sqlmodel import Session

from fleet.telemetry.log import Report
from fleet.telemetry.messages import Value
from fleet.telemetry.models import Latest
from fleet.telemetry.names import by_key
from fleet.telemetry.sql import table, upsert

MAX_BYTES = 256 * 1024
"""Of one device's row, which a batch reads and writes whole: room for a number under each of MAX_NAMES names.

Of more long texts than fit, those not reported for the longest time are in the history alone.
"""

Points = dict[int, tuple[int, Value]]
"""By name key: used time in Unix milliseconds, value."""

_latest = table(Latest)
_of_devices = select(_latest.c.device_key, _latest.c.points).where(
    _latest.c.device_key.in_(bindparam("keys", expanding=True))
)
_pack = msgpack.Encoder().encode
_unpack = msgpack.Decoder(Points).decode


class LatestPoint(Struct, frozen=True):
    """The newest value of one point of a device; `used_ms` is Unix milliseconds."""

    name: str
    value: Value
    used_ms: int


def update(tx: Session, reports: Iterable[Report]) -> None:
    """Let these reports count for what is newest. Older and repeated ones change nothing."""
    reported: dict[int, tuple[UUID, list[Report]]] = {}
    for report in reports:
        if report.keyed:
            reported.setdefault(report.device_key, (report.account_id, []))[1].append(report)
    stored = _load(tx, reported)
    rows = []
    for device_key, (account_id, news) in sorted(reported.items()):
        points = stored.get(device_key, {})
        if _merge(points, news):
            rows.append({"device_key": device_key, "account_id": account_id, "points": _bounded(points)})
    if rows:
        connection = tx.connection()
        connection.execute(upsert(connection, _latest), rows)


def of_device(tx: Session, device_key: int) -> list[LatestPoint]:
    """The newest values of a device, by name."""
    points = _load(tx, [device_key]).get(device_key, {})
    names = by_key(tx.connection(), points)
    found = [LatestPoint(names[key], value, used_ms) for key, (used_ms, value) in points.items()]
    return sorted(found, key=lambda point: point.name)


def _load(tx: Session, device_keys: Iterable[int]) -> dict[int, Points]:
    rows = tx.connection().execute(_of_devices, {"keys": sorted(device_keys)})
    return {device_key: _unpack(points) for device_key, points in rows}


def _merge(points: Points, reports: Iterable[Report]) -> bool:
    """Put into `points` what is as new as what is there, or newer; whether that was anything."""
    changed = False
    for report in reports:
        used_ms = report.used_ms
        for key, value in report.keyed.items():
            if key not in points or points[key][0] <= used_ms:
                points[key] = (used_ms, value)
                changed = True
    return changed


def _bounded(points: Points) -> bytes:
    packed = _pack(points)
    while len(packed) > MAX_BYTES:
        oldest = sorted(points, key=lambda key: points[key][0])
        points = {key: points[key] for key in oldest[len(oldest) // 8 + 1 :]}
        packed = _pack(points)
    return packed
