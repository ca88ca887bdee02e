"""What happens to a payload, step by step, whichever way it came in:

1. a way in has settled who sends it (`senders`) and hands it over: `Pipeline.take`
2. decode it (`decoders`); what cannot be read becomes a dead letter with the reason
3. make records of it: identity, time that counts (`telemetry.messages`)
4. gather it with what else arrives while the batch before is being committed
5. commit the batch: messages and dead letters in one transaction, on disk (`telemetry.history`)
6. tell each receiver how many of its payloads are committed, in order: only now is anything acknowledged

When storage fails nothing is acknowledged: `failed` ends the connection, the device keeps its data and comes back.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from fleet.context import Context
from fleet.errors import FleetError, Unavailable
from fleet.ingest.decoders import Format, Undecodable, cbor_messages, json_messages
from fleet.ingest.senders import Sender
from fleet.telemetry.history import History, SqlHistory
from fleet.telemetry.messages import Letter, Packet, Record, Window, record
from fleet.telemetry.models import Kind

MAX_PAYLOAD = 65_536
"""Bytes; a longer one becomes a dead letter."""
MAX_BATCH = 1000
"""Payloads and messages in one commit, roughly: more would hold up everybody else who writes."""
LINGER = 0.002
"""Seconds to gather after a commit that had more than one payload; when it is quiet nothing waits."""
FULL = 32 * 1024 * 1024
"""Bytes that may be gathered and uncommitted before the ways in must wait."""
OVERHEAD = 512
"""Bytes a gathered payload costs beside itself, roughly."""
DECODERS = {Format.JSON: json_messages.decode, Format.CBOR: cbor_messages.decode}

log = logging.getLogger(__name__)


class Receiver(Protocol):
    """Who hears what became of payloads: called on the event loop, in the order in which they were taken."""

    def committed(self, count: int) -> None:
        """The next `count` of yours are on disk."""

    def failed(self, reason: str, *, superseded: bool = False) -> None:
        """One of yours is not stored, and what you hand in later may be: acknowledge nothing more.

        `superseded`: because another connection has your session.
        """


class Inbound(Struct, frozen=True):
    """A payload with all that is known of it."""

    sender: Sender
    way: str
    kind: Kind
    topic: str
    payload: bytes
    format: Format = Format.JSON
    occasion: str = ""
    """What makes its messages the same when it comes again, in place of what they say themselves (a will)."""


class Item(Struct, eq=False):
    """A payload on its way through: either its records or its dead letter."""

    inbound: Inbound
    receiver: Receiver
    records: list[Record]
    letter: Letter | None = None
    packet: Packet | None = None
    """The QoS 2 packet id that came with it, or is released."""
    refuses: bool = False
    """A dead letter is refused to the device, which ends the packet id with it."""


class Pipeline:
    """Takes payloads, commits them in batches; `run` must be running."""

    def __init__(self, context: Context, history: History | None = None) -> None:
        self._history = history or SqlHistory(context.database)
        self._clock, self._metrics = context.clock, context.metrics
        ingest = context.settings.ingest
        self._window = Window(int(ingest.clock_skew_s * 1000), int(ingest.clock_ahead_s * 1000))
        self._gathered: list[Item] = []
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._size = 0
        self._since = 0.0
        self._relief: set[Callable[[], None]] = set()

    @property
    def full(self) -> bool:
        """True while too much waits for its commit: take in nothing more, and ask `when_relieved` to be called."""
        return self._size > FULL

    def when_relieved(self, call: Callable[[], None]) -> None:
        """Call this once when there is room again."""
        self._relief.add(call)

    def take(
        self, inbound: Inbound, receiver: Receiver, packet: Packet | None = None, *, refuses: bool = False
    ) -> Item:
        """Steps 2 to 4. `receiver` hears of it later; the item's `letter`, if any, says what was wrong."""
        item = Item(inbound, receiver, [], None, packet, refuses)
        try:
            item.records = self._records(inbound)
        except Undecodable as error:
            item.letter = self._letter(inbound, str(error))
        self._gather(item)
        return item

    def bury(self, inbound: Inbound, reason: str, receiver: Receiver) -> None:
        """Keep a payload as a dead letter without reading it: its way in found something wrong with it."""
        self._gather(Item(inbound, receiver, [], self._letter(inbound, reason)))

    def release(self, sender: Sender, way: str, packet: Packet, receiver: Receiver) -> Item:
        """Forget a QoS 2 packet id, in its turn among the payloads; `receiver` hears of it as of one of them."""
        item = Item(Inbound(sender, way, Kind.TELEMETRY, "", b""), receiver, [], None, packet)
        self._gather(item)
        return item

    def _gather(self, item: Item) -> None:
        if not self._gathered:
            self._since = self._clock.monotonic()
            self._arrived.set()
            self._idle.clear()
        self._gathered.append(item)
        self._size += len(item.inbound.payload) + OVERHEAD

    async def run(self) -> None:
        """Steps 5 and 6, for ever."""
        busy = False
        while True:
            await self._arrived.wait()
            if busy:
                await asyncio.sleep(LINGER)
            items = self._next_batch()
            since, self._since = self._since, self._clock.monotonic()
            if not self._gathered:
                self._arrived.clear()
            busy = len(items) > 1
            try:
                await self._commit(items)
            finally:
                self._size -= sum(len(item.inbound.payload) + OVERHEAD for item in items)
            self._metrics.commits.observe(self._clock.monotonic() - since)
            self._relieve()
            if not self._gathered:
                self._idle.set()

    async def drained(self) -> None:
        """Return when all that was taken is committed or failed."""
        await self._idle.wait()

    async def close(self) -> None:
        """Fail what is still gathered: the service stops."""
        items, self._gathered = self._gathered, []
        self._fail(items, "the service stops")

    def _records(self, inbound: Inbound) -> list[Record]:
        size = len(inbound.payload)
        if size > MAX_PAYLOAD:
            raise Undecodable(f"expected a payload of at most {MAX_PAYLOAD} bytes, got {size}")
        received_ms = int(self._clock.now().timestamp() * 1000)
        sender = inbound.sender
        return [
            record(
                sender.account_id,
                sender.key,
                inbound.kind,
                message.content,
                identifier=f"{inbound.occasion} {at}" if inbound.occasion else message.identifier,
                device_ms=message.device_ms,
                received_ms=received_ms,
                window=self._window,
            )
            for at, message in enumerate(DECODERS[inbound.format](inbound.kind, inbound.payload))
        ]

    def _letter(self, inbound: Inbound, reason: str) -> Letter:
        sender = inbound.sender
        return Letter(
            sender.account_id,
            sender.name,
            inbound.way,
            _storable(inbound.topic),
            inbound.payload,
            _storable(reason),
            self._clock.now(),
        )

    def _next_batch(self) -> list[Item]:
        rows = end = 0
        while end < len(self._gathered) and rows < MAX_BATCH:
            rows += max(len(self._gathered[end].records), 1)
            end += 1
        items, self._gathered = self._gathered[:end], self._gathered[end:]
        return items

    async def _commit(self, items: list[Item]) -> None:
        """Store `items` and tell their receivers. One that can never be stored does not keep back its neighbours."""
        try:
            appended = await self._history.append(*_joined(items))
        except Unavailable as error:
            log.error("nothing is acknowledged: %s", error)
            self._fail(items, str(error))
        except Exception as error:
            await self._isolate(items, error)
        else:
            self._metrics.duplicates.inc(appended.duplicates)
            self._metrics.conflicts.inc(appended.conflicts)
            self._tell(self._supersede(items, appended.superseded) if appended.superseded else items)

    async def _isolate(self, items: list[Item], error: Exception) -> None:
        """Find the item that `error` is about by halves; alone, it becomes a dead letter."""
        if len(items) > 1:
            middle = len(items) // 2
            await self._commit(items[:middle])
            await self._commit(items[middle:])
        elif items[0].letter is None:
            known = isinstance(error, FleetError)
            log.log(logging.WARNING if known else logging.ERROR, "a dead letter: %s", error, exc_info=not known)
            reason = str(error) if known else f"expected a message that can be stored, got {type(error).__name__}"
            items[0].letter, items[0].records = self._letter(items[0].inbound, reason), []
            await self._commit(items)
        else:
            log.error("a dead letter cannot be stored", exc_info=error)
            self._fail(items, "expected to store a dead letter, got an error")

    def _supersede(self, items: list[Item], lost: Collection[UUID]) -> list[Item]:
        """End the connections that have lost their session; what came on others."""
        ended = {item.receiver for item in items if item.packet is not None and item.packet.holder in lost}
        for receiver in ended:
            receiver.failed("the same client connected anew", superseded=True)
        return [item for item in items if item.receiver not in ended]

    def _tell(self, items: list[Item]) -> None:
        counts: dict[Receiver, int] = {}
        ways: dict[str, int] = {}
        for item in items:
            counts[item.receiver] = counts.get(item.receiver, 0) + 1
            way = item.inbound.way
            if item.letter is None:
                ways[way] = ways.get(way, 0) + len(item.records)
            else:
                self._metrics.dead_letters.labels(way).inc()
        for way, count in ways.items():
            self._metrics.messages.labels(way).inc(count)
        for receiver, count in counts.items():
            try:
                receiver.committed(count)
            except Exception:
                log.exception("a receiver failed; the others hear of their commits")
                receiver.failed("a fault in the service")

    def _fail(self, items: list[Item], reason: str) -> None:
        for receiver in {item.receiver: None for item in items}:
            receiver.failed(reason)

    def _relieve(self) -> None:
        if self._relief and not self.full:
            calls, self._relief = self._relief, set()
            for call in calls:
                call()


def _storable(text: str) -> str:
    """`text` as any database can hold it: a dead letter that cannot be stored would come again for ever."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def _joined(items: list[Item]) -> tuple[list[Record], list[Letter], list[Packet]]:
    records: list[Record] = []
    letters: list[Letter] = []
    packets: list[Packet] = []
    for item in items:
        first = len(records)
        records += item.records
        if item.letter is not None:
            letters.append(item.letter)
        if item.packet is not None and not (item.refuses and item.letter is not None):
            packets.append(replace(item.packet, records=(first, len(records))))
    return records, letters, packets
