"""The port through which messages enter the history, and its SQL adapter."""

from collections.abc import Sequence
from typing import Protocol

from sqlmodel import Session

from fleet.db import Database, Isolation
from fleet.telemetry import taken
from fleet.telemetry.messages import Letter, Packet, Record
from fleet.telemetry.names import Names
from fleet.telemetry.store import Appended, append


class History(Protocol):
    """Takes batches of messages and dead letters; what it has taken survives a power cut."""

    async def append(
        self, records: Sequence[Record], letters: Sequence[Letter], packets: Sequence[Packet] = ()
    ) -> Appended:
        """Store all of it or nothing, and return once it is on disk. Each (device, identity) is stored once.

        Records of a packet that is taken already, by the same content, are left out as duplicates; those of a packet
        whose connection is superseded are left out and named.
        Raises Unavailable when storage fails (try again later) and Invalid when a record can never be kept.
        """
        ...


class SqlHistory:
    """The history in the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: Names = {}

    async def append(
        self, records: Sequence[Record], letters: Sequence[Letter], packets: Sequence[Packet] = ()
    ) -> Appended:
        known = self._names

        def work(tx: Session) -> tuple[Appended, Names]:
            if not packets:
                return append(tx, records, letters, known)
            once = taken.once(tx.connection(), records, packets)
            appended, new = append(tx, once.records, letters, known)
            duplicates = appended.duplicates + once.repeats
            return appended._replace(duplicates=duplicates, superseded=once.superseded), new

        appended, new = await self._database.write(work, Isolation.APPEND)
        if new:
            self._names = {**known, **new}  # only what is committed; replaced, so that no thread sees it grow
        return appended
