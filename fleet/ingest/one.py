"""One payload at a time, for ways in where each request has an answer of its own."""

import asyncio

from fleet.errors import Invalid, Unavailable
from fleet.ingest.pipeline import Inbound, Pipeline


class _Receiver:
    """Waits for one payload."""

    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def committed(self, count: int) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def failed(self, reason: str, *, superseded: bool = False) -> None:
        if not self.done.done():
            self.done.set_exception(Unavailable(reason))


async def store(pipeline: Pipeline, inbound: Inbound) -> None:
    """Return once the payload is on disk. Raises Unavailable (nothing is kept) and Invalid (it is a dead letter)."""
    if pipeline.full:
        raise Unavailable("expected room for another message, got a backlog: try again in a moment")
    receiver = _Receiver()
    item = pipeline.take(inbound, receiver)
    await receiver.done
    if item.letter is not None:
        raise Invalid(f"{item.letter.reason}; it is kept as a dead letter, correct what the device sends")
