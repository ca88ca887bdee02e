"""Damaged and random packets in every state of a session: no untyped error, nothing unbounded, always an end in sight.

A few seconds of it here, longer in `make soak`; the seed is printed.
"""

import random
import time
from collections.abc import Callable

import pytest

from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.effects import Delivery, Effects, Welcome
from fleet.ingest.mqtt.limits import Limits
from fleet.ingest.mqtt.session import Session, State
from tests.fleet.ingest.mqtt.client import (
    DISCONNECT,
    PINGREQ,
    answers,
    connect,
    field,
    properties,
    publish,
    pubrel,
    subscribe,
    unsubscribe,
)

SECONDS = 1.5
LIMITS = Limits(window=8, window_size=4096, packet_size=2048, receive_maximum=6, unreleased=10)
OWN, FOREIGN = "devices/m1/telemetry", "devices/m2/telemetry"
WAITING = 16_384
"""Bytes a session may hold of what it was fed: a packet's limit, a read, and a little."""

Chance = random.Random


def stock(chance: Chance, level: int) -> list[bytes]:
    """Packets of a version that may come any time, to be sent as they are or damaged."""
    v5 = level == 5
    told = properties() if v5 else b""
    given = properties(b"\x26" + field("a") + field("b"), b"\x03" + field("application/cbor")) if v5 else None
    one = chance.randrange(1, 12)
    payload = chance.randbytes(chance.choice([0, 5, 300, 1500]))
    return [
        publish(FOREIGN if v5 and chance.random() < 0.2 else OWN, payload, one, told=given),
        publish(OWN, payload, one, qos=2, dup=chance.random() < 0.5, told=told if v5 else None),
        publish(OWN, payload, told=told if v5 else None),
        pubrel(one),
        subscribe(one, ("devices/m1/commands/#", 1), ("#", 0), ("$share/g/a", 0), told=told),
        unsubscribe(one, "devices/m1/commands/#", told=told),
        b"\x40\x02\x00\x01",
        PINGREQ,
    ]


def last(chance: Chance, level: int) -> bytes:
    """A packet that ends the connection, one way or another."""
    foreign = publish(FOREIGN, b"{}", 3, told=properties() if level == 5 else None)
    alias = publish(OWN, b"{}", 3, told=properties(b"\x23\0\1"))
    ends = [DISCONNECT, connect(level=level), foreign, alias, b"\xe0\x01\x04", b"\xf0\x00", b"\x30\x80\x80\x80\x60"]
    return chance.choice(ends)


def damaged(chance: Chance, packet: bytes) -> bytes:
    """One packet with something wrong: bits, bytes, length, order."""
    raw = bytearray(packet)
    match chance.randrange(7):
        case 0:
            raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        case 1:
            raw[chance.randrange(len(raw))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF])
        case 2:
            del raw[chance.randrange(len(raw)) :]
        case 3:
            at = chance.randrange(len(raw) + 1)
            raw[at:at] = chance.randbytes(chance.randrange(1, 6))
        case 4:
            raw[1:2] = chance.randbytes(chance.randrange(1, 5))
        case 5:
            raw = bytearray(chance.randbytes(chance.randrange(1, 40)))
        case _:
            raw *= 2
    return bytes(raw)


class Run:
    """One connection from its first byte to its last, under an owner that answers late, wrongly or never."""

    def __init__(self, chance: Chance) -> None:
        self.chance, self.now = chance, 0.0
        self.level = chance.choice([3, 4, 4, 5, 5, 5])
        self.session = Session(0.0, LIMITS)
        self.outstanding = 0
        self.storing = self.deciding = False
        self.sent = b""
        self.closed = False

    def did(self, effects: Effects) -> None:
        assert not (self.closed and effects != Effects()), "a closed connection did something"
        self.deciding |= effects.login is not None
        self.storing |= effects.subscriptions is not None
        self.outstanding += len(effects.deliveries)
        assert all(one.topic == OWN for one in effects.deliveries if isinstance(one, Delivery)), "a foreign topic"
        self.sent += effects.send
        self.closed |= effects.close is not None
        assert self.closed == (self.session.state is State.CLOSED)
        assert self.session._frames.held < WAITING
        assert len(self.session._acks) <= LIMITS.window

    def feed(self, data: bytes) -> None:
        """Hand it over as sockets do: in pieces, and only while it is read."""
        at = 0
        while at < len(data) and self.session.reading:
            size = self.chance.choice([1, 2, 7, 100, 5000])
            self.did(self.session.receive(data[at : at + size], self.now))
            at += size

    def answer(self) -> None:
        """Something the owner may do now."""
        chance, session = self.chance, self.session
        if self.deciding:
            self.deciding = False
            if chance.random() < 0.1:
                self.did(session.refuse(chance.choice(list(Reason)), "no"))
            else:
                self.did(session.admit(Welcome("m1", "c1", chance.random() < 0.5, {}, {1: b"x" * 16}), self.now))
        elif self.storing and chance.random() < 0.7:
            self.storing = False
            self.did(session.subscribed(self.now))
        elif self.outstanding:
            count = chance.randrange(1, self.outstanding + 1)
            self.outstanding -= count
            self.did(session.committed(count, self.now, [at for at in range(count) if chance.random() < 0.1]))
        elif chance.random() < 0.005:
            self.did(session.end("enough", chance.choice(list(Reason))))

    def play(self) -> None:
        """Until it is closed, or long enough."""
        chance = self.chance
        opening = connect(
            "c1", level=self.level, name="MQIsdp" if self.level == 3 else "MQTT", clean=chance.random() < 0.5,
            will=(OWN, b"{}") if chance.random() < 0.3 else None,
            told=properties(b"\x11\0\0\1\0") if chance.random() < 0.7 else properties(),
        )  # fmt: skip
        self.feed(damaged(chance, opening) if chance.random() < 0.3 else opening)
        for _ in range(60):
            if self.closed:
                break
            packet = chance.choice(stock(chance, self.level)) if chance.random() < 0.98 else last(chance, self.level)
            self.feed(damaged(chance, packet) if chance.random() < 0.04 else packet)
            while self.outstanding > 3 or self.storing or self.deciding or chance.random() < 0.5:
                self.answer()
                if self.closed:
                    break
            self.now += chance.random()
        self.settle()
        assert all(first in ANSWERS for first, _ in answers(self.sent))

    def settle(self) -> None:
        """Whatever was asked is answered: then nothing waits any more."""
        session = self.session
        while not self.closed and (self.outstanding or self.storing or self.deciding):
            self.answer()
        self.outstanding = 0
        if session.state is State.OPEN:
            assert session.settled
            assert session.overdue(self.now) is None
            assert session.overdue(self.now + 100_000) is not None or session._keep_alive == 0
        else:
            assert session.state in (State.CLOSED, State.AWAITING), session.state


ANSWERS = frozenset({0x20, 0x40, 0x50, 0x70, 0x90, 0xB0, 0xD0, 0xE0})


def fuzz(seconds: float, seed: int) -> tuple[int, set[State]]:
    """Play runs for so long; how many, and the states in which they ended."""
    until, runs, ends = time.monotonic() + seconds, 0, set[State]()
    while time.monotonic() < until or runs < 200:
        run = Run(random.Random(f"{seed}-{runs}"))
        try:
            run.play()
        except BaseException:
            print(f"seed {seed}, run {runs}, version {run.level}, state {run.session.state}, sent {run.sent.hex()}")
            raise
        ends.add(run.session.state)
        runs += 1
    return runs, ends


@pytest.mark.parametrize("seed", [pytest.param(lambda: 1, id="same"), pytest.param(time.time_ns, id="new")])
def test_whatever_comes_there_is_an_end(seed: Callable[[], int]) -> None:
    chosen = seed()
    print(f"seed {chosen}")
    runs, ends = fuzz(SECONDS, chosen)
    assert runs >= 200
    assert {State.OPEN, State.CLOSED} <= ends
