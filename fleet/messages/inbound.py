"""What comes in from a modem: texts and delivery reports. Committed before the modem forgets them."""

from contextlib import closing
from datetime import datetime

from sqlmodel import Session, col, select

from fleet import audit
from fleet.audit import Actor
from fleet.db import outbox
from fleet.messages import carrying, joining, lifecycle, parts, service
from fleet.messages.lifecycle import Step
from fleet.messages.models import Attempt, InboundText, MessageState, TextMessage
from fleet.telemetry.models import DeadLetter
from modem_drivers import pdu

REFERENCES = 256
"""TP-MR is one octet: among the last 256 attempts of a modem each reference is found at most about once."""
AT_ONCE = 8
"""So many attempts are read at a time: reports mostly come soon."""
TAIL = 7
"""A report may name the recipient in national form: so many last digits must agree."""


def receive(tx: Session, actor: Actor, now: datetime, modem: str, found: str) -> InboundText | None:
    """Store the text in the SMS-DELIVER PDU `found`; None while parts of it are missing or if it was here before.

    None too for a silent message, to be dropped unseen (TS 23.040 clause 9.2.3.9). Emits `text.received`.
    Raises PduError.
    """
    deliver = pdu.decode_deliver(found)
    if deliver.silent:
        return None
    if deliver.concat is not None:
        whole = joining.join(tx, actor, now, modem, found, deliver)
        if whole is None:
            return None
        deliver = whole
    body = joining.body_of(deliver)
    text = joining.keep(tx, actor, now, modem, deliver, body)
    if text is None:
        return None
    sender = text.sender
    audit.record(tx, actor, now, "text.received", f"text from …{sender[-3:]}", sender=sender[-3:], text=body[:40])
    outbox.emit(tx, actor.account_id, "text.received", now, inbound_id=str(text.id))
    return text


def unreadable(tx: Session, actor: Actor, now: datetime, modem: str, found: str, reason: str) -> None:
    """Keep what nobody can read as a dead letter: left in the modem it would fill the modem's memory."""
    tx.add(
        DeadLetter(
            account_id=actor.account_id, device_name="", way=actor.way, topic=f"modem {modem}", payload=found.encode(),
            reason=reason, received_at=now,
        )
    )  # fmt: skip


def report(tx: Session, actor: Actor, now: datetime, modem: str, status: pdu.StatusReport) -> TextMessage | None:
    """Note what the message centre says of a part that this modem sent; None when no attempt fits.

    Any report proves that the centre had the part, so it also settles an unknown outcome. Late and twice are harmless.
    """
    attempt = _find_attempt(tx, actor, modem, status)
    if attempt is None:
        return None
    message = tx.get_one(TextMessage, attempt.message_id, with_for_update=True)
    attempt.parts = parts.dump(parts.reported(parts.load(attempt.parts), status.reference, status.delivered))
    tx.add(attempt)
    tx.flush()
    if message.state is MessageState.WRITING:
        return message  # the end of the attempt will count it
    known = carrying.known_parts(tx, message)
    arrived = any(all(part.delivered for part in of_modem) for of_modem in known)
    if status.failed and not arrived and lifecycle.can(message.state, Step.REFUSE):
        cause = f"the network could not deliver it (status {status.status:#04x})"
        service.fail(tx, actor, now, message, Step.REFUSE, cause)
    elif any(map(parts.all_sent, known)) and lifecycle.can(message.state, Step.CONFIRM):
        service.confirm(tx, actor, now, message)
    if arrived:
        service.delivered(tx, now, message)
    return message


def _find_attempt(tx: Session, actor: Actor, modem: str, status: pdu.StatusReport) -> Attempt | None:
    tail = status.recipient.number.removeprefix("+")[-TAIL:]
    query = (
        select(Attempt)
        .join(TextMessage, col(TextMessage.id) == Attempt.message_id)
        .where(Attempt.account_id == actor.account_id, Attempt.modem == modem, col(TextMessage.to).endswith(tail))
        .order_by(col(Attempt.started_at).desc(), col(Attempt.number).desc())
        .limit(REFERENCES)
        .execution_options(yield_per=AT_ONCE)
    )
    with closing(tx.exec(query)) as found:
        for attempt in found:
            if any(row["reference"] == status.reference for row in attempt.parts):
                return attempt
    return None
