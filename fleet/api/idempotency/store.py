"""Calls by their keys: claimed before they are done, answered after, forgotten in the end."""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, delete

from fleet.api.idempotency.models import KeyedCall
from fleet.errors import Conflict

KEPT = timedelta(hours=24)
"""How long an answer is given again."""
UNDER_WAY = timedelta(seconds=60)
"""How long a call without an answer is taken to be under way still."""


class Call(NamedTuple):
    """A POST: whose, under which key, and what it asks, as digests."""

    account_id: UUID
    digest: bytes
    asked: bytes


def call(account_id: UUID, caller: str, key: str, path: bytes, query: bytes, body: bytes) -> Call:
    """The call of `caller` under `key`; the lengths keep two different ones from looking the same."""
    return Call(account_id, _digest(account_id.bytes, caller.encode(), key.encode()), _digest(path, query, body))


def claim(tx: Session, now: datetime, wanted: Call) -> KeyedCall | None:
    """None: nobody has sent this, do it now. Else the row with its answer.

    Raises Conflict for another call under the same key, and for one whose answer is not known.
    """
    tx.exec(delete(KeyedCall).where(col(KeyedCall.created_at) < now - KEPT))
    known = tx.get(KeyedCall, wanted.digest)
    if known is None:
        tx.add(KeyedCall(digest=wanted.digest, account_id=wanted.account_id, asked=wanted.asked, created_at=now))
        return None
    if known.asked != wanted.asked:
        raise Conflict(
            "expected the call that came with this Idempotency-Key before, got another: send a new key with a new call"
        )
    if known.status is not None:
        return known
    if now - known.created_at < UNDER_WAY:
        raise Conflict(
            "expected the first call with this Idempotency-Key to have ended, got one under way: send it again shortly"
        )
    raise Conflict(
        "expected an answer to the first call with this Idempotency-Key, got none, since the service failed in the "
        "middle: look whether it was done, and if not send it with a new key"
    )


def answered(tx: Session, wanted: Call, status: int, answer: bytes) -> None:
    """Keep what was answered."""
    known = tx.get(KeyedCall, wanted.digest)
    if known is not None:
        known.status, known.answer = status, answer
        tx.add(known)


def release(tx: Session, wanted: Call) -> None:
    """Nothing was done: the next call under this key is the first."""
    tx.exec(delete(KeyedCall).where(col(KeyedCall.digest) == wanted.digest))


def _digest(*parts: bytes) -> bytes:
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8) + part)
    return total.digest()
