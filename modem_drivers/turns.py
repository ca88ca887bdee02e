"""Whose turn it is on a line that takes one command at a time: the urgent first, the others in order."""

import asyncio
from collections import deque


class Turns:
    """A queue for one place. `take` waits for it, `give` hands it to the next."""

    __slots__ = ("_taken", "_urgent", "_waiting")

    def __init__(self) -> None:
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, *, urgent: bool = False) -> None:
        """Returns once it is the caller's turn; whoever is cancelled here has had none."""
        if not self._taken:
            self._taken = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._waiting).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it had come just before
                self.give()
            raise

    def give(self) -> None:
        """Ends the caller's turn."""
        for queue in (self._urgent, self._waiting):
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._taken = False
