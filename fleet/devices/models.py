"""Machines, where they stand, and which SIM and modem each one has."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints
from sqlalchemy import Integer
from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet import inputs
from fleet.db.types import Dated, Owned


class Site(Dated, table=True):
    """The place a machine stands at."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    name: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    access_hours: str = ""
    contact: str = ""
    territory: str = ""


class Device(Dated, table=True):
    """A machine that reports. `name` is the id it uses itself: MQTT user name, topic level, CLI argument."""

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    name: str
    key: int = Field(unique=True, sa_type=Integer)
    """Small integer that stands for the device in the history."""
    model: str = ""
    site_id: UUID | None = Field(default=None, foreign_key="site.id")
    last_seen_at: datetime | None = None


class Binding(Owned, table=True):
    """Which SIM (ICCID) and which modem (IMEI) a device had, and when; the open one is the present."""

    __tablename__ = "binding"

    device_id: UUID = Field(foreign_key="device.id", index=True)
    iccid: str = Field(index=True)
    imei: str
    bound_at: datetime
    unbound_at: datetime | None = None


Line = Annotated[str, StringConstraints(max_length=200, pattern=inputs.LINE_OR_NONE)]
"""Words of a person in one line."""


class DeviceCreate(SQLModel):
    """A device to add; the site is made if its name is new."""

    name: str
    model: Line = ""
    site: Line = ""
    address: Line = ""
