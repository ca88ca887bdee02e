"""What a broker delivered, on its way to the pipeline: in order, bounded, acknowledged after its commit."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from uuid import UUID

from fleet.errors import Unavailable
from fleet.ids import NAME
from fleet.ingest.mqtt.link import Link, Message
from fleet.ingest.mqtt.topics import LEAVES
from fleet.ingest.pipeline import Inbound, Pipeline
from fleet.ingest.senders import Sender
from fleet.telemetry.models import Kind

WINDOW_SIZE = 8 * 1024 * 1024
"""Bytes of payload that may be taken from the broker and uncommitted."""
TOPIC = 256
"""Characters of a topic that are kept in a dead letter."""

log = logging.getLogger(__name__)

Senders = Callable[[Iterable[str]], Awaitable[Mapping[str, Sender]]]
"""The devices of these names, those that exist; raises Unavailable."""


class Intake:
    """The receiver of one connection's messages: a new connection gets a new one, and what the old had comes again."""

    def __init__(self, pipeline: Pipeline, senders: Senders, account_id: UUID, window: int) -> None:
        self._pipeline, self._senders, self._account_id, self._window = pipeline, senders, account_id, window
        self._arrived: deque[Message] = deque()
        self._taken: deque[Message] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self.link: Link | None = None

    def arrived(self, messages: list[Message]) -> None:
        """The broker delivered these."""
        self._arrived.extend(messages)
        self._size += sum(len(message.payload) for message in messages)
        self._news.set()
        self._throttle()

    async def run(self) -> None:
        """Hand on what arrives, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            names = {name for message in self._arrived if (name := _device(message.topic))}
            try:
                senders = await self._senders(names)
            except Unavailable as error:
                self.failed(str(error))
                continue
            for _ in range(len(self._arrived)):
                message = self._arrived[0]
                name = _device(message.topic)
                if name and name not in names:
                    self._news.set()  # it came while the names were looked up
                    break
                self._taken.append(self._arrived.popleft())
                self._take(message, senders.get(name))

    # what the pipeline calls

    def committed(self, count: int) -> None:
        for _ in range(count):
            message = self._taken.popleft()
            self._size -= len(message.payload)
            if self.link is not None:
                self.link.ack(message)
        self._throttle()

    def failed(self, reason: str, *, superseded: bool = False) -> None:
        link, self.link = self.link, None  # acknowledge nothing more
        if link is not None:
            link.end(reason)

    def _take(self, message: Message, sender: Sender | None) -> None:
        leaf = message.topic.rpartition("/")[2]
        topic = message.topic[:TOPIC]
        if sender is not None:
            self._pipeline.take(Inbound(sender, "broker", LEAVES[leaf], topic, message.payload), self)
            return
        name = _device(message.topic)
        what = f"a device that exists, got {name!r}: add it" if name else "devices/{id}/telemetry or /events as topic"
        nobody = Sender(self._account_id, self._account_id, 0, name, None)
        inbound = Inbound(nobody, "broker", Kind.TELEMETRY, topic, message.payload)
        self._pipeline.bury(inbound, f"expected {what}", self)

    def _throttle(self) -> None:
        """Read from the broker exactly while what comes can be taken in."""
        if self.link is None:
            return
        full = self._pipeline.full
        if full:
            self._pipeline.when_relieved(self._throttle)
        self.link.pause(full or self._size > WINDOW_SIZE or len(self._arrived) + len(self._taken) >= self._window)


def _device(topic: str) -> str:
    """The name in a topic that is one of ours; else empty."""
    levels = topic.split("/")
    fits = len(levels) == 3 and levels[0] == "devices" and levels[2] in LEAVES and NAME.fullmatch(levels[1])
    return levels[1] if fits else ""
