"""What every program that moves texts through a modem has in common, for those who compare or test them."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Received:
    """A text as the program's user gets it; `at` on CLOCK_MONOTONIC, when he could have."""

    sender: str
    text: str
    at: float


class Peer(ABC):
    """A program at work on the modem at `port`; its files are in `folder`, which must be empty.

    `received` gets every text that came in, `reports` a line for every delivery report.
    """

    name: str
    programs: tuple[str, ...] = ()
    """What has to be on the PATH."""
    listens = True
    """Whether it takes texts in."""

    def __init__(self, port: Path, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.received: asyncio.Queue[Received] = asyncio.Queue()
        self.reports: asyncio.Queue[str] = asyncio.Queue()

    @abstractmethod
    async def start(self) -> None:
        """Start it; it may still be setting up the modem."""

    @abstractmethod
    async def stop(self) -> None:
        """End it; harmless if it never started."""

    @abstractmethod
    async def send(self, to: str, texts: Iterable[str]) -> list[float]:
        """Hand over these texts, a delivery report wanted for each; when each was, on CLOCK_MONOTONIC."""

    @abstractmethod
    def cpu_seconds(self) -> float:
        """Its CPU time so far."""


class Folder:
    """Watches a folder into which a program puts files; `whole` tells of a file's content whether that is all of it."""

    POLL_S = 0.002

    def __init__(self, path: Path, whole: Callable[[str], bool] = bool) -> None:
        self._path, self._whole, self._seen = path, whole, set[str]()

    async def new_file(self) -> tuple[str, str, float]:
        """The next file's name and content, once it is whole, and when that was seen."""
        while True:
            for name in sorted(entry.name for entry in self._path.iterdir() if entry.name not in self._seen):
                with suppress(FileNotFoundError):
                    content = (self._path / name).read_text(errors="replace")
                    if self._whole(content):
                        self._seen.add(name)
                        return name, content, time.monotonic()
            await asyncio.sleep(self.POLL_S)
