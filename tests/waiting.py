"""Waiting for what happens by itself: until it has happened, never for a time."""

import asyncio
import inspect
from collections.abc import Callable


async def until(condition: Callable[[], object], what: str = "it to happen", within: float = 60.0) -> None:
    """Return once `condition()`, or what it returns awaited, is true; fails naming `what` after `within` seconds."""
    try:
        async with asyncio.timeout(within):
            while True:
                found = condition()
                if await found if inspect.isawaitable(found) else found:
                    return
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise AssertionError(f"expected {what} within {within:g} s") from None
