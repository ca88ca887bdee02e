"""Every table of the service, for migrations and for the tests that compare them with the models."""

import sys
import tempfile
from pathlib import Path

from sqlmodel import SQLModel

import fleet.alerts.models
import fleet.api.idempotency.models
import fleet.audit
import fleet.auth.models
import fleet.db.outbox
import fleet.devices.models
import fleet.due.models
import fleet.escalation.models
import fleet.gateway.models
import fleet.messages.models
import fleet.oncall.models
import fleet.rules.models
import fleet.sims.models
import fleet.telemetry.models
import fleet.tickets.models  # noqa: F401
from fleet.db import Database, migrate

metadata = SQLModel.metadata


def main(arguments: list[str]) -> None:
    """`python -m fleet.schema "what changed"`: write the next migration from the models; read it before committing."""
    database = Database(f"sqlite:///{Path(tempfile.mkdtemp()) / 'fleet.db'}")
    migrate.upgrade(database, metadata)
    migrate.write_revision(database, metadata, arguments[0], f"{int(migrate.head()) + 1:04}")
    database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
