"""Machines: added with a token of their own, bound to a SIM and a modem."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy
from sqlalchemy import Select
from sqlmodel import Session, col, func, select

from fleet import audit
from fleet.audit import Actor
from fleet.auth import service as auth
from fleet.devices.models import Binding, Device, DeviceCreate, Site
from fleet.errors import Conflict, NotFound
from fleet.ids import NAME, check_name


def create(tx: Session, actor: Actor, now: datetime, wanted: DeviceCreate) -> tuple[Device, str]:
    """The new device and its first token, which is shown once; raises Invalid (name), Conflict (name is taken)."""
    name = check_name(wanted.name, "a device name")
    if _find(tx, actor.account_id, name):
        raise Conflict(
            f"expected a new device name, got {name!r}, which exists: choose another, or rotate the token of that one"
        )
    site = _site(tx, actor, now, wanted) if wanted.site else None
    device = Device(
        account_id=actor.account_id,
        created_at=now,
        name=name,
        key=(tx.exec(select(func.max(Device.key))).one() or 0) + 1,
        model=wanted.model,
        site_id=site.id if site else None,
    )
    tx.add(device)
    tx.flush()
    audit.record(tx, actor, now, "device.added", f"device {name}", model=wanted.model, site=wanted.site)
    return device, auth.issue_device_token(tx, actor, now, name, device.id)


def get(tx: Session, account_id: UUID, name: str) -> Device:
    """The device called `name`; raises NotFound."""
    device = _find(tx, account_id, name)
    if device is None:
        raise _unknown(name)
    return device


class Machine(NamedTuple):
    """A device with where it stands and what it has in it."""

    device: Device
    site: str
    binding: Binding | None


def machines(tx: Session, account_id: UUID, after: str | None, limit: int) -> list[Machine]:
    """Devices by name, those after the name `after`; at most `limit`."""
    query = _machines(account_id).order_by(col(Device.name)).limit(limit)
    rows = tx.execute(query if after is None else query.where(col(Device.name) > after))
    return [Machine(device, site or "", binding) for device, site, binding in rows]


def machine(tx: Session, account_id: UUID, name: str) -> Machine:
    """The device called `name` with its site and binding; raises NotFound."""
    row = tx.execute(_machines(account_id).where(col(Device.name) == name)).first() if NAME.fullmatch(name) else None
    if row is None:
        raise _unknown(name)
    return Machine(row[0], row[1] or "", row[2])


def bind(tx: Session, actor: Actor, now: datetime, device: Device, iccid: str, imei: str) -> Binding:
    """Bind the device to this SIM and modem; its earlier binding ends. Doing it again changes nothing.

    Raises Conflict when the SIM is bound to another device.
    """
    taken = tx.exec(
        select(Binding, Device)
        .join(Device, col(Device.id) == col(Binding.device_id))
        .where(Binding.account_id == actor.account_id, Binding.iccid == iccid, col(Binding.unbound_at).is_(None))
    ).first()
    if taken and taken[1].id != device.id:
        raise Conflict(
            f"expected a SIM that no other device has, got {iccid}, which is bound to {taken[1].name}: "
            "check which SIM is in which machine, and bind that one to its own SIM first"
        )
    present = tx.exec(select(Binding).where(Binding.device_id == device.id, col(Binding.unbound_at).is_(None))).first()
    if present:
        if (present.iccid, present.imei) == (iccid, imei):
            return present
        present.unbound_at = now
        tx.add(present)
    binding = Binding(account_id=actor.account_id, device_id=device.id, iccid=iccid, imei=imei, bound_at=now)
    tx.add(binding)
    audit.record(tx, actor, now, "sim.bound", f"sim {iccid}", device=device.name, imei=imei)
    return binding


def rotate_token(tx: Session, actor: Actor, now: datetime, device: Device) -> str:
    """A new token, shown once; the one before stays valid so that the machine can change over."""
    return auth.issue_device_token(tx, actor, now, device.name, device.id)


def _unknown(name: str) -> NotFound:
    return NotFound(f"expected the name of a device, got {name[:80]!r}: see `fleet devices list`, or add it first")


def _machines(account_id: UUID) -> Select[Device, str, Binding]:
    # an outer join: site and binding may be None
    return (
        sqlalchemy.select(Device, col(Site.name), Binding)
        .outerjoin(Site, col(Site.id) == col(Device.site_id))
        .outerjoin(Binding, (col(Binding.device_id) == col(Device.id)) & col(Binding.unbound_at).is_(None))
        .where(col(Device.account_id) == account_id)
    )


def _find(tx: Session, account_id: UUID, name: str) -> Device | None:
    if not NAME.fullmatch(name):  # nor does every database take such text
        return None
    return tx.exec(select(Device).where(Device.account_id == account_id, Device.name == name)).first()


def _site(tx: Session, actor: Actor, now: datetime, wanted: DeviceCreate) -> Site:
    """The site the device stands at, made if its name is new."""
    site = tx.exec(select(Site).where(Site.account_id == actor.account_id, Site.name == wanted.site)).first()
    if site is None:
        site = Site(account_id=actor.account_id, created_at=now, name=wanted.site, address=wanted.address)
        tx.add(site)
        tx.flush()
    return site
