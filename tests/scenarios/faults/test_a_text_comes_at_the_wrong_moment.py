"""+CMTI in the middle of a conversation: the text is read, once, and the conversation goes on."""

from functools import partial

import pytest

from modem_drivers import Sent
from tests.scenarios.faults.line import ALICE, OWN, at_work
from tests.scenarios.faults.wound import wound

NUMBER = rb"\+CMGS: \d+\r\n"


@pytest.mark.parametrize(
    ("command", "place"), [(b"AT+CMGS", b"^"), (b"AT+CMGS", NUMBER)], ids=["before the prompt", "between +CMGS and OK"]
)
@wound
async def test_while_a_text_is_sent(command: bytes, place: bytes) -> None:
    async with at_work() as line:
        done = line.meddle(command, place, partial(line.alice.send, OWN, "41A"))
        assert await line.send("fault", reference=7) == [Sent(7)]
        await line.quiet()
        assert done()
        assert line.texts == [(ALICE, "41A")]
        assert line.read_by_alice == ["fault"]
        assert line.stored == 0


@pytest.mark.parametrize(
    ("command", "place"),
    [
        (b"AT+CMGR", rb"\+CMGR: [^\r]*\r\n"),
        (b"AT+CMGR", rb"\+CMGR: [^\r]*\r\n[0-9A-F]+\r\n"),
        (b"AT+CMGD", b"^"),
        (b"AT+CMGL", rb"\+CMGL: [^\r]*\r\n"),
        (b"AT+CMGL", rb"\+CMGL: [^\r]*\r\n[0-9A-F]+\r\n"),
    ],
    ids=["CMGR, before the PDU", "CMGR, behind it", "CMGD", "CMGL, before a PDU", "CMGL, behind it"],
)
@wound
async def test_while_another_is_read(command: bytes, place: bytes) -> None:
    async with at_work() as line:
        done = line.meddle(command, place, partial(line.alice.send, OWN, "second"))
        if command == b"AT+CMGL":
            line.keep_unannounced("first")  # so that the sweep finds it
        else:
            line.alice.send(OWN, "first")
        await line.quiet()
        await line.quiet()
        assert done()
        assert line.texts == [(ALICE, "first"), (ALICE, "second")]
        assert line.stored == 0


@pytest.mark.parametrize("count", [2, 20])
@wound
async def test_many_at_once(count: int) -> None:
    async with at_work() as line:
        for number in range(count):
            line.alice.send(OWN, f"4{number}A")
        await line.quiet()
        assert line.texts == [(ALICE, f"4{number}A") for number in range(count)]
        assert line.stored == 0


@wound
async def test_twenty_at_once_while_five_are_sent() -> None:
    async with at_work() as line:
        for number in range(20):
            line.alice.send(OWN, f"4{number}A")
        outcomes = [await line.send(f"fault {number}", reference=number) for number in range(5)]
        await line.quiet()
        assert outcomes == [[Sent(number)] for number in range(5)]
        assert sorted(line.texts) == sorted((ALICE, f"4{number}A") for number in range(20))
        assert line.read_by_alice == [f"fault {number}" for number in range(5)]
