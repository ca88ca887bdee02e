"""A park for people: its figures are told, lines typed bring faults on machines."""

import asyncio
import signal
from collections.abc import Callable

from hw_fixtures.lines import on_line
from hw_fixtures.vending.park import Figures, Park

FINISH_S = 5.0
"""How long the end waits for acknowledgements."""


async def serve(park: Park, *, stands: Callable[[Figures, float], None], told: Callable[[str], None]) -> Figures:
    """Run the park until SIGINT or SIGTERM; returns its last figures.

    `stands` hears the figures and the rate of acknowledged messages every second, `told` what a typed line did or
    why it did nothing.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    def typed(line: str) -> None:
        try:
            told(park.act(line))
        except ValueError as error:
            told(str(error))

    on_line(typed)
    running = asyncio.create_task(park.run())
    try:
        await _watch(park, stop, stands)
        await park.finish(FINISH_S)
        return park.figures()
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _watch(park: Park, stop: asyncio.Event, stands: Callable[[Figures, float], None]) -> None:
    loop = asyncio.get_running_loop()
    at, acknowledged = loop.time(), 0
    while True:
        try:
            async with asyncio.timeout(1.0):
                await stop.wait()
            return
        except TimeoutError:
            figures, now = park.figures(), loop.time()
            stands(figures, (figures.acknowledged - acknowledged) / (now - at))
            at, acknowledged = now, figures.acknowledged
