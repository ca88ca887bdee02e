"""How long a PDU takes in processor time, beside smspdudecoder and python-gsmmodem-new.

python-gsmmodem-new (LGPL) runs in an environment and a process of its own, made at the first run; where it cannot be
installed its column is empty. `python -m tests.bench.pdu [--quick] [--json]`
"""

import json
import subprocess
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from smspdudecoder.easy import read_incoming_sms

from modem_drivers import pdu
from tests.bench import environment
from tests.bench.report import Figure, arguments, show

GOAL_US = 20.0
"""Microseconds for a GSM-7 DELIVER of 160 characters."""
ROUNDS = 7
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NUMBER = "+15550101"
SHORT = "41A on my way"
LATIN = ("Cooling fault at site 4: 8 degrees, door open. " * 4)[:160]
LONG = "Kühlung 🥶 defekt, bitte kommen. " * 12  # 396 characters
PEER = "python-gsmmodem-new"


@dataclass(frozen=True)
class Case:
    """One thing to measure: `peer` is what python-gsmmodem-new is asked, by the name of its function."""

    what: str
    ours: Callable[[], object]
    goal: float | None = None
    smspdudecoder: Callable[[], object] | None = None
    peer: tuple[str, list[str]] | None = None


def decoding(what: str, hexed: str, goal: float | None = None) -> Case:
    """Read one PDU."""
    return Case(
        f"decode {what}",
        lambda: pdu.decode_deliver(hexed),
        goal,
        lambda: read_incoming_sms(hexed),
        ("decodeSmsPdu", [hexed]),
    )


def encoding(what: str, text: str) -> Case:
    """Write one text."""
    return Case(
        f"encode {what}",
        lambda: pdu.encode_submit(NUMBER, text, first_reference=7),
        peer=("encodeSmsSubmitPdu", [NUMBER, text]),
    )


def cases() -> list[Case]:
    """What is measured."""
    report = pdu.encode_status_report(NUMBER, 7, NOON, NOON)
    return [
        decoding("GSM-7 DELIVER, 160 characters", pdu.encode_deliver(NUMBER, LATIN, NOON)[0], GOAL_US),
        decoding("GSM-7 DELIVER, 13 characters", pdu.encode_deliver(NUMBER, SHORT, NOON)[0]),
        decoding("part of a GSM-7 DELIVER, 153 characters", pdu.encode_deliver(NUMBER, LATIN * 2, NOON)[0]),
        decoding("UCS-2 DELIVER, 69 characters", pdu.encode_deliver(NUMBER, "Ж" * 69, NOON)[0]),
        Case("decode STATUS-REPORT", lambda: pdu.decode_status_report(report), peer=("decodeSmsPdu", [report])),
        encoding("GSM-7 SUBMIT, 160 characters", LATIN),
        encoding("GSM-7 SUBMIT with escapes, 160 septets", LATIN[:158] + "€"),
        encoding("SUBMITs of 396 characters with emoji", LONG),
    ]


def microseconds(call: Callable[[], object], seconds: float) -> float:
    """Processor time of the best round, after a warm-up that also finds how many calls a round takes."""
    once = min(timeit.repeat(call, timer=process_time, number=50, repeat=5)) / 50
    number = max(1, round(seconds / ROUNDS / once))
    return min(timeit.repeat(call, timer=process_time, number=number, repeat=ROUNDS)) / number * 1e6


def peers(wanted: list[Case], seconds: float) -> list[float | None]:
    """What python-gsmmodem-new needs, in its own process; None where it is not installed or cannot do it."""
    python = environment.gsmmodem()
    if python is None:
        return [None] * len(wanted)
    asked = json.dumps({"seconds": seconds, "rounds": ROUNDS, "calls": [case.peer for case in wanted]})
    script = Path(__file__).with_name("pdu_peer.py")
    done = subprocess.run([str(python), str(script)], check=False, input=asked, capture_output=True, text=True)
    if done.returncode:
        return [None] * len(wanted)
    found: list[float | None] = json.loads(done.stdout)
    return found


def run(quick: bool) -> list[Figure]:
    """Measure them all; each case of ours right before its peers."""
    seconds = 0.3 if quick else 3.0
    wanted = cases()
    theirs = peers(wanted, seconds)
    figures = []
    for case, peer in zip(wanted, theirs, strict=True):
        ours = round(microseconds(case.ours, seconds), 1)
        beside: list[tuple[str | None, float | None]] = [(PEER, peer)] if peer is not None else []
        if case.smspdudecoder is not None:
            beside.append(("smspdudecoder", round(microseconds(case.smspdudecoder, seconds), 1)))
        for name, value in beside or [(None, None)]:
            figures.append(Figure(case.what, "µs", ours, case.goal, "lower", value, name))
    return figures


def main() -> None:
    """Measure and print."""
    chosen = arguments(__doc__)
    show(run(chosen.quick), chosen.json)


if __name__ == "__main__":
    main()
