"""SIMs as we want them, as they are, and the runs that brought them into service."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet.db.types import Dated, words


class Desired(enum.StrEnum):
    """What the operator asked for."""

    INVENTORY = "inventory"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Effective(enum.StrEnum):
    """What the provider says it is."""

    INVENTORY = "inventory"
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class Reason(enum.StrEnum):
    """Why desired and effective state may differ, or who imposed the effective one."""

    NONE = ""
    USER = "user"
    QUOTA = "quota"
    IMEI = "imei"
    PROVIDER = "provider"
    PENDING = "pending"


class Sim(Dated, table=True):
    """A subscription, by its ICCID."""

    __tablename__ = "sim"
    __table_args__ = (UniqueConstraint("account_id", "iccid"),)

    iccid: str
    imsi: str = ""
    msisdn: str = ""
    provider: str = ""
    desired: Desired = Field(default=Desired.INVENTORY, sa_type=words(Desired))
    effective: Effective = Field(default=Effective.INVENTORY, sa_type=words(Effective))
    reason: Reason = Field(default=Reason.NONE, sa_type=words(Reason))
    detail: str = ""
    """The last refusal of the provider, in words; empty when all is well."""
    claimed: bool = False
    """Registered at the provider; claimed once, ever."""
    asking: str = ""
    """The act whose request is on its way to the provider, or whose answer was lost; settled by reading its state."""
    told: bool = False
    """The provider called back about this SIM and its state has not been read since."""
    pin_sealed: bytes | None = None
    pin_refused: list[str] = Field(default_factory=list, sa_type=JSON)
    """Hashes of PINs this SIM has refused: never tried again by themselves."""
    updated_at: datetime


class SimImport(SQLModel):
    """One line of an import: ICCID and, where known, who sells it, its number and its PIN."""

    iccid: str
    provider: str = ""
    msisdn: str = ""
    pin: str = ""


class RunState(enum.StrEnum):
    """Where a provisioning run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ProvisionRun(Dated, table=True):
    """One bench provisioning: what has been learnt and done so far. The next step follows from it."""

    __tablename__ = "provision_run"

    device_id: UUID = Field(foreign_key="device.id")
    provider: str
    apn: str
    iccid: str = Field(default="", index=True)
    imei: str = ""
    state: RunState = Field(default=RunState.RUNNING, sa_type=words(RunState))
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    error: str = ""
    updated_at: datetime
