"""Machines that post by CoAP as a device does: confirmable, retransmitted, sent again until they hear 2.04."""

import asyncio
import itertools
import json
import time

from tests.fleet.ingest.coap.datagrams import ACK, CON, POST, Socket, device, message, target

MOST = 20
"""Messages in one post: it fits a datagram."""
RETRANSMIT = 0.4
"""Seconds before the same datagram is sent again; a real device waits 2."""
ATTEMPTS = 4
"""Before the device gives up on this exchange and begins a new one."""


class CoapPublisher:
    """One device that posts telemetry: message k has the id `k`, so whoever counts can find each one again."""

    present_lost = 0  # CoAP has no sessions

    def __init__(self, name: str, token: str, url: str, rate: float) -> None:
        """`rate`: messages per second."""
        self.name, self._token, self._url, self._rate = name, token, url, rate
        self.sent = 0
        self.acknowledged: set[int] = set()
        self._mids = itertools.count(1)

    @property
    def unacknowledged(self) -> int:
        """How many messages wait for their answer."""
        return self.sent - len(self.acknowledged)

    async def run(self, until: asyncio.Event) -> None:
        """Post until `until` is set, then only until everything is acknowledged."""
        start = time.monotonic()
        async with device(self._url) as socket:
            while not (until.is_set() and not self.unacknowledged):
                if not until.is_set():
                    self.sent = max(self.sent, int((time.monotonic() - start) * self._rate) + 1)
                if self.unacknowledged:
                    await self._post(socket)
                await asyncio.sleep(0.02)

    async def _post(self, socket: Socket) -> None:
        first = len(self.acknowledged)  # they are acknowledged in order
        numbers = range(first, min(self.sent, first + MOST))
        body = [{"id": str(n), "values": {"temperature": 3.5, "n": n}} for n in numbers]
        mid = next(self._mids) % 65536
        token = mid.to_bytes(2, "big")
        packet = message(POST, target(self._token, self.name), json.dumps(body).encode(), mid=mid, token=token)
        for _ in range(ATTEMPTS):
            socket.send(packet)
            if await self._answer(socket, token) == "2.04":
                self.acknowledged.update(numbers)
                return

    async def _answer(self, socket: Socket, token: bytes) -> str:
        """The code of the answer to `token`; an empty acknowledgement is none. Empty when nothing comes in time."""
        try:
            async with asyncio.timeout(RETRANSMIT):
                while True:
                    answer = await socket.next()
                    if answer.kind == CON:  # a separate answer is acknowledged, this one's or an old one's
                        socket.send(bytes((0x40 | ACK << 4, 0)) + answer.mid.to_bytes(2, "big"))
                    if answer.token == token and answer.code != "0.00":
                        return answer.code
        except TimeoutError:
            return ""
