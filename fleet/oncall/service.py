"""Technicians: added, found by name or by phone, listed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit
from fleet.audit import Actor
from fleet.errors import Conflict, NotFound
from fleet.ids import check_name, check_phone
from fleet.oncall.models import Technician, TechnicianCreate


def add(tx: Session, actor: Actor, now: datetime, wanted: TechnicianCreate) -> Technician:
    """The new technician; raises Invalid (name, phone), Conflict (name or phone belongs to somebody)."""
    name, phone = check_name(wanted.name, "a technician name"), check_phone(wanted.phone)
    if _find(tx, actor.account_id, name):
        raise Conflict(f"expected a new technician name, got {name!r}, which exists: choose another")
    other = by_phone(tx, actor.account_id, phone)
    if other is not None:
        raise Conflict(f"expected a phone number of its own, got that of {other.name}: a reply must tell who sent it")
    technician = Technician(
        account_id=actor.account_id,
        created_at=now,
        name=name,
        phone=phone,
        company=wanted.company,
        language=wanted.language,
    )
    tx.add(technician)
    tx.flush()
    audit.record(tx, actor, now, "technician.added", f"technician {name}", phone=phone[-3:], company=wanted.company)
    return technician


def get(tx: Session, account_id: UUID, name: str) -> Technician:
    """The technician called `name`; raises NotFound."""
    technician = _find(tx, account_id, name)
    if technician is None:
        raise NotFound(f"expected the name of a technician, got {name[:64]!r}: see `fleet technicians list`")
    return technician


def by_phone(tx: Session, account_id: UUID, phone: str) -> Technician | None:
    """Whose phone this is (E.164)."""
    query = select(Technician).where(Technician.account_id == account_id, Technician.phone == phone)
    return tx.exec(query).first()


def names_by_phone(tx: Session, account_id: UUID, phones: Iterable[str]) -> dict[str, str]:
    """Whose phones (E.164) these are, by phone; what is nobody's is left out."""
    query = select(Technician).where(Technician.account_id == account_id, col(Technician.phone).in_(phones))
    return {technician.phone: technician.name for technician in tx.exec(query)}


def listed(tx: Session, account_id: UUID, after: str, limit: int) -> list[Technician]:
    """Technicians by name, those behind `after`."""
    query = select(Technician).where(Technician.account_id == account_id, col(Technician.name) > after)
    return list(tx.exec(query.order_by(col(Technician.name)).limit(limit)))


def _find(tx: Session, account_id: UUID, name: str) -> Technician | None:
    return tx.exec(select(Technician).where(Technician.account_id == account_id, Technician.name == name)).first()
