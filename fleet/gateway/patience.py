"""Database work that has to happen: what the gateway knows must not be lost while it lives."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fleet.errors import Unavailable

T = TypeVar("T")
AGAIN = 1.0
"""Real seconds between tries."""

log = logging.getLogger(__name__)


async def patiently(what: str, work: Callable[[], Awaitable[T]]) -> T:
    """The result of `work`, tried until the database is there; `what` names it in the log."""
    while True:
        try:
            return await work()
        except Unavailable as error:
            log.warning("%s waits for the database: %s", what, error)
            await asyncio.sleep(AGAIN)
