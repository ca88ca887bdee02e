"""The peer's side of tests/bench/pdu.py, run by the interpreter of its own environment: JSON in, microseconds out."""

import json
import sys
import timeit
from collections.abc import Callable
from functools import partial
from time import process_time

from gsmmodem import pdu  # type: ignore[import-not-found]


def microseconds(call: Callable[[], object], seconds: float, rounds: int) -> float | None:
    """As in tests/bench/pdu.py; None for what it cannot do."""
    try:
        once = min(timeit.repeat(call, timer=process_time, number=50, repeat=5)) / 50
    except Exception:
        return None
    number = max(1, round(seconds / rounds / once))
    return round(min(timeit.repeat(call, timer=process_time, number=number, repeat=rounds)) / number * 1e6, 1)


asked = json.load(sys.stdin)
calls = [partial(getattr(pdu, call[0]), *call[1]) if call else None for call in asked["calls"]]
print(json.dumps([microseconds(call, asked["seconds"], asked["rounds"]) if call else None for call in calls]))
