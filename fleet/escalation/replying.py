"""A text came in: whose it is, what it answers, what becomes of it, and what is said back."""

import enum
from datetime import datetime

from sqlmodel import Session

from fleet import audit
from fleet.audit import Actor, Role, Way, system
from fleet.escalation import answers, offers, replies, service, wording
from fleet.escalation.answers import Fate
from fleet.escalation.models import Offer, OfferState
from fleet.escalation.offers import NOTICE_EXPIRES
from fleet.escalation.replies import Reply
from fleet.messages import limits
from fleet.messages import service as messages
from fleet.messages.limits import Priority
from fleet.messages.models import InboundText
from fleet.oncall import service as oncall
from fleet.oncall.models import Technician
from fleet.settings import EscalationSettings
from fleet.tickets.models import Ticket

EXAMPLE_CODE = 41


class Kind(enum.StrEnum):
    """What a text turned out to be, for the metrics."""

    ANSWER = "answer"
    STRANGER = "stranger"
    UNREADABLE = "unreadable"


def answer(tx: Session, now: datetime, text: InboundText, settings: EscalationSettings) -> Kind:
    """Act upon a text. A stranger gets silence; a technician always learns what became of an answer."""
    technician = _whose(tx, text)
    if technician is None:
        actor, who = system(text.account_id, Way.SMS), f"…{text.sender[-3:]}"
        audit.record(tx, actor, now, "reply.unknown", f"text from {who}", text=text.body[:40], why="unknown sender")
        return Kind.STRANGER
    actor = Actor(text.account_id, Role.TECHNICIAN, technician.name, Way.SMS)
    reply = replies.parse(text.body)
    offer = _offer(tx, technician, reply)
    if reply is None or offer is None:
        _unclear(tx, actor, now, technician, text, reply)
        return Kind.UNREADABLE
    ticket = tx.get_one(Ticket, offer.ticket_id, with_for_update=True)
    _act(tx, actor, now, technician, text, reply, offer, ticket, settings)
    return Kind.ANSWER


def _whose(tx: Session, text: InboundText) -> Technician | None:
    """Whose phone it came from; some networks leave the + away."""
    number = f"+{text.sender}" if text.sender.isdecimal() else text.sender
    return oncall.by_phone(tx, text.account_id, number)


def _offer(tx: Session, technician: Technician, reply: Reply | None) -> Offer | None:
    """The offer that is meant; None when that is not clear."""
    if reply is None:
        return None
    if reply.code is not None:
        return offers.by_code(tx, technician.account_id, technician.phone, reply.code)
    pending = offers.pending_for(tx, technician.account_id, technician.phone)
    return pending[0] if len(pending) == 1 else None


def _act(
    tx: Session,
    actor: Actor,
    now: datetime,
    technician: Technician,
    text: InboundText,
    reply: Reply,
    offer: Offer,
    ticket: Ticket,
    settings: EscalationSettings,
) -> None:
    said = text.body.strip()[:40]
    fate = answers.judge(reply.verb, offer.state, ticket.state, holder=ticket.technician_id == technician.id)
    words: dict[str, object] = {}
    match fate:
        case Fate.WINS:
            late = offer.state is not OfferState.PENDING
            service.take(tx, actor, now, ticket, technician, offer, reply=said, **({"late": True} if late else {}))
        case Fate.PASSES_ON:
            offers.close(tx, actor, now, ticket, offer, OfferState.REFUSED, reply=said)
            offers.carry_on(tx, actor, now, ticket, settings)
        case Fate.TAKEN:
            holder = tx.get(Technician, ticket.technician_id)
            words["holder"] = holder.name if holder else "?"
        case Fate.PASSED_BEFORE:
            words["code"] = offer.code
    if fate in (Fate.TAKEN, Fate.RESOLVED, Fate.PASSED_BEFORE):
        told = words.get("holder", fate)
        audit.record(
            tx, actor, now, "reply.late", offers.subject(ticket), technician=technician.name, reply=said, told=told
        )
    priority = Priority.NOTICE if fate in answers.CHANGES else Priority.ECHO
    if limits.allowed(tx, text.account_id, technician.phone, priority, now):
        about = offers.job(tx, ticket)
        offers.tell(tx, actor, now, technician, f"reply:{text.id}", fate, about, priority, **words)


def _unclear(
    tx: Session, actor: Actor, now: datetime, technician: Technician, text: InboundText, reply: Reply | None
) -> None:
    """Nothing to act upon: say so, but not for ever, and never to a word of the carriers."""
    pending = offers.pending_for(tx, technician.account_id, technician.phone)
    example = pending[0].code if pending else EXAMPLE_CODE
    if reply is not None and reply.code is not None:
        kind, why = "unknown_code", "unknown code"
        body = wording.plain(technician.language, kind, code=reply.code)
    elif reply is not None and pending:
        why = "bare answer to several offers"
        body = wording.plain(technician.language, "which", count=len(pending), code=example)
    else:
        why = "not an answer" if reply is None else "no offer is open"
        body = wording.plain(technician.language, "help", code=example)
    audit.record(tx, actor, now, "reply.unknown", f"technician {technician.name}", text=text.body.strip()[:40], why=why)
    if replies.is_carrier_word(text.body):
        return
    if limits.allowed(tx, text.account_id, technician.phone, Priority.PASSIVE, now):
        messages.enqueue(
            tx,
            actor,
            now,
            reference=f"reply:{text.id}",
            to=technician.phone,
            body=body,
            language=technician.language,
            priority=Priority.PASSIVE,
            expires_at=now + NOTICE_EXPIRES,
        )
