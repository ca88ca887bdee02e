"""What atheris feeds: each target takes any bytes and must not raise. `python -m tests.modem_drivers.fuzz.targets NAME`

Everything behind NAME goes to libFuzzer: -max_total_time=10, -seed=1, a folder of samples.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["modem_drivers"]):
    from modem_drivers import pdu
    from modem_drivers.at.channel import MAX_HEADERS, MAX_REPLY_LINES, Channel
    from modem_drivers.at.commands import Catalogue
    from modem_drivers.at.lexer import MAX_LINE, Lexer
    from modem_drivers.at.states import State
    from modem_drivers.pdu.explain import explain
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


TARGETS: dict[str, Callable[[bytes], None]] = {target.__name__: target for target in (lexer, channel, parsers, decoder)}

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, atheris.instrument_func(TARGETS[name]))
    atheris.Fuzz()
