"""One hard deadline a command, and the way back into step."""

import asyncio
from dataclasses import replace

import pytest

from modem_drivers.errors import CommandRefused, CommandTimeout, PortGone, PortMissing
from modem_drivers.session import Session
from modem_drivers.transport.memory import cable
from tests.modem_drivers.peer import QUICK, Peer, joined, wire
from tests.scenarios.faults.wound import wound


@wound
async def test_commands_are_answered_in_the_order_they_were_given() -> None:
    session, peer = await joined({"+CSQ": "+CSQ: 20,99\nOK", "+CREG?": "+CREG: 2,1\nOK"})
    answers = await asyncio.gather(*(session.command(text) for text in ("+CSQ", "+CREG?", "+CSQ")))
    assert [answer.lines for answer in answers] == [("+CSQ: 20,99",), ("+CREG: 2,1",), ("+CSQ: 20,99",)]
    assert peer.heard[-3:] == ["AT+CSQ", "AT+CREG?", "AT+CSQ"]
    await session.close()


@wound
async def test_a_refusal_carries_its_code() -> None:
    session, _ = await joined({"+CIMI": "+CME ERROR: 10"})
    with pytest.raises(CommandRefused, match=r"AT\+CIMI.*sim not inserted") as refused:
        await session.command("+CIMI")
    assert refused.value.code == 10
    assert session.in_step
    await session.close()


@wound
async def test_unsolicited_lines_do_not_extend_a_deadline() -> None:
    session, peer = await joined({"+CSQ": None})
    loop = asyncio.get_running_loop()
    chatter = asyncio.create_task(_chatter(peer))
    started = loop.time()
    with pytest.raises(CommandTimeout, match=r"AT\+CSQ.*0\.2 s"):
        await session.command("+CSQ", timeout=0.2)
    assert loop.time() - started == pytest.approx(0.2, abs=0.02)
    chatter.cancel()
    await session.close()


async def _chatter(peer: Peer) -> None:
    while True:
        peer.say('+CMTI: "ME",1')
        await asyncio.sleep(0.01)


@wound
async def test_a_late_answer_is_never_the_next_commands() -> None:
    session, peer = await joined({"+CSQ": None, "+CESQ": "+CESQ: 1\nOK"})
    with pytest.raises(CommandTimeout):
        await session.command("+CSQ", timeout=0.02)
    assert not session.in_step
    peer.say("+CSQ: 3,99\nOK")
    answer = await session.command("+CESQ")
    assert answer.lines == ("+CESQ: 1",)
    assert peer.heard[-2:] == ["AT", "AT+CESQ"]
    assert session.in_step
    assert session.counters.timeouts == 1
    await session.close()


@wound
async def test_an_answer_late_during_resynchronisation_starts_it_again() -> None:
    session, peer = await joined({"+CSQ": None, "+CESQ": "+CESQ: 1\nOK"})
    with pytest.raises(CommandTimeout):
        await session.command("+CSQ", timeout=0.02)
    probes = iter(["+CSQ: 3,99\nOK\nOK", "OK"])
    peer.answers["AT"] = lambda _: next(probes)
    assert (await session.command("+CESQ")).lines == ("+CESQ: 1",)
    assert peer.heard[-3:] == ["AT", "AT", "AT+CESQ"]
    await session.close()


@wound
async def test_a_modem_found_at_a_prompt_is_led_out_and_sends_nothing() -> None:
    ours, theirs = cable()
    peer = Peer(theirs)
    await peer.open()
    peer.at_prompt = True
    session = Session(ours, QUICK)
    await session.open()
    assert peer.escapes >= 1
    assert not peer.at_prompt
    assert peer.payloads == []
    await session.close()


@wound
async def test_a_lost_prompt_is_left_with_escape_before_the_next_command() -> None:
    session, peer = await joined({"+CMGS": lambda _: _sit(peer), "+CSQ": "+CSQ: 1,99\nOK"})
    with pytest.raises(CommandTimeout) as timeout:
        await session.command("+CMGS=20", payload=b"00\x1a", timeout=0.02)
    assert not timeout.value.payload_written
    await session.command("+CSQ")
    assert peer.payloads == []
    await session.close()


def _sit(peer: Peer) -> str:
    peer.at_prompt = True
    return ""


@wound
async def test_a_timeout_tells_whether_the_payload_had_left() -> None:
    session, peer = await joined({"+CMGS": ">"})
    peer.after_payload = None
    with pytest.raises(CommandTimeout) as timeout:
        await session.command("+CMGS=20", payload=b"00\x1a", timeout=0.05)
    assert timeout.value.payload_written
    assert peer.payloads == ["00"]
    await session.close()


@wound
async def test_a_cut_line_fails_the_running_and_the_waiting_commands() -> None:
    session, peer = await joined({"+CMGS": ">"})
    peer.after_payload = None
    running = asyncio.create_task(session.command("+CMGS=20", payload=b"00\x1a"))
    waiting = asyncio.create_task(session.command("+CSQ"))
    while not peer.payloads:
        await asyncio.sleep(0)
    peer.end.cable.cut()
    with pytest.raises(PortGone) as gone:
        await running
    assert gone.value.payload_written
    with pytest.raises(PortGone) as gone:
        await waiting
    assert not gone.value.payload_written
    assert session.closed.is_set()


@wound
async def test_a_silent_modem_does_not_open() -> None:
    ours, theirs = cable()
    peer = Peer(theirs, {"AT": None})
    await peer.open()
    session = Session(ours, QUICK)
    opening = asyncio.create_task(session.open())
    with pytest.raises(CommandTimeout, match="AT got no final result"):
        await opening
    assert session.closed.is_set()


@wound
async def test_a_missing_port_does_not_open() -> None:
    ours, _ = cable()
    ours.cable.cut()
    with pytest.raises(PortMissing):
        await Session(ours, QUICK).open()


@wound
async def test_listeners_hear_their_lines_until_they_stop_and_one_failing_harms_no_other() -> None:
    session, peer = await joined()
    heard: list[str] = []

    def fail(_: object) -> None:
        raise ZeroDivisionError

    session.listen("RING", fail)
    stop = session.listen("RING", lambda event: heard.append(event.name))
    peer.say("RING")
    await session.command("AT")
    stop()
    peer.say("RING")
    await session.command("AT")
    stop()  # once more
    assert heard == ["RING"]
    await session.close()


@wound
async def test_a_listener_that_asks_for_what_was_cancelled_loses_nobody_a_line() -> None:
    session, _ = await joined({"+CSQ": "RING\n+CSQ: 20,99\nOK"})
    cancelled = asyncio.get_running_loop().create_future()
    cancelled.cancel()
    session.listen("RING", lambda _: cancelled.result())
    assert (await session.command("+CSQ")).lines == ("+CSQ: 20,99",)
    await session.close()


@wound
async def test_noise_on_the_line_is_counted_and_harmless() -> None:
    session, peer = await joined({"+CSQ": "+CSQ: 20,99\nOK"})
    peer.end.inject(b"\xff\x00garbage\r\n\x80\x81" + wire("more garbage"))
    assert (await session.command("+CSQ")).lines == ("+CSQ: 20,99",)
    assert session.counters.strays == 2
    await session.close()


@wound
async def test_one_write_per_command() -> None:
    session, peer = await joined({"+CSQ": "+CSQ: 20,99\nOK"})
    writes: list[bytes] = []

    def note(data: bytes) -> bytes:
        writes.append(data)
        return data

    peer.end.peer.hook = note
    await session.command("+CSQ")
    assert writes == [b"AT+CSQ\r"]
    await session.close()


@wound
async def test_a_modem_that_wants_to_rest_between_commands_gets_it() -> None:
    session, _ = await joined({}, replace(QUICK, gap=0.05))
    loop = asyncio.get_running_loop()
    started = loop.time()
    for _ in range(3):
        await session.command("AT")
    assert loop.time() - started >= 0.1
    await session.close()


@wound
async def test_a_message_is_not_written_where_its_refusal_comes_in_one_go_with_the_prompt() -> None:
    session, peer = await joined({"+CMGS": None, "+CSQ": "+CSQ: 20,99\nOK"})
    caller = asyncio.create_task(session.command("+CMGS=20", payload=b"00\x1a"))
    while "AT+CMGS=20" not in peer.heard:
        await asyncio.sleep(0)
    peer.end.inject(b"\r\n> " + wire("+CMS ERROR: 500"))
    with pytest.raises(CommandRefused, match="500"):
        await caller
    await session.command("+CSQ")
    assert peer.heard[-1] == "AT+CSQ"  # and nothing before it on its line
    await session.close()
