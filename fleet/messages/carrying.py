"""What a gateway does with a text: claim it, begin an attempt, keep its lease, tell the outcome."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, or_, select

from fleet import audit
from fleet.audit import Actor
from fleet.messages import limits, parts, service
from fleet.messages.lifecycle import Step
from fleet.messages.models import Attempt, MessageState, ModemCounter, TextMessage
from fleet.messages.parts import Outcome, Part, Result
from modem_drivers.errors import PduError


class Carrier(NamedTuple):
    """Who carries: one modem (IMEI) of one gateway."""

    gateway_id: UUID
    modem: str


class Patience(NamedTuple):
    """`lease`: how long a claim holds; `settle`: how long an unknown outcome waits for its delivery report."""

    lease: timedelta
    settle: timedelta


def claim(tx: Session, now: datetime, account_id: UUID, carrier: Carrier, patience: Patience) -> TextMessage | None:
    """The text this modem should carry next, reserved for it; None when there is none.

    What may partly have left through another modem is left to that one, and taken over only when a second period of
    `settle` has passed without it.
    """
    query = (
        select(TextMessage)
        .where(
            TextMessage.account_id == account_id,
            TextMessage.state == MessageState.QUEUED,
            TextMessage.not_before <= now,
            TextMessage.expires_at > now,
            or_(
                col(TextMessage.bound_to).in_(["", carrier.modem]),
                col(TextMessage.not_before) <= now - patience.settle,
            ),
        )
        .order_by(col(TextMessage.priority), col(TextMessage.created_at), col(TextMessage.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message = tx.exec(query).first()
    if message is not None:
        message.gateway_id, message.lease_until = carrier.gateway_id, now + patience.lease
        service.move(tx, now, message, Step.CLAIM)
    return message


def begin_attempt(tx: Session, actor: Actor, now: datetime, message: TextMessage, carrier: Carrier) -> Attempt | None:
    """The attempt, on record before a byte of it is written; its parts are what is still to be moved.

    None when the text cannot be put into PDUs: then it is refused for good.
    """
    try:
        todo = _parts(tx, message, carrier.modem)
    except PduError as error:
        service.fail(tx, actor, now, message, Step.REFUSE, str(error))
        return None
    message.attempts += 1
    message.bound_to = carrier.modem
    service.move(tx, now, message, Step.BEGIN)
    again = any(part.resend for part in todo)
    attempt = Attempt(
        account_id=message.account_id,
        message_id=message.id,
        number=message.attempts,
        gateway_id=carrier.gateway_id,
        modem=carrier.modem,
        parts=parts.dump(todo),
        resend=again,
        started_at=now,
    )
    tx.add(attempt)
    if again:
        audit.record(
            tx, actor, now, "text.resent", f"text to …{message.to[-3:]}", to=message.to[-3:], about=message.reference
        )
    return attempt


def renew(tx: Session, message_id: UUID, carrier: Carrier, until: datetime) -> bool:
    """Keep the lease until then; False when it is no longer ours."""
    message = tx.get(TextMessage, message_id, with_for_update=True)
    if message is None or message.gateway_id != carrier.gateway_id or message.state is not MessageState.WRITING:
        return False
    message.lease_until = until
    service.keep(tx, message, until)
    return True


def end_attempt(
    tx: Session, actor: Actor, now: datetime, attempt_id: UUID, results: Sequence[Result], settle: timedelta
) -> TextMessage:
    """Record what became of each part (fewer results than parts: the rest was not written) and move the message on.

    An outcome that comes after the lease was lost still counts where it proves that the text left.
    """
    attempt = tx.get_one(Attempt, attempt_id, with_for_update=True)
    message = tx.get_one(TextMessage, attempt.message_id, with_for_update=True)
    done = parts.told(parts.load(attempt.parts), results)
    last = results[-1] if results else Result(Outcome.UNKNOWN, cause="the gateway told nothing")
    attempt.parts, attempt.ended_at = parts.dump(done), now
    attempt.outcome = Outcome.SENT if parts.all_sent(done) else last.outcome
    attempt.cause = last.cause
    tx.add(attempt)
    if attempt.number != message.attempts:
        return message
    if message.state is not MessageState.WRITING:
        if attempt.outcome == Outcome.SENT and message.state is MessageState.UNKNOWN:
            service.confirm(tx, actor, now, message)
        return message
    match attempt.outcome:
        case Outcome.SENT:
            service.confirm(tx, actor, now, message)
            if any(all(part.delivered for part in of_modem) for of_modem in known_parts(tx, message)):
                service.delivered(tx, now, message)  # the reports were faster than the modem
        case Outcome.REFUSED if last.may_retry:
            message.not_before = now + limits.back_off(message.attempts)
            if not _may_have_left(done):
                message.bound_to = ""
            service.retry(tx, now, message, last.cause)
        case Outcome.REFUSED:
            service.fail(tx, actor, now, message, Step.REFUSE, last.cause)
        case _:
            message.not_before = now + settle
            service.doubt(tx, actor, now, message, last.cause)
    return message


def lose_attempt(tx: Session, actor: Actor, now: datetime, message: TextMessage, settle: timedelta) -> None:
    """The lease ran out while the text was being written: whatever was under way may have left."""
    attempt = last_attempt(tx, message)
    assert attempt is not None
    attempt.parts, attempt.ended_at = parts.dump(parts.lost(parts.load(attempt.parts))), now
    attempt.outcome, attempt.cause = Outcome.UNKNOWN, "the gateway vanished while writing"
    tx.add(attempt)
    message.not_before = now + settle
    service.doubt(tx, actor, now, message, attempt.cause)


def bury(tx: Session, now: datetime, account_id: UUID, gateway_id: UUID | None = None) -> int:
    """End the leases of a gateway that was restarted, or all (None) where it is the only one; how many there were."""
    query = select(TextMessage).where(
        TextMessage.account_id == account_id,
        col(TextMessage.state).in_([MessageState.CLAIMED, MessageState.WRITING]),
    )
    if gateway_id is not None:
        query = query.where(TextMessage.gateway_id == gateway_id)
    left_behind = list(tx.exec(query.with_for_update()))
    for message in left_behind:
        message.lease_until = now
        service.keep(tx, message, now)
    return len(left_behind)


def last_attempt(tx: Session, message: TextMessage) -> Attempt | None:
    """The newest attempt at a message."""
    query = select(Attempt).where(Attempt.message_id == message.id).order_by(col(Attempt.number).desc())
    return tx.exec(query).first()


def known_parts(tx: Session, message: TextMessage) -> list[list[Part]]:
    """What is known of the message's parts, for each modem that carried it."""
    tx.flush()
    query = select(Attempt).where(Attempt.message_id == message.id).order_by(col(Attempt.number))
    return parts.complete((attempt.modem, parts.load(attempt.parts)) for attempt in tx.exec(query))


def _parts(tx: Session, message: TextMessage, modem: str) -> list[Part]:
    """What is still to be moved: the same parts under the same references, or all afresh where none can have left."""
    if message.bound_to == modem:
        previous = last_attempt(tx, message)
        if previous is not None:
            return parts.left(parts.load(previous.parts))
    counter = tx.get(ModemCounter, modem, with_for_update=True) or ModemCounter(
        modem=modem, account_id=message.account_id
    )
    fresh = parts.compose(message.to, message.body, counter.next_reference)
    counter.next_reference = (counter.next_reference + len(fresh)) % 256
    tx.add(counter)
    return fresh


def _may_have_left(done: Sequence[Part]) -> bool:
    return any(part.resend or part.outcome in (Outcome.SENT, Outcome.UNKNOWN) for part in done)
