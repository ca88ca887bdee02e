"""Rows point at one another by id; people call things by name."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from fleet.devices.models import Device
from fleet.escalation.models import Policy
from fleet.oncall.models import Technician

Named = TypeVar("Named", Device, Policy, Technician)


def names(tx: Session, table: type[Named], ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of the rows of `table` with these ids; None among them is left out."""
    wanted = {row_id for row_id in ids if row_id is not None}
    return {row.id: row.name for row in tx.exec(select(table).where(col(table.id).in_(wanted)))}
