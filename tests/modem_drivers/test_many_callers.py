"""Many callers on one line give up, are refused, time out, lose the line: each hears of its own command alone."""

import asyncio
import random
from dataclasses import replace

import pytest

from modem_drivers.at.commands import Entry
from modem_drivers.errors import CommandRefused, CommandTimeout, PortGone
from modem_drivers.session import Response, Session
from modem_drivers.transport.memory import cable
from tests.modem_drivers.peer import QUICK, Peer
from tests.scenarios.faults.wound import wound

CALLERS = 40
DEADLINE_S = 0.1
TESTED = replace(QUICK, commands={"+T": Entry(timeout=DEADLINE_S)})


class Slow(Peer):
    """Takes its time for each command, one after the other; says nothing at all to one in ten, refuses another."""

    def moody(self, chance: random.Random) -> None:
        self._chance, self._busy_until = chance, 0.0
        self.answers |= {"+T": self._test, "AT": lambda _: self._later("OK", 0.001)}

    def _test(self, body: str) -> None:
        number = body.partition("=")[2]
        match self._chance.randrange(10):
            case 0:
                return
            case 1:
                self._later(f"+CME ERROR: {number}", self._chance.uniform(0, DEADLINE_S / 2))
            case 2:  # too late for its caller
                self._later(f"+T: {number}\nOK", DEADLINE_S + QUICK.settle / 2)
            case _:
                self._later(f"+T: {number}\nOK", self._chance.uniform(0, DEADLINE_S / 2))

    def _later(self, answer: str, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._busy_until = max(self._busy_until, loop.time()) + seconds
        loop.call_at(self._busy_until, self.say, answer)


async def _call(session: Session, number: int, chance: random.Random) -> Response | None:
    """One caller, who may come late and may go early."""
    await asyncio.sleep(chance.uniform(0, 2))
    calling = asyncio.create_task(session.command(f"+T={number}", urgent=chance.random() < 0.2))
    if chance.random() < 0.2:
        await asyncio.sleep(chance.uniform(0, 0.2))
        calling.cancel()
    try:
        return await calling
    except asyncio.CancelledError:
        return None


@pytest.mark.parametrize("gap", [0.0, 0.01])
@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("seed", range(15))
@wound
async def test_each_caller_hears_of_its_own_command(seed: int, cut: bool, gap: float) -> None:
    chance = random.Random(seed)
    ours, theirs = cable()
    peer = Slow(theirs)
    peer.moody(chance)
    await peer.open()
    session = Session(ours, replace(TESTED, gap=gap))
    await session.open()
    if cut:
        asyncio.get_running_loop().call_later(1, ours.cable.cut)
    callers = (_call(session, number, chance) for number in range(CALLERS))
    outcomes = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 60)
    answered = 0
    for number, outcome in enumerate(outcomes):
        match outcome:
            case Response():
                answered += 1
                assert outcome.lines == (f"+T: {number}",)
            case CommandRefused():
                assert outcome.code == number
            case PortGone():
                assert cut
            case _:
                assert outcome is None or isinstance(outcome, CommandTimeout)
    assert answered >= CALLERS // 10
    if not cut:
        peer.answers |= {"AT": "OK", "+T": "+T: 1\nOK"}
        await asyncio.sleep(1)  # what is late has come
        assert (await session.command("+T=1")).lines == ("+T: 1",)
        await session.close()
