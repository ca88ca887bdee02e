"""A PostgreSQL database that came from another server: the numbers of its transactions mean nothing here.

Readers of a log compare them with the transactions that are open now. After a restore on a younger server they would
wait for its numbers to catch up, and pass by whatever is written meanwhile. So what was written elsewhere is moved
below every number of this server, in the same order, cursors with it.
"""

import logging

from sqlalchemy import MetaData, func, select, text
from sqlmodel import Session

log = logging.getLogger(__name__)


def settle(session: Session, metadata: MetaData) -> int:
    """Move what another server wrote below this server's transactions; how many tables that concerned."""
    connection = session.connection()
    tables = [table for table in metadata.sorted_tables if "xact" in table.columns]
    newest = max((connection.execute(select(func.max(table.c.xact))).scalar() or 0) for table in tables)
    open_now = connection.execute(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")).scalar_one()
    if newest < open_now:
        return 0
    log.warning("the database comes from another server: its logs are put before everything written here")
    for table in tables:
        connection.execute(table.update().values(xact=table.c.xact - newest - 1))
    return len(tables)
