"""What a measurement prints: one line a figure, ours beside the peer's, measured in the same run."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import uvloop


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. Without a peer its fields are None."""

    what: str
    unit: str
    ours: float
    goal: float | None = None
    better: Literal["higher", "lower"] = "higher"
    peer: float | None = None
    peer_name: str | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's."""
        return round(self.ours / self.peer, 3) if self.peer else None

    @property
    def met(self) -> bool | None:
        """True if the goal is reached."""
        if self.goal is None:
            return None
        return self.ours >= self.goal if self.better == "higher" else self.ours <= self.goal

    def json(self) -> str:
        """One JSON object."""
        fields = asdict(self)
        order = ("what", "unit", "ours", "peer", "peer_name", "ratio", "goal", "met")
        fields |= {"ratio": self.ratio, "met": self.met}
        return json.dumps({name: fields[name] for name in order})

    def text(self) -> str:
        """One line for a person."""
        peer = f"  {self.peer_name} {self.peer:g} ({self.ratio:g}x)" if self.peer else ""
        verdict = {True: "met", False: "NOT met", None: ""}[self.met]
        sign = "at least" if self.better == "higher" else "at most"
        goal = f"  goal {sign} {self.goal:g}: {verdict}" if self.goal is not None else ""
        return f"{self.what}: {self.ours:g} {self.unit}{peer}{goal}"


def arguments(description: str | None, *, peers: Sequence[str] = ()) -> argparse.Namespace:
    """`--quick` and `--json`, as every measurement takes them; with `peers` also `--peer`, one of them."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="less than a minute")
    parser.add_argument("--json", action="store_true", help="one object a line")
    if peers:
        parser.add_argument("--peer", choices=peers, help="only this one beside ours")
    return parser.parse_args()


def show(figures: list[Figure], as_json: bool) -> None:
    """Print them."""
    for figure in figures:
        print(figure.json() if as_json else figure.text(), flush=True)


def present(description: str | None, run: Callable[[bool], Coroutine[Any, Any, list[Figure]]]) -> None:
    """Run a measurement of a service, `run(quick)`, and print its figures."""
    chosen = arguments(description)
    started = time.monotonic()
    show(uvloop.run(run(chosen.quick)), chosen.json)
    print(f"took {time.monotonic() - started:.0f} s", file=sys.stderr)
