"""A session over a line that loses, doubles, alters and delays bytes: each command ends, and none lies."""

import random
import re
from collections.abc import Callable

import pytest

from modem_drivers.errors import CommandError
from modem_drivers.session import Session
from tests.modem_drivers.peer import Peer, joined
from tests.scenarios.faults.wound import wound

Damage = Callable[[random.Random, bytes], bytes]


def lose(source: random.Random, data: bytes) -> bytes:
    return bytes(byte for byte in data if source.random() > 0.03)


def double(source: random.Random, data: bytes) -> bytes:
    return b"".join(bytes([byte]) * (1 + (source.random() < 0.03)) for byte in data)


def alter(source: random.Random, data: bytes) -> bytes:
    return bytes(source.randrange(256) if source.random() < 0.02 else byte for byte in data)


def add(source: random.Random, data: bytes) -> bytes:
    return b"".join(
        [source.randbytes(3) if source.random() < 0.03 else b"", bytes([byte])][at] for byte in data for at in (0, 1)
    )


def chatter(source: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    unasked = source.choice([b'\r\n+CMTI: "ME",7', b"\r\nRING", b'\r\n+CREG: 1,"D509","1",7', b"\r\nNO CARRIER"])
    at = source.randrange(len(lines))
    return b"\r\n".join([*lines[:at], unasked, *lines[at:]])


INTACT = re.compile(r"\+ECHO: ([0-9]{4})-\1")


async def converse(session: Session, rounds: int) -> tuple[int, int]:
    """Asks the peer to say numbers twice over; returns how many came back intact and how many commands failed.

    A line may be damaged, as AT has no check sums; one that is intact must answer the command that ran.
    """
    right = failed = 0
    for number in range(rounds):
        try:
            answer = await session.command(f"+ECHO={number:04}", timeout=0.02)
        except CommandError:
            failed += 1
            continue
        intact = [match[1] for line in answer.lines if (match := INTACT.fullmatch(line))]
        assert intact in ([], [f"{number:04}"])
        right += len(intact)
    return right, failed


def echo(body: str) -> str:
    number = body.partition("=")[2]
    return f"+ECHO: {number}-{number}\nOK"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("damage", [lose, double, alter, add, chatter], ids=lambda damage: damage.__name__)
@wound
async def test_a_damaged_line_never_hangs_and_heals(damage: Damage, seed: int) -> None:
    source = random.Random(seed)
    session, peer = await joined({"+ECHO": echo})
    peer.end.hook = lambda data: damage(source, data)
    right, failed = await converse(session, 40)
    assert right > 0
    if damage is chatter:
        assert (right, failed) == (40, 0)
    peer.end.hook = None
    await heal(session, peer)
    assert await converse(session, 5) == (5, 0)
    await session.close()


async def heal(session: Session, peer: Peer) -> None:
    """The noise is over; what it left in the lexer goes with the next line end."""
    peer.say("")
    for _ in range(2):
        try:
            await session.command("AT", timeout=0.1)
        except CommandError:
            continue
        return
    pytest.fail("the session did not come back into step on a quiet line")
