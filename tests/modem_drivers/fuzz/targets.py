"""What atheris feeds: each target takes any bytes and must not raise. `python -m tests.modem_drivers.fuzz.targets NAME`

Everything behind NAME goes to libFuzzer: -max_total_time=10, -seed=1, a folder of samples.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import atheris

from tests.scenarios.faults.wound import WoundLoop

with atheris.instrument_imports(include=["modem_drivers"]):
    from modem_drivers import pdu
    from modem_drivers.at.channel import MAX_HEADERS, MAX_REPLY_LINES, Channel
    from modem_drivers.at.commands import Catalogue
    from modem_drivers.at.lexer import MAX_LINE, Lexer
    from modem_drivers.at.states import State
    from modem_drivers.errors import CommandError, ModemError, PduError
    from modem_drivers.features.keys import Keys
    from modem_drivers.features.network import Network
    from modem_drivers.features.packet_data import PacketData
    from modem_drivers.features.sim import Sim
    from modem_drivers.features.sms import Sms
    from modem_drivers.features.ussd import UssdSession
    from modem_drivers.features.voice import Voice
    from modem_drivers.pdu.explain import explain
    from modem_drivers.profiles import GENERIC, PROFILES
    from modem_drivers.session import Session
    from modem_drivers.transport.memory import MemoryEnd, cable
    from tests.modem_drivers.at.parsers.test_any_text import READERS

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CATALOGUE = Catalogue()
COMMANDS = ("AT", "+CMGL=4", "+CMGR=1", "+CREG?", "+CGMM", "+COPS=3,2;+COPS?", "D+15550101;")


def lexer(data: bytes) -> None:
    """Any bytes are lines; whole or byte by byte they are the same ones."""
    whole, pieces = Lexer(), Lexer()
    assert whole.feed(data) == [line for at in range(len(data)) for line in pieces.feed(data[at : at + 1])]
    assert len(whole._tail) <= MAX_LINE


def channel(data: bytes) -> None:
    """Any bytes are events, in whatever state the channel is; what it keeps is bounded."""
    machine = Channel()
    machine.probe()
    machine.receive(b"\r\nOK\r\n")
    machine.settled()
    for piece in data.split(b"\x00"):
        if machine.state is State.IDLE:
            text = COMMANDS[len(piece) % len(COMMANDS)]
            machine.send(
                CATALOGUE.command("+CMGS=9", payload=b"00\x1a") if len(piece) % 8 == 7 else CATALOGUE.command(text)
            )
        machine.receive(piece)
    assert len(machine._lines) <= MAX_REPLY_LINES
    assert len(machine._headers) <= MAX_HEADERS


def parsers(data: bytes) -> None:
    """No text makes a reader raise."""
    text = data.decode("latin-1")
    for read in READERS:
        read(text)


def decoder(data: bytes) -> None:
    """Octets are a PDU or a PduError; a PDU can be explained, is valid Unicode, and finds its place in a whole."""
    hexed = data.hex()
    try:
        read = pdu.decode(hexed)
        explain(hexed)
    except pdu.PduError:
        return
    if isinstance(read, pdu.StatusReport):
        assert read.words
        return
    assert (read.text or "").encode() is not None
    assert (read.flash, read.silent, read.ports, read.waiting) is not None
    if isinstance(read, pdu.Deliver):
        pdu.Reassembler().add(read, NOON)


class Babbler:
    """A modem that answers whatever it hears with the next piece; with none left, and when honest, with OK."""

    def __init__(self, end: MemoryEnd, pieces: list[bytes], *, ending: bytes = b"") -> None:
        self.end, self.pieces, self.ending = end, pieces, ending
        self.honest = False

    async def open(self) -> None:
        await self.end.open(self._take, lambda _: None)

    def _take(self, data: bytes) -> None:
        if self.honest or not self.pieces:
            self.end.write(b"\r\nOK\r\n" if b"\r" in data else b"")
        else:
            self.end.write(self.pieces.pop(0) + self.ending)


QUICK = replace(GENERIC, settle=0.005, patience=0.1)


async def _babble(data: bytes) -> None:
    ours, theirs = cable()
    babbler = Babbler(theirs, data.split(b"\x00"))
    await babbler.open()
    session = Session(ours, QUICK)
    with suppress(CommandError):
        await session.open()
    if session.reason is not None:  # it was closed as it could not be opened
        return
    for text in COMMANDS:
        with suppress(CommandError):
            await session.command(text, timeout=0.1)
    with suppress(CommandError):
        await session.command("+CMGS=9", payload=b"00\x1a", timeout=0.1)
    babbler.honest = True
    theirs.write(b"\r\n")
    for _ in range(2):
        with suppress(CommandError):
            await session.command("AT", timeout=0.1)
    assert (await session.command("AT", timeout=0.1)).lines == ()
    assert session.in_step
    await session.close()


def session(data: bytes) -> None:
    """Whatever a modem answers, each command ends, and once it talks sense again the session is in step."""
    with asyncio.Runner(loop_factory=WoundLoop) as runner:
        runner.run(_babble(data))


async def _ask(data: bytes) -> None:
    known = (GENERIC, *PROFILES)
    profile = replace(known[data[0] % len(known)] if data else GENERIC, settle=0.005, patience=0.1, gap=0.0)
    ours, theirs = cable()
    babbler = Babbler(theirs, [], ending=b"\r\nOK\r\n")
    await babbler.open()
    line = Session(ours, profile)
    await line.open()
    network, sim, voice, sms = Network(line), Sim(line), Voice(line), Sms(line)
    data_of = PacketData(line, network)
    verbs: tuple[Callable[[], Awaitable[object]], ...] = (
        network.registration,
        network.signal,
        network.serving_cell,
        network.operator,
        network.power_saving,
        lambda: network.apn(1),
        data_of.contexts,
        lambda: data_of.start(1, "iot.example", timeout=0.1),
        lambda: data_of.stop(1),
        lambda: network.set_credentials(1, "fleet", "s3cret"),
        sim.state,
        sim.iccid,
        sim.imsi,
        sim.retries,
        voice.start,
        Keys(line).start,
        sms.start,
        sms.sweep,
        sms.storage,
        lambda: UssdSession(line).request("*100#", timeout=0.1),
    )
    for verb in verbs:
        babbler.pieces = [b"\r\n" + piece for piece in data[1:].split(b"\x00")]
        with suppress(ModemError, PduError):
            await asyncio.wait_for(verb(), 3600)
    await sms.stop()
    await voice.stop()
    await line.close()


def features(data: bytes) -> None:
    """Whatever a modem answers before its OK, the verbs return or raise what they say they raise."""
    with asyncio.Runner(loop_factory=WoundLoop) as runner:
        runner.run(_ask(data))


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (lexer, channel, session, parsers, features, decoder)
}

if __name__ == "__main__":
    logging.disable()
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, atheris.instrument_func(TARGETS[name]))
    atheris.Fuzz()
