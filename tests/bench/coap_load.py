"""A load of confirmable CoAP requests, one under way for each client (NSTART, RFC 7252 §4.7)."""

import asyncio
import time
from contextlib import AsyncExitStack

from tests.bench.load import PADDING, Measured
from tests.fleet.ingest.coap.datagrams import CON, FORMAT, Socket, device, message, target

RESEND_S = 2.0
"""ACK_TIMEOUT (§4.8): after it the same datagram is sent again."""
JSON = b"\x32"
CHANGED, CREATED = 0x44, 0x41
CONFIRMABLE, EMPTY_ACK = 0x42, 0x60
"""First bytes: version 1, type, length of the token."""


class Client:
    """One device: sends its next message when the one before is answered 2.04."""

    def __init__(self, socket: Socket, code: int, name: str, token: str, measured: Measured) -> None:
        """`code`: POST for the service; PUT for a server that takes nothing else."""
        self._socket, self._name, self._measured = socket, name, measured
        self._options = message(code, [*target(token, name), (FORMAT, JSON)], mid=0, token=b"")[4:]
        self._start = bytes((CONFIRMABLE, code))
        self._mid = -1
        self.stopped = False

    async def run(self) -> None:
        """Send until `stopped`."""
        while not self.stopped:
            due = time.perf_counter()
            await self.send()
            self._measured.latencies.append(time.perf_counter() - due)
            self._measured.acknowledged += 1

    async def send(self) -> None:
        """Send one message and return when it is answered."""
        self._mid += 1
        mid = (self._mid & 0xFFFF).to_bytes(2, "big")
        payload = (
            f'{{"id":"{self._name}-{self._mid}","values":{{"temperature":4.5,"door":false,'
            f'"stock":{self._mid % 40},"note":"{PADDING}"}}}}'
        )
        packet = self._start + mid + mid + self._options + b"\xff" + payload.encode()  # id and token alike
        while True:
            self._socket.send(packet)
            try:
                await self._answer(mid)
            except TimeoutError:
                continue
            return

    async def _answer(self, token: bytes) -> None:
        while True:
            answer = await self._socket.raw(within=RESEND_S)
            if answer[0] >> 4 & 3 == CON:
                self._socket.send(bytes((EMPTY_ACK, 0)) + answer[2:4])
            if answer[4:6] == token:  # an empty ACK is shorter
                assert answer[1] in (CHANGED, CREATED), f"refused: {answer!r}"
                return


async def posts(url: str, code: int, tokens: dict[str, str], seconds: float) -> Measured:
    """Every device of `tokens` has one message under way for `seconds`."""
    measured = Measured()
    async with AsyncExitStack() as stack:
        clients = [
            Client(await stack.enter_async_context(device(url)), code, name, token, measured)
            for name, token in tokens.items()
        ]
        for client in clients:
            await client.send()  # whatever is done once for a device is not measured
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.run())
            await asyncio.sleep(seconds)
            measured.seconds = time.perf_counter() - started
            counted = measured.acknowledged
            for client in clients:
                client.stopped = True
    measured.acknowledged = counted
    return measured
