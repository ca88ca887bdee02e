"""Calls that share work: those that arrive while one piece of work runs are done together in the next."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """Answers questions by `work`, at most `most` in one go and of those with the same `key` one at a time."""

    def __init__(
        self, work: Callable[[list[Q]], Awaitable[list[A | Exception]]], most: int, key: Callable[[Q], Hashable] = id
    ) -> None:
        """`work`: an answer for each question, in order; an exception is raised where it was asked."""
        self._work, self._most, self._key = work, most, key
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer; raises what `work` raised, or gave as this question's answer."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            taken = self._next()
            try:
                answers = await self._work([question for question, _ in taken])
            except Exception as error:
                answers = [error] * len(taken)
            for (_, waiting), answer in zip(taken, answers, strict=True):
                if waiting.done():
                    continue  # whoever asked has gone
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)
        self._running = None

    def _next(self) -> list[tuple[Q, asyncio.Future[A]]]:
        taken, left = list[tuple[Q, asyncio.Future[A]]](), list[tuple[Q, asyncio.Future[A]]]()
        keys = set[Hashable]()
        for one in self._waiting:
            key = self._key(one[0])
            if len(taken) < self._most and key not in keys:
                keys.add(key)
                taken.append(one)
            else:
                left.append(one)
        self._waiting = left
        return taken
