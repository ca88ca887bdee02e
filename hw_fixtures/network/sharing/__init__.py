"""One network for several processes, over a Unix socket: the first process serves it, later ones join."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from hw_fixtures.network.sharing.hub import Hub
from hw_fixtures.network.sharing.joined import JoinedNetwork
from hw_fixtures.network.sharing.wire import WorldError, first_of
from hw_fixtures.network.world import Network

__all__ = ["Hub", "JoinedNetwork", "WorldError", "first_of", "shared_network"]

_STARTING = 5.0  # seconds the first process may take until it listens
_ASK_AGAIN = 0.02


@asynccontextmanager
async def shared_network(path: Path, make: Callable[[], Network]) -> AsyncIterator[Hub | JoinedNetwork]:
    """The network at `path`: served by this process where no other does, else joined.

    Who serves is settled by a lock on `path`.lock, which ends with its process however that ends. Raises
    WorldError where the path cannot be used.
    """
    lock = _lock(path)
    if lock is None:
        async with JoinedNetwork(path, *await _connect(path)) as joined:
            yield joined
        return
    try:
        async with Hub(make()).serving(path) as hub:
            yield hub
    finally:
        os.close(lock)


def _lock(path: Path) -> int | None:
    """The lock of the one that serves; None where another holds it."""
    if path.exists() and not path.is_socket():
        raise WorldError(f"expected a socket or nothing at {path}, got a file; remove it or name another path")
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise WorldError(f"expected a path for a socket at {path}, got: {error.strerror}; name another") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


async def _connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _STARTING
    while True:
        try:
            return await asyncio.open_unix_connection(path)
        except OSError as error:
            if loop.time() > deadline:
                raise WorldError(
                    f"expected the network at {path} to answer, got: {error.strerror}; end the process that holds it"
                ) from error
            await asyncio.sleep(_ASK_AGAIN)
