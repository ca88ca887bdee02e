"""People's phones: they receive texts, a test expects them, a person or a test answers."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hw_fixtures.network.handset import Handset
from modem_drivers import pdu

if TYPE_CHECKING:
    from hw_fixtures.network.world import Network


@dataclass(frozen=True, slots=True)
class Text:
    """A text as a phone shows it: whole, whatever the number of its parts."""

    sender: str
    text: str
    at: datetime


class Phone(Handset):
    """One phone on the network: its texts, beside the calls of a Handset.

    `inbox` holds every text in the order of arrival; switch `on` off to be away.
    """

    def __init__(self, number: str, network: "Network") -> None:
        super().__init__(number, network.exchange)
        self.inbox: list[Text] = []
        self.on_text: list[Callable[[Text], None]] = []
        self._network = network
        self._reassembler = pdu.Reassembler()
        self._unread: list[Text] = []
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def on(self) -> bool:
        """Whether the phone can be reached; texts wait at the message centre while it cannot."""
        return self._reachable

    @on.setter
    def on(self, on: bool) -> None:
        self._reachable = on
        if on:
            self._network.centre.dispatch()

    def take(self, hexed: str) -> bool:
        """Called by the message centre with an SMS-DELIVER PDU; False when the phone is off."""
        if not self._reachable:
            return False
        now = self._network.now()
        whole = self._reassembler.add(pdu.decode_deliver(hexed), now)
        if whole is not None:
            text = Text(whole.sender.number, whole.text or "", now)
            self.inbox.append(text)
            self._unread.append(text)
            for tell in self.on_text:
                tell(text)
            for tell_world in self._network.on_text:
                tell_world(self.number, text)
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)
        return True

    def send(self, to: str, text: str) -> None:
        """Text a number: another phone or the SIM of an attached modem. Raises PduError for what is no number."""
        self._network.centre.originate(self.number, to, text)

    def reply(self, text: str) -> None:
        """Text the sender of the last text that came; LookupError before the first one."""
        if not self.inbox:
            raise LookupError(f"expected {self.number} to have had a text to reply to, got none yet; wait for one")
        self.send(self.inbox[-1].sender, text)

    async def expect(self, contains: str | re.Pattern[str], timeout: float) -> Text:  # noqa: ASYNC109
        """The oldest unread text that matches, read from now on; waits up to `timeout` seconds.

        AssertionError names the unread texts that came instead.
        """
        pattern = re.compile(re.escape(contains)) if isinstance(contains, str) else contains
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            for text in self._unread:
                if pattern.search(text.text):
                    self._unread.remove(text)
                    return text
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait_for(waiter, deadline - loop.time())
            except TimeoutError:
                came = "; ".join(repr(text.text) for text in self._unread) or "nothing"
                raise AssertionError(
                    f"expected a text to {self.number} with {pattern.pattern!r} within {timeout} s, got {came}"
                ) from None
            finally:
                self._waiters.discard(waiter)
