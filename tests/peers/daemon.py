"""A program that runs on and puts what comes in into folders."""

import asyncio

from tests.peers.peer import Peer
from tests.peers.program import Program


class Daemon(Peer):
    """`start` sets `_program`, and the tasks that watch its folders."""

    _program: Program | None = None
    _watchers: list[asyncio.Task[None]]

    async def stop(self) -> None:
        """See Peer."""
        if self._program is not None:
            for watcher in self._watchers:
                watcher.cancel()
            await asyncio.gather(*self._watchers, return_exceptions=True)
            await self._program.end()

    def cpu_seconds(self) -> float:
        """See Peer."""
        return self._program.cpu_seconds() if self._program is not None else 0.0
