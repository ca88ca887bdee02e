"""What processes of one network say to one another: a JSON object a line.

To the hub: claim, attach, detach, submit, dispatch, answered; connect, disconnect, dial, in call; person, teach.
From it: welcome, codes, claimed, submitted, deliver; offered, stage, keyed, spoken; text, call, refused.
`id` pairs an answer with its question, `call` names a call.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from hw_fixtures.network.exchange import Menu, Reply

Said = dict[str, Any]


class WorldError(Exception):
    """A shared network cannot be used; the message is a sentence."""


def written(reply: Reply) -> Any:
    """What the network says to a code, as JSON has it."""
    if isinstance(reply, Menu):
        return {"text": reply.text, "choices": {choice: written(next_) for choice, next_ in reply.choices.items()}}
    return reply


def read(reply: Any) -> Reply:
    """The opposite of `written`."""
    if isinstance(reply, dict):
        return Menu(reply["text"], {choice: read(next_) for choice, next_ in reply["choices"].items()})
    return reply if isinstance(reply, str) else None


async def first_of(*futures: asyncio.Future[Any]) -> None:
    """Wait until one of them is done; the others go on."""
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


class Wire:
    """One connection: objects out, objects in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, verb: str, **values: object) -> None:
        """Send one object, without waiting; a broken connection is told by the end of `hear`."""
        if not self._writer.is_closing():
            self._writer.write(json.dumps({"verb": verb, **values}, ensure_ascii=False).encode() + b"\n")

    async def hear(self) -> AsyncIterator[Said]:
        """What the far end says until it is gone; lines that are no objects end it, they come from a stranger."""
        while True:
            try:
                line = await self._reader.readuntil(b"\n")
                said = json.loads(line)
            except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                return
            if not isinstance(said, dict):
                return
            yield said

    async def close(self) -> None:
        """End the connection; what was said is sent."""
        self._writer.close()
        with suppress(OSError):  # the far end may be faster
            await self._writer.wait_closed()
