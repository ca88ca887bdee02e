"""An event loop whose time is wound: where all tasks wait, it jumps to the next timer instead of sleeping.

So a modem may be silent for 90 s, and be given up after its real deadline, in no time at all, and always in the
same order. For lines in memory only: a loop that waits for another process has nothing to jump to.
"""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ParamSpec

P = ParamSpec("P")


class _Impatient(selectors.BaseSelector):
    """A selector that never waits; what it was asked to wait for passes on the loop's clock."""

    def __init__(self) -> None:
        self.passed = 0.0
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now."""
        ready = self._real.select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("expected a timer or a task that can go on, got none: everything waits for ever")
            self.passed += max(timeout, 0.0)
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """See BaseSelector."""
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """See BaseSelector."""
        return self._real.unregister(fileobj)

    def close(self) -> None:
        """See BaseSelector."""
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """See BaseSelector."""
        return self._real.get_map()


class WoundLoop(asyncio.SelectorEventLoop):
    """An event loop that starts at 0 and has all the time in the world."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """Seconds that have been waited for."""
        return self._impatient.passed


def wound(scenario: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Runs a scenario in a loop of wound time."""

    @functools.wraps(scenario)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=WoundLoop) as runner:
            runner.run(scenario(*args, **kwargs))

    return run
