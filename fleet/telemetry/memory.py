"""A history in memory, for tests and rehearsals: passes the same contract as the real one, and fails on demand."""

import asyncio
from collections.abc import Sequence
from copy import copy

from fleet.telemetry import taken
from fleet.telemetry.messages import Letter, Packet, Record
from fleet.telemetry.store import Appended


class MemoryHistory:
    """Keeps what it is given. `failure` is raised by the next appends; while `gate` is cleared they wait."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.letters: list[Letter] = []
        self.conflicts: list[Record] = []
        self.batches: list[int] = []
        """How many records and letters each append brought."""
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.packets: dict[taken.Key, bytes] = {}
        """QoS 2 packet ids that are taken."""
        self._digests: dict[tuple[int, bytes], bytes] = {}

    async def append(
        self, records: Sequence[Record], letters: Sequence[Letter], packets: Sequence[Packet] = ()
    ) -> Appended:
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.packets, repeated = taken.apply(self.packets, packets)
        brought, records = len(records), [record for at, record in enumerate(records) if at not in repeated]
        digests = copy(self._digests)
        new: list[Record] = []
        conflicts: list[Record] = []
        for record in records:
            known = digests.setdefault((record.device_key, record.identity), record.digest)
            if known != record.digest:
                conflicts.append(record)
            elif len(digests) > len(self._digests) + len(new):
                new.append(record)
        self._digests = digests
        self.records += new
        self.letters += letters
        self.conflicts += [record for record in conflicts if record not in self.conflicts]
        self.batches.append(len(records) + len(letters))
        return Appended(len(new), brought - len(new) - len(conflicts), len(conflicts))
