"""Whether two databases hold the same: a count and a checksum of each table, the same on SQLite and PostgreSQL."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from msgspec import msgpack
from sqlalchemy import Connection, Table, select, tuple_

BATCH = 2000
"""Rows in one query."""
BITS = 128

_encode = msgpack.Encoder(uuid_format="bytes").encode


class Tally(NamedTuple):
    """What a table holds."""

    rows: int
    checksum: str
    """Of all rows, whatever their order, which databases see differently for text."""


def tally(connection: Connection, table: Table, progress: Callable[[int], None]) -> Tally:
    """Read all of `table`; `progress` hears how many more rows are read."""
    rows = total = 0
    for batch in batches(connection, table):
        for row in batch:
            total += int.from_bytes(blake2b(_canonical(row), digest_size=BITS // 8).digest(), "big")
        rows += len(batch)
        progress(len(batch))
    return Tally(rows, f"{total % (1 << BITS):032x}")


def batches(connection: Connection, table: Table, last: Sequence[Any] | None = None) -> Iterator[Sequence[Any]]:
    """The rows of `table` in the order of its primary key, those behind the key `last`, BATCH at a time."""
    key = list(table.primary_key.columns)
    places = [list(table.columns).index(column) for column in key]
    while True:
        query = select(table).order_by(*key).limit(BATCH)
        if last is not None:
            query = query.where(tuple_(*key) > tuple_(*last, types=[column.type for column in key]))
        rows = connection.execute(query).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = [rows[-1][place] for place in places]


def _canonical(row: Iterable[Any]) -> bytes:
    """The same bytes for the same values, whichever database they come from."""
    return _encode([json.dumps(v, sort_keys=True) if isinstance(v, dict | list) else v for v in row])
