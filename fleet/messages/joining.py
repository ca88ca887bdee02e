"""Parts of long texts that came in: kept until all are there, or until it is clear that the rest will not come."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit, due
from fleet.audit import Actor
from fleet.due import Due
from fleet.messages.models import InboundPart, InboundText
from modem_drivers import pdu
from modem_drivers.pdu.reassembly import MAX_AGE

TIMER = "inbound_part"
GAP = "[…]"
"""Stands in an incomplete text where parts are missing."""


def join(tx: Session, actor: Actor, now: datetime, modem: str, found: str, deliver: pdu.Deliver) -> pdu.Deliver | None:
    """The whole text, once this part completes it; None before, and for a part that was here already."""
    assert deliver.concat is not None
    digest = digest_of(found)
    mine = (InboundPart.account_id == actor.account_id, InboundPart.modem == modem)
    if tx.exec(select(InboundPart).where(*mine, InboundPart.digest == digest)).first() is not None:
        return None
    part = InboundPart(
        account_id=actor.account_id,
        created_at=now,
        modem=modem,
        sender=deliver.sender.number,
        reference=deliver.concat.reference,
        parts=deliver.concat.parts,
        pdu=found,
        digest=digest,
    )
    tx.add(part)
    due.schedule(tx, actor.account_id, TIMER, str(part.id), now + MAX_AGE)
    tx.flush()
    rows = _of_one_text(tx, part)
    joiner = pdu.Reassembler()
    whole = None
    for row in rows:
        whole = joiner.add(pdu.decode_deliver(row.pdu), row.created_at)
    if whole is not None:
        for row in rows:
            row.joined = True
            tx.add(row)
    return whole


def expire(tx: Session, actor: Actor, now: datetime, late: Due) -> InboundText | None:
    """A part has waited long enough. What came of its text is kept as an incomplete one, unless it became whole.

    Nothing is told to others: three days late it answers nobody's question. Its parts are forgotten.
    """
    part = tx.get(InboundPart, UUID(late.key), with_for_update=True)
    due.finish(tx, late)
    if part is None or part.joined:
        if part is not None:  # it was kept for the modem that hands it over again
            tx.delete(part)
        return None
    rows = _of_one_text(tx, part)
    came = {_concat(row).part: pdu.decode_deliver(row.pdu) for row in rows}
    first = came[min(came)]
    body = _with_gaps(came, part.parts)
    text = keep(tx, actor, now, part.modem, first, body, missing=part.parts - len(came))
    for row in rows:
        due.cancel(tx, TIMER, str(row.id))
        tx.delete(row)
    if text is not None:
        missing = f"{text.missing} of {part.parts}"
        audit.record(
            tx, actor, now, "text.incomplete", f"text from …{part.sender[-3:]}", missing=missing, text=body[:40]
        )
    return text


def keep(
    tx: Session, actor: Actor, now: datetime, modem: str, deliver: pdu.Deliver, body: str, *, missing: int = 0
) -> InboundText | None:
    """Store a text once; None if it was here before."""
    sender = deliver.sender.number
    digest = digest_of(sender, (deliver.timestamp or now.date()).isoformat(), body)
    query = select(InboundText).where(InboundText.account_id == actor.account_id, InboundText.digest == digest)
    if tx.exec(query).first() is not None:
        return None
    text = InboundText(
        account_id=actor.account_id,
        created_at=now,
        sender=sender,
        body=body,
        modem=modem,
        sent_at=deliver.timestamp or now,
        digest=digest,
        missing=missing,
    )
    tx.add(text)
    return text


def body_of(deliver: pdu.Deliver) -> str:
    """What a message says, without the NUL that PostgreSQL cannot store; the octets of a binary one as hex."""
    return deliver.text.replace("\0", "\ufffd") if deliver.text is not None else "0x" + (deliver.data or b"").hex()


def digest_of(*words: str) -> str:
    """What tells equal ones."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _of_one_text(tx: Session, part: InboundPart) -> Sequence[InboundPart]:
    """The parts that wait with this one, oldest first.

    A sender's references come round: another part of the same number begins another text, and one that is older than
    they may wait belongs to none of these.
    """
    query = (
        select(InboundPart)
        .where(
            InboundPart.account_id == part.account_id,
            InboundPart.modem == part.modem,
            InboundPart.sender == part.sender,
            InboundPart.reference == part.reference,
            InboundPart.parts == part.parts,
            col(InboundPart.joined).is_(False),
        )
        .order_by(col(InboundPart.created_at), col(InboundPart.id))
        .with_for_update()
    )
    texts: list[list[InboundPart]] = []
    known: dict[int, str] = {}
    for row in tx.exec(query):
        number, says = _concat(row).part, body_of(pdu.decode_deliver(row.pdu))
        if not texts or known.setdefault(number, says) != says or row.created_at - texts[-1][0].created_at >= MAX_AGE:
            texts.append([])
            known = {number: says}
        texts[-1].append(row)
    return next(rows for rows in texts if part in rows)


def _concat(row: InboundPart) -> pdu.Concat:
    concat = pdu.decode_deliver(row.pdu).concat
    assert concat is not None  # else it would not be here
    return concat


def _with_gaps(came: dict[int, pdu.Deliver], parts: int) -> str:
    said = [body_of(came[number]) if number in came else GAP for number in range(1, parts + 1)]
    return "".join(word for before, word in zip(["", *said], said, strict=False) if (before, word) != (GAP, GAP))
