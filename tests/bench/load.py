"""A load of QoS 1 publishes from many connections, and how long each PUBACK took."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from fleet.ingest.mqtt.codec import v311
from fleet.ingest.mqtt.codec.packets import Publish
from tests.fleet.ingest.mqtt.client import connect

PADDING = "x" * 90
"""Makes the payload about 195 bytes, a usual size for a machine with a handful of values."""


@dataclass
class Measured:
    """What a load came to."""

    acknowledged: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """Seconds from the moment a message was due to its PUBACK."""

    @property
    def rate(self) -> float:
        """Acknowledged messages per second."""
        return self.acknowledged / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the messages was acknowledged."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Machine(asyncio.Protocol):
    """One connection: sends with increasing packet ids, takes PUBACKs, which must come in that order."""

    def __init__(self, name: str, token: str, measured: Measured, window: int) -> None:
        """`window`: how many it keeps under way by itself; 0: only what `send` is called for."""
        self._name, self._token, self._measured, self._window = name, token, measured, window
        self._topic = f"devices/{name}/telemetry"
        self._due: deque[tuple[int, float]] = deque()
        self._count = 0
        self._rest = b""
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.stopped = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._transport.write(connect(self._name, self._name, self._token.encode()))

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        data = self._rest + data
        end = len(data) - len(data) % 4
        acknowledged = 0
        for at in range(0, end, 4):
            if data[at] == 0x40:
                expected, due = self._due.popleft()
                assert int.from_bytes(data[at + 2 : at + 4], "big") == expected, "out of order"
                self._measured.latencies.append(now - due)
                acknowledged += 1
            else:
                assert data[at : at + 4] == b"\x20\x02\x00\x00", f"refused: {data[at : at + 4].hex()}"
                self.ready.set_result(None)
        self._rest = data[end:]
        self._measured.acknowledged += acknowledged
        if self._window and acknowledged and not self.stopped:
            self.send([now] * acknowledged)

    def connection_lost(self, exc: Exception | None) -> None:
        assert self.stopped, f"the connection of {self._name} ended: {exc}"

    def send(self, due: list[float]) -> None:
        """Send one message for each time at which one was due."""
        packets = []
        for at in due:
            self._count += 1
            packet_id = self._count % 65_535 + 1
            payload = (
                f'{{"id":"{self._name}-{self._count}","values":{{"temperature":4.5,"door":false,'
                f'"stock":{self._count % 40},"note":"{PADDING}"}}}}'
            )
            packets.append(v311.publish(Publish(self._topic, payload.encode(), 1, packet_id, False, False)))
            self._due.append((packet_id, at))
        self._transport.write(b"".join(packets))

    def start(self) -> None:
        """Fill the window."""
        self.send([time.perf_counter()] * self._window)

    @property
    def under_way(self) -> int:
        """Messages without their PUBACK."""
        return len(self._due)

    def close(self) -> None:
        """Leave."""
        self.stopped = True
        self._transport.close()


async def flat_out(port: int, tokens: dict[str, str], window: int, seconds: float) -> Measured:
    """Every connection keeps `window` messages under way."""
    measured = Measured()
    machines = await _connect(port, tokens, measured, window)
    started = time.perf_counter()
    for machine in machines:
        machine.start()
    await asyncio.sleep(seconds)
    measured.seconds = time.perf_counter() - started
    counted = measured.acknowledged
    await _finish(machines)
    measured.acknowledged = counted
    return measured


async def paced(port: int, tokens: dict[str, str], rate: float, seconds: float) -> Measured:
    """`rate` messages per second in all, each due at its own moment, whether or not the service keeps up."""
    measured = Measured()
    machines = await _connect(port, tokens, measured, 0)
    started = time.perf_counter()
    sent = 0
    while (now := time.perf_counter()) - started < seconds:
        while started + sent / rate <= now:
            machines[sent % len(machines)].send([started + sent / rate])
            sent += 1
        await asyncio.sleep(0.0005)
    await _finish(machines)
    measured.seconds = time.perf_counter() - started
    assert measured.acknowledged == sent, f"{sent} sent, {measured.acknowledged} acknowledged"
    return measured


async def _connect(port: int, tokens: dict[str, str], measured: Measured, window: int) -> list[Machine]:
    loop = asyncio.get_running_loop()
    machines = [Machine(name, token, measured, window) for name, token in tokens.items()]
    for machine in machines:
        await loop.create_connection(lambda machine=machine: machine, "127.0.0.1", port)  # type: ignore[misc]
        await machine.ready
    return machines


async def _finish(machines: list[Machine]) -> None:
    for machine in machines:
        machine.stopped = True
    async with asyncio.timeout(60):
        while any(machine.under_way for machine in machines):
            await asyncio.sleep(0.01)
    for machine in machines:
        machine.close()
    await asyncio.sleep(0)
