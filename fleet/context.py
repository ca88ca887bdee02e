"""What every part of the service is built from."""

from dataclasses import dataclass, field
from uuid import UUID

from fleet.clock import Clock
from fleet.db import Database
from fleet.denials import Denials
from fleet.ids import uuid7
from fleet.observability import Metrics
from fleet.secrets import Sealer
from fleet.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that are the same for all; `app.py` makes one and hands it down."""

    settings: Settings
    database: Database
    clock: Clock
    sealer: Sealer
    metrics: Metrics = field(default_factory=Metrics)
    denials: Denials = field(default_factory=Denials)
    process: UUID = field(default_factory=uuid7)
    """Which process of the service this is; the same after a restart, so that it knows what it had under way."""
