"""Offers: opened, closed, and the ticket carried on to the next technician."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit, due
from fleet.audit import Actor
from fleet.devices.models import Device, Site
from fleet.escalation import codes, counting, policy, wording
from fleet.escalation.models import Offer, OfferState, Policy, PolicyStep
from fleet.escalation.wording import Job
from fleet.messages import service as messages
from fleet.messages.limits import Priority
from fleet.oncall.models import Technician
from fleet.settings import EscalationSettings
from fleet.tickets import service as tickets
from fleet.tickets.models import Ticket

DEADLINE = "offer.deadline"
"""The kind of due work that ends an offer."""
NOTICE_EXPIRES = timedelta(hours=1)
"""How long it is worth telling somebody what became of a ticket."""


def carry_on(tx: Session, actor: Actor, now: datetime, ticket: Ticket, settings: EscalationSettings) -> None:
    """Do what the policy says is next for the ticket, until somebody is being asked or nobody is left."""
    steps, rounds = _steps(tx, ticket)
    while True:
        offers = of_ticket(tx, ticket.id)
        turns = [policy.Turn(o.turn, o.technician_id, o.state, o.deadline) for o in offers]
        decision = policy.decide(ticket.state, steps, rounds, turns, now, ticket.cycle)
        match decision:
            case policy.TimeOut(turn):
                offer = next(o for o in offers if o.turn == turn)
                close(tx, actor, now, ticket, offer, OfferState.TIMED_OUT)
            case policy.OfferTo(turn, step, skipped):
                _say_skipped(tx, actor, now, ticket, skipped)
                _open(tx, actor, now, ticket, turn, step, settings)
            case policy.Exhausted(skipped):
                _say_skipped(tx, actor, now, ticket, skipped)
                tickets.mark_exhausted(tx, actor, now, ticket, asked=len(offers))
            case policy.Wait() | policy.Nothing():
                return


def close(
    tx: Session, actor: Actor, now: datetime, ticket: Ticket, offer: Offer, state: OfferState, **facts: object
) -> None:
    """End a pending offer, with its audit row (an accepted one has the ticket's)."""
    offer.state, offer.closed_at = state, now
    tx.add(offer)
    tx.flush()
    due.cancel(tx, DEADLINE, str(offer.id))
    counting.note(tx, counting.OFFER, state)
    if state is not OfferState.ACCEPTED:
        name = tx.get_one(Technician, offer.technician_id).name
        audit.record(tx, actor, now, f"offer.{state}", subject(ticket), technician=name, code=offer.code, **facts)


def unwanted(
    tx: Session, actor: Actor, now: datetime, ticket: Ticket, offer: Offer, kind: str, **words: object
) -> None:
    """The holder of an offer that was closed need not go: take the text back, or tell them where it may have left."""
    if not messages.withdraw(tx, actor, now, text_reference(offer.id)):
        technician = tx.get_one(Technician, offer.technician_id)
        tell(tx, actor, now, technician, f"{kind}:{offer.id}", kind, job(tx, ticket), Priority.NOTICE, **words)


def tell(
    tx: Session,
    actor: Actor,
    now: datetime,
    technician: Technician,
    reference: str,
    kind: str,
    about: Job,
    priority: Priority = Priority.NOTICE,
    **words: object,
) -> None:
    """Text somebody what became of a ticket."""
    messages.enqueue(
        tx,
        actor,
        now,
        reference=reference,
        to=technician.phone,
        body=wording.about(technician.language, kind, about, **words),
        language=technician.language,
        priority=priority,
        expires_at=now + NOTICE_EXPIRES,
    )


def text_left(tx: Session, offer: Offer, at: datetime) -> None:
    """The text of a pending offer left at `at`: from then on its technician has time to answer."""
    if offer.state is OfferState.PENDING and offer.deadline is None:
        offer.sent_at, offer.deadline = at, at + timedelta(seconds=offer.timeout_s)
        tx.add(offer)
        due.schedule(tx, offer.account_id, DEADLINE, str(offer.id), offer.deadline)


def of_ticket(tx: Session, ticket_id: UUID) -> list[Offer]:
    """The offers of a ticket, in order."""
    return list(tx.exec(select(Offer).where(Offer.ticket_id == ticket_id).order_by(col(Offer.turn))))


def pending_for(tx: Session, account_id: UUID, phone: str) -> list[Offer]:
    """The offers this phone may answer now, oldest first."""
    mine = (Offer.account_id == account_id, Offer.phone == phone, Offer.state == OfferState.PENDING)
    return list(tx.exec(select(Offer).where(*mine).order_by(col(Offer.created_at), col(Offer.id))))


def by_code(tx: Session, account_id: UUID, phone: str, code: int) -> Offer | None:
    """The newest offer this phone got under that code."""
    query = select(Offer).where(Offer.account_id == account_id, Offer.phone == phone, Offer.code == code)
    return tx.exec(query.order_by(col(Offer.created_at).desc(), col(Offer.id).desc())).first()


def text_reference(offer_id: UUID) -> str:
    """The reference of an offer's text."""
    return f"offer:{offer_id}"


def subject(ticket: Ticket) -> str:
    """What people call the ticket."""
    return f"ticket {ticket.number}"


def job(tx: Session, ticket: Ticket) -> Job:
    """The ticket as a text names it."""
    device = tx.get_one(Device, ticket.device_id)
    site = tx.get(Site, device.site_id) if device.site_id else None
    place = " ".join(filter(None, (site.name, site.address))) if site else ""
    return Job(ticket.number, device.name, place, ticket.summary)


def _open(
    tx: Session,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    turn: int,
    step: policy.Step,
    settings: EscalationSettings,
) -> None:
    technician = tx.get_one(Technician, step.technician_id)
    rested = now - timedelta(days=settings.code_rest_days)
    in_use = select(Offer.code).where(
        Offer.account_id == ticket.account_id, Offer.phone == technician.phone, col(Offer.created_at) > rested
    )
    offer = Offer(
        account_id=ticket.account_id,
        created_at=now,
        ticket_id=ticket.id,
        turn=turn,
        technician_id=technician.id,
        phone=technician.phone,
        code=codes.choose(set(tx.exec(in_use))),
        timeout_s=step.timeout_s,
    )
    tx.add(offer)
    tx.flush()
    messages.enqueue(
        tx,
        actor,
        now,
        reference=text_reference(offer.id),
        to=technician.phone,
        body=wording.offer(technician.language, job(tx, ticket), offer.code),
        language=technician.language,
        priority=Priority.OFFER,
        expires_at=now + timedelta(seconds=settings.text_expires_s),
    )
    tickets.mark_offered(
        tx, actor, now, ticket, technician=technician.name, code=offer.code, phone=technician.phone[-3:]
    )


def _steps(tx: Session, ticket: Ticket) -> tuple[list[policy.Step], int]:
    rows = tx.exec(
        select(PolicyStep, Technician)
        .join(Technician, col(Technician.id) == PolicyStep.technician_id)
        .where(PolicyStep.policy_id == ticket.policy_id)
        .order_by(col(PolicyStep.position))
    )
    steps = [policy.Step(technician.id, step.timeout_s, technician.active) for step, technician in rows]
    return steps, tx.get_one(Policy, ticket.policy_id).rounds


def _say_skipped(tx: Session, actor: Actor, now: datetime, ticket: Ticket, skipped: tuple[policy.Skipped, ...]) -> None:
    for each in skipped:
        name = tx.get_one(Technician, each.technician_id).name
        audit.record(tx, actor, now, "offer.skipped", subject(ticket), technician=name, why=each.why)
