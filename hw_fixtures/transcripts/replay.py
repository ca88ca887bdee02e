"""A recorded modem: says to each command what was said to it then."""

import asyncio
from importlib.resources import files

from modem_drivers.at.secrets import mask
from modem_drivers.at.transcript import Exchange, loads
from modem_drivers.transport.base import OnData, OnLost

_NOT_RECORDED = b"\r\nERROR\r\n"


class Replay:
    """A Transport with a transcript at its far end.

    A command that was recorded several times is answered in that order, then always by the last. One that was
    not is refused as by a modem that does not know it, and kept in `unknown`. Secrets match masked.
    """

    def __init__(self, exchanges: list[Exchange], name: str = "transcript") -> None:
        self.name = name
        self.unknown: list[str] = []
        self._answers: dict[str, list[bytes]] = {}
        for row in exchanges:
            self._answers.setdefault(_key(row.sent), []).append(row.received)
        self._on_data: OnData | None = None

    async def open(self, on_data: OnData, on_lost: OnLost) -> None:
        """See Transport."""
        self._on_data = on_data
        self._say(_key(b""))

    def write(self, data: bytes) -> None:
        """See Transport."""
        key = _key(data)
        if key not in self._answers:
            self.unknown.append(key)
        self._say(key, _NOT_RECORDED)

    async def close(self) -> None:
        """See Transport."""
        self._on_data = None

    def _say(self, key: str, default: bytes = b"") -> None:
        answers = self._answers.get(key, [default])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer:
            asyncio.get_running_loop().call_soon(self._arrive, answer)

    def _arrive(self, data: bytes) -> None:
        if self._on_data is not None:
            self._on_data(data)


def names() -> list[str]:
    """The transcripts there are."""
    folder = files("hw_fixtures.transcripts")
    return sorted(entry.name.removesuffix(".txt") for entry in folder.iterdir() if entry.name.endswith(".txt"))


def load(name: str) -> Replay:
    """The recorded modem of this name; LookupError names those there are."""
    if name not in names():
        raise LookupError(f"expected a transcript, one of {', '.join(names())}, got {name!r}")
    return Replay(loads(files("hw_fixtures.transcripts").joinpath(f"{name}.txt").read_text("utf-8")), name)


def _key(sent: bytes) -> str:
    return mask(sent.decode("latin-1"))
