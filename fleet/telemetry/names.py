"""The small integers that stand for point names in the history."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from fleet.errors import Invalid
from fleet.telemetry.models import PointName
from fleet.telemetry.sql import insert_new, table

MAX_NAMES = 10_000
"""Names of one account: one device that invents names must not fill the table for all."""

Names = dict[tuple[UUID, str], int]
"""(account, name) → key."""

_names = table(PointName)
_by_key = select(_names.c.key, _names.c.name).where(_names.c.key.in_(bindparam("keys", expanding=True)))


def resolve(connection: Connection, wanted: set[tuple[UUID, str]]) -> Names:
    """The keys of these names, made where they are new. Raises Invalid past MAX_NAMES."""
    found: Names = {}
    for account_id in {account_id for account_id, _ in wanted}:
        names = [name for owner, name in wanted if owner == account_id]
        keys = _look_up(connection, account_id, names)
        new = sorted(set(names) - set(keys))
        if new:
            query = select(func.count()).select_from(_names).where(_names.c.account_id == account_id)
            count = connection.execute(query).scalar_one()
            if count + len(new) > MAX_NAMES:
                raise Invalid(
                    f"expected at most {MAX_NAMES} point names in an account, got {new[0]!r} beyond them: "
                    "use fixed names and put what varies into values"
                )
            rows = [{"account_id": account_id, "name": name} for name in new]
            connection.execute(insert_new(connection, _names), rows)
            keys |= _look_up(connection, account_id, new)
        found |= {(account_id, name): key for name, key in keys.items()}
    return found


def by_key(connection: Connection, keys: Iterable[int]) -> dict[int, str]:
    """The names of these keys."""
    return dict(iter(connection.execute(_by_key, {"keys": sorted(keys)})))


def _look_up(connection: Connection, account_id: UUID, names: list[str]) -> dict[str, int]:
    query = select(_names.c.name, _names.c.key).where(
        _names.c.account_id == account_id, _names.c.name.in_(sorted(names))
    )
    return dict(iter(connection.execute(query)))
