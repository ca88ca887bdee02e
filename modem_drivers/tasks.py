"""Whose cancellation a CancelledError is."""

import asyncio


def told_to_end() -> bool:
    """Whether this task is cancelled itself; else what its owner's code waited for was, a fault like any other."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
