"""SIMs: look up, list, and what people and providers may ask for. Each change of desire has it settled at once."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit, due
from fleet.audit import Actor
from fleet.devices.models import Binding, Device
from fleet.errors import Conflict, Invalid, NotFound
from fleet.sims import lifecycle
from fleet.sims.lifecycle import Act
from fleet.sims.models import Desired, Effective, Reason, Sim
from modem_drivers.errors import IdentityError
from modem_drivers.identity import normalise_iccid

SETTLE = "sim.settle"
"""The due kind that brings a SIM from its effective to its desired state; keyed by the SIM's id."""


def check_iccid(raw: str) -> str:
    """`raw` as an ICCID in its one written form; raises Invalid, naming what is wrong."""
    try:
        return normalise_iccid(raw)
    except IdentityError as error:
        raise Invalid(str(error)) from error


def check_provider(iccid: str, provider: str, providers: Collection[str]) -> str:
    """`provider`, who sells the SIM, if it is one of the `providers` configured; raises Conflict."""
    if provider not in providers:
        known = ", ".join(sorted(providers)) or "none"
        raise Conflict(
            f"expected a configured provider for SIM {iccid} (there is: {known}), got {provider[:64] or 'none'!r}: "
            "name one, or add it as [[provider]] to fleet.toml"
        )
    return provider


def find(tx: Session, account_id: UUID, iccid: str) -> Sim | None:
    """The SIM with this ICCID (in its written form), if there is one."""
    return tx.exec(select(Sim).where(Sim.account_id == account_id, Sim.iccid == iccid)).first()


def get(tx: Session, account_id: UUID, raw: str) -> Sim:
    """The SIM with this ICCID; raises Invalid for what is none, NotFound."""
    iccid = check_iccid(raw)
    sim = find(tx, account_id, iccid)
    if sim is None:
        raise NotFound(f"expected the ICCID of a SIM in the inventory, got {iccid}: import it first")
    return sim


def listing(
    tx: Session,
    account_id: UUID,
    after: str | None,
    limit: int,
    *,
    desired: Desired | None = None,
    effective: Effective | None = None,
    provider: str | None = None,
    iccid: str = "",
) -> list[Sim]:
    """SIMs by ICCID, those after `after`; filters left out match all, `iccid` is how it begins."""
    query = select(Sim).where(Sim.account_id == account_id).order_by(col(Sim.iccid)).limit(limit)
    if after is not None:
        query = query.where(col(Sim.iccid) > after)
    if desired is not None:
        query = query.where(Sim.desired == desired)
    if effective is not None:
        query = query.where(Sim.effective == effective)
    if provider is not None:
        query = query.where(Sim.provider == provider)
    if iccid:
        query = query.where(col(Sim.iccid).startswith(iccid, autoescape=True))
    return list(tx.exec(query))


def machine_of(tx: Session, account_id: UUID, iccid: str) -> str:
    """The name of the machine that has this SIM; empty for none."""
    query = (
        select(Device.name)
        .join(Binding, col(Binding.device_id) == col(Device.id))
        .where(Binding.account_id == account_id, Binding.iccid == iccid, col(Binding.unbound_at).is_(None))
    )
    return tx.exec(query).first() or ""


def activate(
    tx: Session, actor: Actor, now: datetime, sim: Sim, providers: Collection[str], provider: str = ""
) -> bool:
    """Have the SIM brought into service; False when that is wanted already and nothing stands against it.

    `provider` settles who sells it where the inventory does not say; `providers` are those configured. Asking again
    after a refusal tries again. Raises Conflict.
    """
    chosen = provider or sim.provider
    if (sim.claimed or sim.asking) and chosen != sim.provider:
        raise Conflict(
            f"expected SIM {sim.iccid} at its provider {sim.provider!r}, where it is claimed, got {chosen!r}: "
            "leave the provider out"
        )
    check_provider(sim.iccid, chosen, providers)
    if sim.desired is Desired.ACTIVE and sim.provider == chosen and not sim.detail:
        return False
    _retired(sim)
    sim.provider = chosen
    _desire(tx, actor, now, sim, Desired.ACTIVE, "sim.activation_requested")
    return True


def suspend(tx: Session, actor: Actor, now: datetime, sim: Sim) -> bool:
    """Have the SIM taken out of service; False when that is wanted already. Raises Conflict."""
    if sim.desired is Desired.INVENTORY:
        raise Conflict(
            f"expected a SIM that is in service, got {sim.iccid}, which was never activated: nothing to suspend"
        )
    if sim.desired is Desired.SUSPENDED and not sim.detail:
        return False
    _retired(sim)
    _desire(tx, actor, now, sim, Desired.SUSPENDED, "sim.suspension_requested")
    return True


def told(tx: Session, now: datetime, account_id: UUID, provider: str, iccid: str) -> bool:
    """The provider called back about a SIM: read its state now. False for a SIM we do not have there."""
    sim = find(tx, account_id, iccid)
    if sim is None or sim.provider != provider:
        return False
    sim.told = True
    tx.add(sim)
    hasten(tx, now, sim)
    return True


def hasten(tx: Session, now: datetime, sim: Sim) -> None:
    """Have the SIM settled now. While a request is on its way its sender goes on by itself, so it is left alone."""
    if not sim.asking:
        due.schedule(tx, sim.account_id, SETTLE, str(sim.id), now)


def facts(sim: Sim) -> lifecycle.Facts:
    """What the life-cycle table needs to know of the SIM."""
    return lifecycle.Facts(
        desired=sim.desired,
        effective=sim.effective,
        reason=sim.reason,
        claimed=sim.claimed,
        asking=sim.asking,
        told=sim.told,
        refused=bool(sim.detail),
    )


def _desire(tx: Session, actor: Actor, now: datetime, sim: Sim, desired: Desired, verb: str) -> None:
    sim.desired, sim.detail, sim.updated_at = desired, "", now
    sim.reason = Reason.PENDING if lifecycle.next_act(facts(sim)) is not Act.REST else sim.reason
    tx.add(sim)
    audit.record(tx, actor, now, verb, f"sim {sim.iccid}", provider=sim.provider)
    hasten(tx, now, sim)


def _retired(sim: Sim) -> None:
    if sim.effective is Effective.RETIRED:
        raise Conflict(
            f"expected a SIM that can still serve, got {sim.iccid}, which its provider has retired: use another"
        )
