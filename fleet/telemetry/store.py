"""The message log in SQL: one row per message, each identity once, in one transaction per batch."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import msgpack
from sqlalchemy import Connection, select
from sqlmodel import Session

from fleet.db.engine import wake
from fleet.telemetry.messages import Letter, Record
from fleet.telemetry.models import DeadLetter, Message, MessageConflict
from fleet.telemetry.names import Names, resolve
from fleet.telemetry.sql import insert_new, table

TOPIC = "messages"
"""Woken after each batch that stored something."""
CHUNK = 500
"""Identities in one query: SQLite takes at most 32,766 parameters, some builds 999."""

_messages, _conflicts, _letters = table(Message), table(MessageConflict), table(DeadLetter)
_pack = msgpack.Encoder().encode


class Appended(NamedTuple):
    """What became of a batch."""

    stored: int
    duplicates: int
    """Already there with the same content: nothing was done."""
    conflicts: int
    """The identity was there with other content: kept beside the history."""
    superseded: frozenset[UUID] = frozenset()
    """Connections whose packets were left out, records and all: another one has their session."""


def append(tx: Session, records: Sequence[Record], letters: Sequence[Letter], known: Names) -> tuple[Appended, Names]:
    """Add a batch to this transaction; also returns the keys of names that were not in `known`.

    Raises Invalid when a record cannot be kept (too many point names).
    """
    connection = tx.connection()
    new: Names = {}
    appended = Appended(0, 0, 0)
    if records:
        new = _unknown_names(connection, records, known)
        rows = [_row(record, {**known, **new} if new else known) for record in records]
        stored = _insert(connection, rows)
        conflicts = 0 if stored == len(rows) else _keep_conflicts(connection, rows)
        appended = Appended(stored, len(rows) - stored - conflicts, conflicts)
        if stored:
            wake(tx, TOPIC)
    if letters:
        connection.execute(_letters.insert(), [letter_row(letter) for letter in letters])
    return appended, new


def letter_row(letter: Letter) -> dict[str, Any]:
    """The columns of a dead letter."""
    return {name: getattr(letter, name) for name in letter.__struct_fields__}


def _unknown_names(connection: Connection, records: Sequence[Record], known: Names) -> Names:
    unknown: set[tuple[UUID, str]] = set()
    for record in records:
        if isinstance(record.content, dict):
            for name in record.content:
                if (record.account_id, name) not in known:
                    unknown.add((record.account_id, name))
    return resolve(connection, unknown) if unknown else {}


def _row(record: Record, names: Names) -> dict[str, Any]:
    content = record.content
    if isinstance(content, dict):
        account_id = record.account_id
        body = _pack({names[account_id, name]: value for name, value in content.items()})
    else:
        body = _pack(content)
    return {
        "account_id": record.account_id,
        "device_key": record.device_key,
        "kind": record.kind,
        "identity": record.identity,
        "digest": record.digest,
        "device_ms": record.device_ms,
        "received_ms": record.received_ms,
        "used_ms": record.used_ms,
        "quality": record.quality,
        "body": body,
    }


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> int:
    """Add the rows whose identity is new; how many those were."""
    statement = insert_new(connection, _messages)
    if connection.dialect.name == "postgresql":  # its driver counts no rows over many parameter sets
        return len(connection.execute(statement.returning(_messages.c.seq), rows).all())
    return connection.execute(statement, rows).rowcount


def _keep_conflicts(connection: Connection, rows: list[dict[str, Any]]) -> int:
    """Keep those rows whose identity is stored with another digest; how many there are."""
    stored: dict[tuple[int, bytes], bytes] = {}
    for at in range(0, len(rows), CHUNK):
        chunk = rows[at : at + CHUNK]
        query = select(_messages.c.device_key, _messages.c.identity, _messages.c.digest).where(
            _messages.c.device_key.in_({row["device_key"] for row in chunk}),
            _messages.c.identity.in_([row["identity"] for row in chunk]),
        )
        stored |= {(key, identity): digest for key, identity, digest in connection.execute(query)}
    conflicts = 0
    for row in rows:
        if stored[row["device_key"], row["identity"]] != row["digest"]:
            conflicts += 1
            _keep(connection, row)
    return conflicts


def _keep(connection: Connection, row: dict[str, Any]) -> None:
    kept = {name: row[name] for name in ("account_id", "device_key", "identity", "received_ms", "body")}
    columns = _conflicts.c
    again = select(columns.seq).where(
        columns.device_key == row["device_key"],
        columns.identity == row["identity"],
        columns.body == row["body"],
    )
    if connection.execute(again).first() is None:
        connection.execute(_conflicts.insert(), kept)
