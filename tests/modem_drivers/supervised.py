"""A supervisor at work while a block lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from modem_drivers import Supervisor, Transport


@asynccontextmanager
async def kept(where: str | Transport, **options: object) -> AsyncIterator[Supervisor]:
    """Keeps the modem at `where` alive; it tries again soon unless `options` say otherwise."""
    supervisor = Supervisor(where, **({"retry_after": 0.02} | options))  # type: ignore[arg-type]
    running = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
