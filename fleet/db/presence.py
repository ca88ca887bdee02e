"""Which processes are gone: each holds an advisory lock on its listening connection for as long as it lives.

The lock goes with the connection, so a death shows at once; a hiccup of the connection shows in the same way, so a
process counts as gone only once its lock is away for a while. It may live all the same, cut off or slow: whoever takes
something from it sees to it that what it still writes is refused.
"""

from collections.abc import Callable
from uuid import UUID

from sqlmodel import Session

from fleet.db import locks
from fleet.db.engine import Database
from fleet.errors import Unavailable

PATIENCE = 5.0
"""Real seconds without its lock after which a process is gone."""
SPARSE = 15.0
"""Real seconds after which an earlier look says nothing any more: this process itself was held up."""

Holders = Callable[[Session], set[UUID]]
"""The processes that hold something."""


class Absences:
    """The processes that are gone, as one process sees them; on SQLite there is no other."""

    def __init__(self, database: Database, process: UUID, monotonic: Callable[[], float]) -> None:
        """`process`: this one, which is never gone."""
        self._database, self._process, self._monotonic = database, process, monotonic
        self._since: dict[UUID, float] = {}
        self._looked = monotonic()

    async def gone(self, holders: Holders) -> set[UUID]:
        """Those of `holders` that have been away for PATIENCE, if asked time and again. Raises Unavailable."""
        if self._database.dialect == "sqlite":
            return set()
        try:
            absent = await self.now(holders)
        except Unavailable:
            self._since.clear()  # a server that was away has lost everybody's lock
            raise
        now = self._monotonic()
        if not self._database.present or now - self._looked > SPARSE:
            self._since.clear()
        self._looked = now
        self._since = {process: self._since.get(process, now) for process in absent}
        return {process for process, since in self._since.items() if now - since >= PATIENCE}

    async def now(self, holders: Holders) -> set[UUID]:
        """Those of `holders`, without this process, whose lock is away at this moment. Raises Unavailable."""
        return await self._database.read(lambda tx: locks.absent(tx, holders(tx) - {self._process}))

    async def alone(self) -> bool:
        """Whether no other process holds its lock. Raises Unavailable."""
        return await self._database.read(lambda tx: locks.sole_process(tx, self._process))
