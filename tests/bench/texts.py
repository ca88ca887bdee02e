"""What is measured of a program that moves texts: on a stand of its own, by the clock at the modem's line."""

import asyncio
import math
import random
import selectors
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.peer import Peer
from tests.peers.stand import ALICE, OWN, Stand, stand

SLOW_S = 0.2
"""Seconds the network takes for a text in the second burst: 5 texts a second is the most there can be."""
AT_ONCE = 20
LAST_WORD_S = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How many texts of each kind a round has, and how long something that does not come is waited for.

    `away`: how long the port is gone; `back_within` 0: it stays.
    """

    burst: int
    slow: int
    single: int
    inbound: int
    pause: float
    within: float
    away: float
    back_within: float


@dataclass(slots=True)
class Measured:
    """What came of a round: texts a second, seconds of each text, texts of AT_ONCE, seconds, CPU seconds a text.

    None is what was not measured.
    """

    rate: float | None = None
    slow_rate: float | None = None
    queued: list[float] = field(default_factory=list)
    inbound: list[float] = field(default_factory=list)
    at_once: float | None = None
    back: float | None = None
    cpu: float | None = None


def percentile(sample: Sequence[float], share: float) -> float | None:
    """The value that so great a share does not exceed; None of nothing."""
    return sorted(sample)[min(len(sample) - 1, int(len(sample) * share))] if sample else None


async def one_round(make: Callable[[Path, Path], Peer], plan: Plan) -> Measured:
    """Everything once, with a program started afresh on a modem of its own."""
    with tempfile.TemporaryDirectory(prefix="sms-bench-") as name:
        folder = Path(name)
        (folder / "peer").mkdir()
        async with stand(folder / "modem") as bench:
            trial = Trial(bench, make(folder / "modem", folder / "peer"), plan)
            try:
                await trial.peer.start()
                await trial.run()
            finally:
                await trial.peer.stop()
            return trial.measured


class Punctual(selectors.SelectSelector):
    """For the loop that serves the modem: its timers are on time, so that only the measured program is late.

    select() waits to the microsecond, where epoll rounds up to whole milliseconds; the last of it is waited for awake,
    as a core that sleeps takes long to wake up.
    """

    AWAKE_S = 0.0005

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See selectors.BaseSelector."""
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        until = time.monotonic() + timeout
        found = super().select(max(0, timeout - self.AWAKE_S))
        while not found and time.monotonic() < until:
            found = super().select(0)
        return found


class Trial:
    """One program on one stand. What it does not manage within the plan's time stays unmeasured."""

    def __init__(self, bench: Stand, peer: Peer, plan: Plan) -> None:
        self.bench, self.peer, self.plan, self.measured = bench, peer, plan, Measured()
        self._random = random.Random(27005)

    async def run(self) -> None:
        """All of it; what cannot fail for good comes first."""
        await self._burst(1)  # until now it may still have been setting the modem up
        cpu = self.peer.cpu_seconds()
        self.measured.rate = await self._burst(self.plan.burst)
        self.measured.cpu = (self.peer.cpu_seconds() - cpu) / self.plan.burst
        self.bench.modem.cmgs_latency = SLOW_S
        self.measured.slow_rate = await self._burst(self.plan.slow)
        self.bench.modem.cmgs_latency = 0
        await self._singles()
        if self.peer.listens:
            await self._inbound()
            await self._at_once()
        if self.plan.back_within:
            await self._replug()

    async def _burst(self, count: int) -> float | None:
        """Texts a second of so many that are handed over at once, 0 where they are not all taken; None for one."""
        before = len(self.bench.taken.at)
        sending = asyncio.create_task(self._insist([f"Cooling fault at site {n}" for n in range(count)]))
        all_taken = await self.bench.taken.count(before + count, count * self.plan.within)
        await _ended(sending)
        taken = self.bench.taken.at[before:]
        if count == 1:
            return None
        return (count - 1) / (taken[-1] - taken[0]) if all_taken else 0.0

    async def _singles(self) -> None:
        for _ in range(self.plan.single):
            before = len(self.bench.asked.at), len(self.bench.taken.at)
            handed = await self.peer.send(ALICE, ["Cooling fault"])
            if not await self.bench.taken.count(before[1] + 1, self.plan.within):
                return
            self.measured.queued.append(self.bench.asked.at[before[0]] - handed[0])
            await self._pause()

    async def _inbound(self) -> None:
        for number in range(self.plan.inbound):
            before = len(self.bench.announced.at)
            self.bench.phone.send(OWN, f"{number}A")
            if not await self._received(f"{number}A"):
                return
            self.measured.inbound.append(self._last.at - self.bench.announced.at[before])
            await self._pause()

    async def _pause(self) -> None:
        """Of a length that no program's own rhythm can meet each time."""
        await asyncio.sleep(self._random.uniform(0, 2 * self.plan.pause))

    async def _received(self, wanted: str) -> bool:
        """Whether the text came."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.plan.within):
                while True:
                    self._last = await self.peer.received.get()
                    if self._last.text.strip() == wanted:
                        return True
        return False

    async def _at_once(self) -> None:
        for number in range(AT_ONCE):
            self.bench.phone.send(OWN, f"at once {number}")
        got = set[str]()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.plan.within):
                while len(got) < AT_ONCE:
                    got.add((await self.peer.received.get()).text.strip())
        self.measured.at_once = sum(text.startswith("at once ") for text in got)

    async def _replug(self) -> None:
        """Seconds from the return of the port to the text that waited for it."""
        self.bench.served.unplug()
        await asyncio.sleep(self.plan.away)
        before = len(self.bench.taken.at)
        sending = asyncio.create_task(self._insist(["Still cooling"]))
        self.bench.served.plug()
        plugged = time.monotonic()
        came = await self.bench.taken.count(before + 1, self.plan.back_within)
        self.measured.back = self.bench.taken.at[before] - plugged if came else math.inf
        await _ended(sending)

    async def _insist(self, texts: list[str]) -> None:
        """Again where the program itself gives up, which only gammu does."""
        while True:
            try:
                await self.peer.send(ALICE, texts)
            except AssertionError:
                await asyncio.sleep(0.05)
            else:
                return


async def _ended(sending: asyncio.Task[None]) -> None:
    """Until the program has heard what the modem has said, if it still listens."""
    await asyncio.wait([sending], timeout=LAST_WORD_S)
    sending.cancel()
    await asyncio.wait([sending])
