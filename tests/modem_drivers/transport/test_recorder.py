"""A recorded line is the line, and a row for each thing written."""

from modem_drivers.at.transcript import Exchange
from modem_drivers.session import Session
from modem_drivers.transport import Recorder
from modem_drivers.transport.memory import cable
from tests.modem_drivers.peer import QUICK, Peer


async def test_rows() -> None:
    ours, theirs = cable("bench")
    peer = Peer(theirs, {"+CSQ": "+CSQ: 20,99\nOK"})
    await peer.open()
    recorder = Recorder(ours)
    assert recorder.name == "bench:left"
    session = Session(recorder, QUICK)
    await session.open()
    assert (await session.command("+CSQ")).lines == ("+CSQ: 20,99",)
    assert recorder.exchanges == [
        Exchange(b"\x1b", b""),
        Exchange(b"AT\r", b"\r\nOK\r\n"),
        Exchange(b"AT+CSQ\r", b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"),
    ]
    ours.cable.cut()
    await session.closed.wait()
    await session.close()


async def test_what_a_modem_says_before_anything_is_written() -> None:
    ours, theirs = cable()
    recorder = Recorder(ours)
    heard = bytearray()
    await theirs.open(lambda _: None, lambda _: None)
    await recorder.open(heard.extend, lambda _: None)
    ours._arrive(b"RDY")
    ours._deliver()
    assert recorder.exchanges == [Exchange(b"", b"RDY")]
    assert heard == b"RDY"
    await recorder.close()
