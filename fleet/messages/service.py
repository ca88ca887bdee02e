"""The queue of texts to people: put in, taken out, and every change of state with its audit row and event."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from fleet import audit, due
from fleet.audit import Actor
from fleet.db import outbox
from fleet.db.engine import wake
from fleet.messages import lifecycle
from fleet.messages.lifecycle import Step
from fleet.messages.limits import Priority
from fleet.messages.models import MessageState, TextMessage

TOPIC = "texts"
"""Woken when a text may be claimed."""
TIMER = "text"
"""The kind of due work that looks at a message when its time has come."""


def enqueue(
    tx: Session,
    actor: Actor,
    now: datetime,
    *,
    reference: str,
    to: str,
    body: str,
    language: str,
    priority: Priority,
    expires_at: datetime,
) -> TextMessage:
    """Queue a text, or return the one queued under `reference` before. The caller's act has the audit row."""
    message = find(tx, actor.account_id, reference)
    if message is not None:
        return message
    message = TextMessage(
        account_id=actor.account_id,
        created_at=now,
        reference=reference,
        to=to,
        body=body,
        language=language,
        priority=int(priority),
        expires_at=expires_at,
        not_before=now,
    )
    keep(tx, message, now)
    return message


def find(tx: Session, account_id: UUID, reference: str) -> TextMessage | None:
    """The text that was queued under `reference`."""
    query = select(TextMessage).where(TextMessage.account_id == account_id, TextMessage.reference == reference)
    return tx.exec(query).first()


def withdraw(tx: Session, actor: Actor, now: datetime, reference: str) -> bool:
    """Take a text back that is no longer needed; False if it may have left. Nothing is emitted: the caller knows."""
    message = find(tx, actor.account_id, reference)
    if message is None or message.state is not MessageState.QUEUED or message.bound_to:
        return False
    move(tx, now, message, Step.EXPIRE, cause="no longer needed")
    _record(tx, actor, now, message, "text.expired", cause=message.cause)
    return True


def confirm(tx: Session, actor: Actor, now: datetime, message: TextMessage) -> None:
    """Every part has left; tells so once."""
    move(tx, now, message, Step.CONFIRM)
    _record(tx, actor, now, message, "text.sent", text=message.body, attempts=message.attempts)
    _tell_sent(tx, now, message, certain=True)


def doubt(tx: Session, actor: Actor, now: datetime, message: TextMessage, cause: str) -> None:
    """Nobody knows whether the text left. The first time its delivery report is awaited until `not_before`.

    After its resend nothing more is tried: the person may well have it, so it counts as sent, in doubt.
    """
    move(tx, now, message, Step.LOSE, cause=cause)
    _record(tx, actor, now, message, "text.unknown", cause=cause)
    if message.resends >= lifecycle.RESENDS:
        _tell_sent(tx, now, message, certain=False)


def retry(tx: Session, now: datetime, message: TextMessage, cause: str) -> None:
    """Refused for a cause that may pass: queued again for `not_before`."""
    move(tx, now, message, Step.RETRY, cause=cause)


def fail(tx: Session, actor: Actor, now: datetime, message: TextMessage, step: Step, cause: str) -> None:
    """The text will not reach its person (`step`: REFUSE or EXPIRE); tells so."""
    move(tx, now, message, step, cause=cause)
    _record(tx, actor, now, message, f"text.{message.state}", cause=cause, attempts=message.attempts)
    _emit(tx, now, message, "text.failed", cause=cause)


def delivered(tx: Session, now: datetime, message: TextMessage) -> None:
    """The phone has all of it; tells so once."""
    if message.delivered_at is None:
        message.delivered_at = now
        tx.add(message)
        _emit(tx, now, message, "text.delivered")


def move(tx: Session, now: datetime, message: TextMessage, step: Step, cause: str = "") -> None:
    """Change the state and set the timer that belongs to it. Raises Conflict where `step` is not possible."""
    message.state = lifecycle.after(message.state, step)
    message.cause = cause
    if message.state not in (MessageState.CLAIMED, MessageState.WRITING):
        message.gateway_id = message.lease_until = None
    keep(tx, message, now)


def keep(tx: Session, message: TextMessage, now: datetime) -> None:
    """Store the message with the timer its state asks for, and wake the gateways if it may be claimed now."""
    tx.add(message)
    tx.flush()
    at = lifecycle.timer(message, now)
    if at is None:
        due.cancel(tx, TIMER, str(message.id))
    else:
        due.schedule(tx, message.account_id, TIMER, str(message.id), at)
    if message.state is MessageState.QUEUED and message.not_before <= now:
        wake(tx, TOPIC)


def _tell_sent(tx: Session, now: datetime, message: TextMessage, *, certain: bool) -> None:
    if message.sent_at is None:
        message.sent_at = now
        tx.add(message)
        _emit(tx, now, message, "text.sent", certain=certain)


def _record(tx: Session, actor: Actor, now: datetime, message: TextMessage, verb: str, **facts: object) -> None:
    subject = f"text to …{message.to[-3:]}"
    audit.record(tx, actor, now, verb, subject, to=message.to[-3:], about=message.reference, **facts)


def _emit(tx: Session, now: datetime, message: TextMessage, topic: str, **facts: object) -> None:
    outbox.emit(tx, message.account_id, topic, now, message_id=str(message.id), reference=message.reference, **facts)
