"""Whose cancellation a CancelledError is."""

import asyncio


def ends_this_task(error: BaseException) -> bool:
    """Whether this task itself is cancelled; else what its owner's code waited for was, a fault like any other."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0
