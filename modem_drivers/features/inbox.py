"""Texts and reports that arrive. A text is deleted from the modem only after its consumer has it."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from modem_drivers import pdu
from modem_drivers.at import params
from modem_drivers.at.events import Unsolicited
from modem_drivers.at.parsers.memories import place
from modem_drivers.errors import CommandRefused, ModemError, PduError, PortGone
from modem_drivers.session import Response, Session
from modem_drivers.tasks import ends_this_task

_log = logging.getLogger(__name__)

_RECEIVED: Final = ("0", "1")  # unread and read; 2 and 3 are texts of ours (TS 27.005 clause 3.1)
_STATUS_REPORT: Final = 2  # TP-MTI, TS 23.040 clause 9.2.3.1
MAX_WAITING: Final = 1024
"""Most announcements kept; past it stored texts are found by a sweep, direct ones are dropped and counted."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One received PDU with the place it was read from; memory "" and index -1 where it came directly."""

    memory: str
    index: int
    deliver: pdu.Deliver
    pdu: str


@dataclass(frozen=True, slots=True)
class _Slot:
    memory: str
    index: int


@dataclass(frozen=True, slots=True)
class _Direct:
    pdu: str


@dataclass(frozen=True, slots=True)
class _Sweep:
    done: asyncio.Future[None]


class Inbox:
    """Takes in what the modem announces, one thing at a time, in order.

    A consumer that raises keeps its text in the modem, or here where it came directly; the next sweep
    brings it again. A PDU that cannot be read goes to `on_unreadable` under the same rule; without one it
    stays and is counted in `unreadable`; `dropped` counts direct texts that came too fast, `full` how often the
    modem said that its memory is.
    """

    def __init__(self, session: Session) -> None:
        self.on_message: Callable[[Stored], Awaitable[None]] | None = None
        self.on_report: Callable[[pdu.StatusReport], Awaitable[None]] | None = None
        self.on_unreadable: Callable[[str, PduError], Awaitable[None]] | None = None
        self.memories: tuple[str, ...] = ()
        self.unreadable = 0
        self.dropped = 0
        self.full = 0
        self._session = session
        self._memory = ""
        self._waiting: asyncio.Queue[_Slot | _Direct | _Sweep] = asyncio.Queue()
        self._missed = False
        self._kept: deque[str] = deque(maxlen=MAX_WAITING)
        self._undeleted: dict[_Slot, str] = {}
        self._worker: asyncio.Task[None] | None = None
        self._stops: list[Callable[[], None]] = []

    async def begin(self) -> None:
        """Starts taking in what the modem announces."""
        if self._worker is None:
            listen = self._session.listen
            self._stops = [
                listen("+CMTI", self._announced),
                listen("+CDSI", self._announced),
                listen("+CMT", self._direct),
                listen("+CDS", self._direct),
                listen("+QIND", self._full),
                listen("+SMS FULL", self._full),
            ]
            self._worker = asyncio.create_task(self._work(), name="modem inbox")

    async def stop(self) -> None:
        """Stops; what is still in the modem stays there for the next start."""
        for stop in self._stops:
            stop()
        self._stops = []
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            if worker is not asyncio.current_task():  # a consumer may close its own modem
                await asyncio.wait([worker])
        while not self._waiting.empty():
            _finish(self._waiting.get_nowait(), self._stopped())

    async def sweep(self) -> None:
        """Reads everything stored, in all memories (3GPP TS 27.005 clause 4.1), and returns when it is handed over.

        Raises PortGone, also where it was not started, CommandTimeout and CommandRefused; a consumer's fault is logged,
        its text stays.
        """
        if self._worker is None:
            raise self._stopped()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Sweep(done))
        await done

    async def use_memory(self, memory: str, *, for_all: int = 1) -> None:
        """Makes `memory` the one that is read and deleted from; `for_all` names how many uses take it.

        3GPP TS 27.005 clause 3.2.2. Raises CommandRefused.
        """
        if memory != self._memory or for_all > 1:
            await self._session.command("+CPMS=" + ",".join([f'"{memory}"'] * min(for_all, 3)))
            self._memory = memory

    # -- announcements -------------------------------------------------------------------------------

    def _announced(self, event: Unsolicited) -> None:
        found = place(event.text)
        if found is None or found.index is None or not found.memory:
            _log.warning("%s without a place: reading all that is stored", event.name)
            self._enqueue(_Sweep(asyncio.get_running_loop().create_future()))
        else:
            self._enqueue(_Slot(found.memory, found.index))

    def _full(self, event: Unsolicited) -> None:
        """The memory is full: what is handed over and deleted now makes room for what waits at the network."""
        if event.name == "+QIND" and "smsfull" not in event.text.lower():
            return
        _log.warning("the memory for texts is full: reading all that is stored")
        self.full += 1
        self._enqueue(_Sweep(asyncio.get_running_loop().create_future()))

    def _direct(self, event: Unsolicited) -> None:
        if event.pdu is not None:
            self._enqueue(_Direct(event.pdu))

    def _enqueue(self, item: _Slot | _Direct | _Sweep) -> None:
        if self._waiting.qsize() < MAX_WAITING:
            self._waiting.put_nowait(item)
        elif isinstance(item, _Direct):
            self.dropped += 1
        else:
            self._missed = True

    # -- one at a time -------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            item = await self._waiting.get()
            try:
                await self._take(item)
            except asyncio.CancelledError:
                _finish(item, self._stopped())
                raise
            except ModemError as error:
                _log.warning("reading texts failed, the next sweep reads them again: %s", error)
                _finish(item, error)
            except Exception as error:
                _log.exception("reading texts failed")
                _finish(item, error)
            else:
                _finish(item, None)
            if self._missed and self._waiting.empty():
                self._missed = False
                self._enqueue(_Sweep(asyncio.get_running_loop().create_future()))

    async def _take(self, item: _Slot | _Direct | _Sweep) -> None:
        match item:
            case _Slot():
                await self._read(item)
            case _Direct():
                await self._hand_over(None, item.pdu)
            case _Sweep():
                await self._read_all()

    def _stopped(self) -> PortGone:
        return PortGone(self._session.transport.name, "closed by this program")

    async def _read(self, slot: _Slot) -> None:
        await self.use_memory(slot.memory)
        try:
            response = await self._session.command(f"+CMGR={slot.index}")
        except CommandRefused:
            return  # empty: a sweep was here first
        if response.pdus:
            await self._hand_over(slot, response.pdus[0])

    async def _read_all(self) -> None:
        for _ in range(len(self._kept)):
            await self._hand_over(None, self._kept.popleft())
        for memory in self.memories:
            await self.use_memory(memory)
            for slot, found in _listed(memory, await self._session.command("+CMGL=4")):
                await self._hand_over(slot, found)
        if self.memories:
            await self.use_memory(self.memories[0])

    async def _hand_over(self, slot: _Slot | None, found: str) -> None:
        """Gives one PDU to its consumer and then deletes it; a fault of the consumer leaves it in place."""
        if slot is None or self._undeleted.get(slot) != found:
            try:
                if not await self._consume(slot, found):
                    return
            except (Exception, asyncio.CancelledError) as fault:
                if ends_this_task(fault):
                    raise
                _log.exception("a received message was not taken; the next sweep brings it again")
                if slot is None:
                    self._kept.append(found)
                return
        if slot is not None:
            self._undeleted[slot] = found
            try:
                await self._session.command(f"+CMGD={slot.index}")
            except CommandRefused as error:
                _log.warning("a text that was taken stays in the modem, the next sweep deletes it: %s", error)
            else:
                del self._undeleted[slot]

    async def _consume(self, slot: _Slot | None, found: str) -> bool:
        """Whether somebody has taken the PDU."""
        try:
            if pdu.message_type(found) == _STATUS_REPORT:
                report = pdu.decode_status_report(found)
                if self.on_report is not None:
                    await self.on_report(report)
                return True
            deliver = pdu.decode_deliver(found)
        except PduError as error:
            self.unreadable += 1
            if self.on_unreadable is None:
                _log.warning("a received PDU cannot be read and stays in the modem: %s", error)
                return False
            await self.on_unreadable(found, error)
            return True
        if self.on_message is None:
            return False
        where = slot or _Slot("", -1)
        await self.on_message(Stored(where.memory, where.index, deliver, found))
        return True


def _finish(item: _Slot | _Direct | _Sweep, error: Exception | None) -> None:
    """Tells whoever waits for a sweep how it ended."""
    if isinstance(item, _Sweep) and not item.done.done():
        if error is None:
            item.done.set_result(None)
        else:
            item.done.set_exception(error)
            item.done.exception()  # nobody may wait for a sweep the modem asked for


def _listed(memory: str, response: Response) -> list[tuple[_Slot, str]]:
    """The received messages of an AT+CMGL answer with their places."""
    slots = []
    for line, found in zip(response.lines, response.pdus, strict=True):
        fields = params.values(line.partition(":")[2])
        index = params.number(fields[0]) if fields else None
        if index is not None and index >= 0 and len(fields) > 1 and fields[1] in _RECEIVED:
            slots.append((_Slot(memory, index), found))
    return slots
