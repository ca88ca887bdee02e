"""Policies, and the moment a ticket becomes somebody's."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit
from fleet.audit import Actor
from fleet.errors import Conflict, Invalid, NotFound
from fleet.escalation import offers
from fleet.escalation.models import Offer, OfferState, Policy, PolicyCreate, PolicyStep
from fleet.ids import check_name
from fleet.oncall import service as oncall
from fleet.oncall.models import Technician
from fleet.tickets import service as tickets
from fleet.tickets.models import Ticket

MAX_STEPS, MAX_ROUNDS = 20, 9
TIMEOUT_S = range(1, 7 * 86400 + 1)


def add_policy(tx: Session, actor: Actor, now: datetime, wanted: PolicyCreate) -> Policy:
    """The new policy; raises Invalid, NotFound (a technician), Conflict (name is taken)."""
    name = check_name(wanted.name, "a policy name")
    if not 1 <= len(wanted.steps) <= MAX_STEPS:
        raise Invalid(f"expected 1 to {MAX_STEPS} steps, got {len(wanted.steps)}: name whom to ask, in order")
    if not 1 <= wanted.rounds <= MAX_ROUNDS:
        raise Invalid(f"expected 1 to {MAX_ROUNDS} rounds, got {wanted.rounds}: correct the rounds")
    for step in wanted.steps:
        if step.timeout_s not in TIMEOUT_S:
            raise Invalid(
                f"expected {TIMEOUT_S[0]} to {TIMEOUT_S[-1]} seconds to answer, got {step.timeout_s}: correct the step"
            )
    if _find(tx, actor.account_id, name):
        raise Conflict(f"expected a new policy name, got {name!r}, which exists: choose another")
    policy = Policy(account_id=actor.account_id, created_at=now, name=name, rounds=wanted.rounds)
    tx.add(policy)
    tx.flush()
    for position, step in enumerate(wanted.steps):
        technician = oncall.get(tx, actor.account_id, step.technician)
        tx.add(
            PolicyStep(
                account_id=actor.account_id,
                policy_id=policy.id,
                position=position,
                technician_id=technician.id,
                timeout_s=step.timeout_s,
            )
        )
    names = [step.technician for step in wanted.steps]
    audit.record(tx, actor, now, "policy.added", f"policy {name}", technicians=names, rounds=wanted.rounds)
    return policy


def get_policy(tx: Session, account_id: UUID, name: str) -> Policy:
    """The policy called `name`; raises NotFound."""
    policy = _find(tx, account_id, name)
    if policy is None:
        raise NotFound(f"expected the name of a policy, got {name[:64]!r}: see `fleet policies list`")
    return policy


def listed(tx: Session, account_id: UUID, after: str, limit: int) -> list[Policy]:
    """Policies by name, those behind `after`."""
    query = select(Policy).where(Policy.account_id == account_id, col(Policy.name) > after)
    return list(tx.exec(query.order_by(col(Policy.name)).limit(limit)))


def steps(tx: Session, policy: Policy) -> list[tuple[PolicyStep, Technician]]:
    """The steps of a policy in order, each with whom it asks."""
    query = (
        select(PolicyStep, Technician)
        .join(Technician, col(Technician.id) == PolicyStep.technician_id)
        .where(PolicyStep.policy_id == policy.id)
    )
    return list(tx.exec(query.order_by(col(PolicyStep.position))))


def accept(tx: Session, actor: Actor, now: datetime, ticket: Ticket, technician: Technician) -> None:
    """The operator gives the ticket to `technician`, who is told; pending offers end. Raises Conflict."""
    take(tx, actor, now, ticket, technician)
    offers.tell(tx, actor, now, technician, f"assigned:{ticket.id}", "assigned", offers.job(tx, ticket))


def take(
    tx: Session,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    technician: Technician,
    answered: Offer | None = None,
    **facts: object,
) -> None:
    """The ticket is `technician`'s, whose pending offer (or the one `answered`, however late) is accepted.

    Whoever else is being asked is told that they need not go. Raises Conflict when the ticket is not to be had.
    """
    tickets.accept(tx, actor, now, ticket, technician, **facts)
    for offer in offers.of_ticket(tx, ticket.id):
        pending = offer.state is OfferState.PENDING
        if offer is answered or (pending and offer.technician_id == technician.id):
            offers.close(tx, actor, now, ticket, offer, OfferState.ACCEPTED)
        elif pending:
            offers.close(tx, actor, now, ticket, offer, OfferState.RESCINDED, holder=technician.name)
            if offer.technician_id != technician.id:
                offers.unwanted(tx, actor, now, ticket, offer, "rescinded", holder=technician.name)


def _find(tx: Session, account_id: UUID, name: str) -> Policy | None:
    return tx.exec(select(Policy).where(Policy.account_id == account_id, Policy.name == name)).first()
