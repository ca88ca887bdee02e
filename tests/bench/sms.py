"""Texts through a modem: ours and every peer that is installed, one after the other on the same simulated modem.

Each program runs as a process of its own on a pseudo-terminal; all times are taken at the modem's line. gammu,
gammu-smsd, smstools and kannel are Debian's; python-gsmmodem-new gets an environment of its own at the first run.
The bare line is a loop of reads and writes: the most that machine and simulated modem allow at that moment.
`--quick` runs the libraries only. `python -m tests.bench.sms [--quick] [--json] [--peer NAME]`
"""

import asyncio
import math
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tests.bench import environment
from tests.bench.report import Figure, arguments, show
from tests.bench.texts import AT_ONCE, Measured, Plan, Punctual, one_round, percentile
from tests.peers.driven import BareLine, Gateway, GsmModem, Library
from tests.peers.gammu import Gammu
from tests.peers.gammu_smsd import GammuSmsd
from tests.peers.kannel import Kannel
from tests.peers.peer import Peer
from tests.peers.smstools import Smstools

QUICK = Plan(burst=1000, slow=15, single=100, inbound=100, pause=0.01, within=2, away=1, back_within=2)
FULL = Plan(burst=2000, slow=40, single=300, inbound=300, pause=0.01, within=10, away=3, back_within=15)
QUICK_IN_DATABASE = Plan(burst=30, slow=5, single=20, inbound=20, pause=0.02, within=10, away=1, back_within=10)
IN_DATABASE = Plan(burst=50, slow=10, single=30, inbound=30, pause=0.02, within=10, away=3, back_within=30)
DAEMON = Plan(burst=30, slow=20, single=15, inbound=15, pause=1.5, within=60, away=3, back_within=120)
ONE_SHOT = Plan(burst=6, slow=4, single=5, inbound=0, pause=0.1, within=60, away=3, back_within=60)
QUICK_ROUNDS, ROUNDS = 1, 5
"""Of the libraries, taking turns; of the others one is enough, as their own pauses are what is measured.

A round is held up where the machine is: the middle one counts.
"""


class EagerGammuSmsd(GammuSmsd):
    """Looks for texts without a pause, which is its fastest and costs a third of a core while there is none."""

    poll = 0


GSMMODEM = "python-gsmmodem"
OURS, GATEWAY, BARE = "modem_drivers", "fleet gateway", "bare line"
SLOW: dict[str, tuple[type[Peer], Plan]] = {
    "gammu": (Gammu, ONE_SHOT),
    "gammu-smsd": (EagerGammuSmsd, DAEMON),
    "smstools3": (Smstools, DAEMON),
    "kannel": (Kannel, DAEMON),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: how to read it from a round, and which of the rounds stands for all."""

    what: str
    unit: str
    value: Callable[[Measured], float | None]
    better: Literal["higher", "lower"]
    goal: float | None
    of_rounds: Callable[[Sequence[float]], float] = statistics.median

    def read(self, rounds: Sequence[Measured]) -> float | None:
        """The figure, None where it was not measured or did not come at all."""
        values = [value for measured in rounds if (value := self.value(measured)) is not None]
        figure = self.of_rounds(values) if values else math.inf
        return None if figure == math.inf else figure


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


ROWS = (
    Row("texts through a modem that answers at once", "SMS/s", lambda m: m.rate, "higher", None),
    Row("texts at 0.2 s each (5 is the most)", "SMS/s", lambda m: m.slow_rate, "higher", 4.98),
    Row("handed over to AT+CMGS, p50", "ms", lambda m: _ms(percentile(m.queued, 0.5)), "lower", 0.92),
    Row("handed over to AT+CMGS, p99", "ms", lambda m: _ms(percentile(m.queued, 0.99)), "lower", 1.32),
    Row("+CMTI to handler, p50", "ms", lambda m: _ms(percentile(m.inbound, 0.5)), "lower", 1.31),
    Row("+CMTI to handler, p99", "ms", lambda m: _ms(percentile(m.inbound, 0.99)), "lower", 2.08),
    Row(f"taken in of {AT_ONCE} texts at once", "texts", lambda m: m.at_once, "higher", AT_ONCE, min),
    Row("back in service after the port's return", "s", lambda m: m.back, "lower", 2.0, max),
    Row("CPU per text", "ms", lambda m: _ms(m.cpu), "lower", 0.65),
)


async def measure(quick: bool, only: str | None) -> dict[str, list[Measured]]:
    """The rounds of ours and of the peers, or of ours and `only`; in the order of the table."""
    plan = QUICK if quick else FULL
    taking_turns: dict[str, tuple[type[Peer], Plan]] = {
        OURS: (Library, plan),
        GATEWAY: (Gateway, QUICK_IN_DATABASE if quick else IN_DATABASE),
    }
    if only in (None, GSMMODEM) and (python := environment.gsmmodem()) is not None:
        GsmModem.python = python
        taking_turns[GSMMODEM] = (GsmModem, plan)
    taking_turns[BARE] = (BareLine, replace(plan, back_within=0))
    found: dict[str, list[Measured]] = {name: [] for name in taking_turns}
    for _ in range(QUICK_ROUNDS if quick else ROUNDS):
        for name, (peer, its_plan) in taking_turns.items():
            found[name].append(await _told(name, peer, its_plan))
    if not quick or only in SLOW:
        for name, (peer, plan) in SLOW.items():
            if only in (None, name) and all(shutil.which(program, path=_PATH) for program in peer.programs):
                found[name] = [await _told(name, peer, plan)]
    return found


_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


async def _told(name: str, make: type[Peer], plan: Plan) -> Measured:
    started = time.monotonic()
    measured = await one_round(make, plan)
    print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    return measured


def figures(found: dict[str, list[Measured]]) -> list[Figure]:
    """Each row for ours, beside the best of the peers, and for the whole gateway without a goal."""
    listed = []
    peers = [name for name in found if name not in (OURS, GATEWAY, BARE)]
    for row in ROWS:
        values = {name: value for name in peers if (value := row.read(found[name])) is not None}
        best = (max if row.better == "higher" else min)(values, key=lambda name: values[name], default=None)
        theirs = round(values[best], 3) if best is not None else None
        goal = row.goal if row.goal is not None else theirs
        for name in (OURS, GATEWAY):
            ours = row.read(found[name])
            if ours is not None:
                listed.append(
                    Figure(
                        f"{name}: {row.what}", row.unit, round(ours, 3), goal if name == OURS else None,
                        row.better, theirs, best,
                    )
                )  # fmt: skip
    return listed


def table(found: dict[str, list[Measured]]) -> str:
    """Everything, in Markdown."""
    lines = ["| | " + " | ".join(found) + " |", "|---" * (len(found) + 1) + "|"]
    for row in ROWS:
        values = [row.read(rounds) for rounds in found.values()]
        cells = ["–" if value is None else _cell(value) for value in values]
        lines.append(f"| {row.what}, {row.unit} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: float) -> str:
    """Three digits or more."""
    return f"{value:.{0 if value >= 100 else 1 if value >= 20 else 2}f}"


def main() -> None:
    """Measure and print."""
    chosen = arguments(__doc__, peers=(GSMMODEM, *SLOW))
    started = time.monotonic()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(Punctual())) as runner:
        found = runner.run(measure(chosen.quick, chosen.peer))
    show(figures(found), chosen.json)
    if not chosen.json:
        print(table(found))
    print(f"took {time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
