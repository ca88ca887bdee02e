"""Whose turn it is on the line: the urgent first, and nobody is held up by a caller who leaves, whenever that is."""

import asyncio

import pytest

from modem_drivers.errors import CommandTimeout, PortGone
from modem_drivers.session import RESYNC_TRIES
from tests.modem_drivers.peer import QUICK, joined
from tests.scenarios.faults.wound import wound


@wound
async def test_a_cancelled_caller_leaves_no_answer_behind() -> None:
    session, peer = await joined({"+CSQ": None, "+CESQ": "+CESQ: 1\nOK"})
    caller = asyncio.create_task(session.command("+CSQ"))
    while "AT+CSQ" not in peer.heard:
        await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    peer.say("+CSQ: 3,99\nOK")
    assert (await session.command("+CESQ")).lines == ("+CESQ: 1",)
    await session.close()


@wound
async def test_hanging_up_does_not_wait_for_listings_in_the_queue() -> None:
    session, peer = await joined({"+CMGL": "OK", "+VTS": "OK", "+CHUP": "OK"})
    listings = [asyncio.create_task(session.command(f"+CMGL={status}")) for status in range(4)]
    await asyncio.sleep(0)
    urgent = [asyncio.create_task(session.command(text, urgent=True)) for text in ("+VTS=1", "+CHUP")]
    await asyncio.gather(*listings, *urgent)
    assert peer.heard[-6:] == ["AT+CMGL=0", "AT+VTS=1", "AT+CHUP", "AT+CMGL=1", "AT+CMGL=2", "AT+CMGL=3"]
    await session.close()


@wound
async def test_the_next_command_leaves_before_the_caller_of_the_last_hears_its_answer() -> None:
    session, peer = await joined({"+CSQ": "+CSQ: 20,99\nOK", "+CREG?": "+CREG: 2,1\nOK"})
    seen: list[str] = []

    def note(data: bytes) -> bytes:
        seen.append(data.decode().strip())
        return data

    async def ask(text: str) -> None:
        answer = await session.command(text)
        seen.extend(answer.lines)

    peer.end.peer.hook = note
    await asyncio.gather(ask("+CSQ"), ask("+CREG?"))
    assert seen == ["AT+CSQ", "AT+CREG?", "+CSQ: 20,99", "+CREG: 2,1"]
    await session.close()


@wound
async def test_a_command_whose_caller_gave_up_waiting_is_never_written() -> None:
    session, peer = await joined({"+CMGL": None, "+CSQ": "OK", "+CREG?": "OK"})
    running = asyncio.create_task(session.command("+CMGL=4"))
    waiting = [asyncio.create_task(session.command("+CSQ", urgent=urgent)) for urgent in (False, True)]
    last = asyncio.create_task(session.command("+CREG?"))
    while "AT+CMGL=4" not in peer.heard:
        await asyncio.sleep(0)
    for caller in waiting:
        caller.cancel()
    peer.say("OK")
    await asyncio.gather(running, last)
    assert peer.heard[-2:] == ["AT+CMGL=4", "AT+CREG?"]
    await session.close()


@wound
async def test_a_caller_cancelled_when_his_answer_has_come_disturbs_nobody() -> None:
    session, peer = await joined({"+CSQ": "OK", "+CREG?": "+CREG: 2,1\nOK"})
    first = asyncio.create_task(session.command("+CSQ"))
    second = asyncio.create_task(session.command("+CREG?"))

    def cancel_first(data: bytes) -> bytes:
        if data == b"AT+CREG?\r":  # the answer to +CSQ is in, and its caller not yet told
            first.cancel()
        return data

    peer.end.peer.hook = cancel_first
    assert (await second).lines == ("+CREG: 2,1",)
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (session.in_step, session.counters.resynchronisations) == (True, 0)
    await session.close()


@wound
async def test_the_way_back_into_step_does_not_end_with_the_caller_who_began_it() -> None:
    session, peer = await joined({"+CSQ": None, "+CESQ": "+CESQ: 1\nOK"})
    with pytest.raises(CommandTimeout):
        await session.command("+CSQ", timeout=0.02)
    began = asyncio.create_task(session.command("+CREG?"))
    following = asyncio.create_task(session.command("+CESQ"))
    escapes = peer.escapes
    while peer.escapes == escapes:
        await asyncio.sleep(0)
    began.cancel()
    assert (await following).lines == ("+CESQ: 1",)
    assert (peer.heard[-2:], session.counters.resynchronisations) == (["AT", "AT+CESQ"], 1)
    await session.close()


@wound
async def test_a_way_back_that_fails_for_a_caller_who_has_left_is_gone_anew_for_the_next() -> None:
    session, peer = await joined({"+CSQ": "OK"})
    peer.answers |= {"AT": None, "+CMGL": None}
    with pytest.raises(CommandTimeout):
        await session.command("+CMGL=4", timeout=0.02)
    began = asyncio.create_task(session.command("+CREG?"))
    following = asyncio.create_task(session.command("+CSQ"))
    await asyncio.sleep(RESYNC_TRIES * QUICK.patience)
    began.cancel()
    await asyncio.sleep(QUICK.patience / 2)
    assert not following.done()
    peer.answers["AT"] = "OK"
    assert await following
    await session.close()


@wound
async def test_a_message_is_not_written_for_a_caller_who_left_before_the_prompt() -> None:
    session, peer = await joined({"+CMGS": None})
    caller = asyncio.create_task(session.command("+CMGS=20", payload=b"00\x1a"))
    while "AT+CMGS=20" not in peer.heard:
        await asyncio.sleep(0)
    caller.cancel()
    await asyncio.sleep(0)
    peer.at_prompt = True
    peer.end.write(b"\r\n> ")
    await session.command("AT")
    assert peer.payloads == []
    await session.close()


@wound
async def test_a_message_is_not_written_for_a_caller_who_leaves_while_the_prompt_comes_in() -> None:
    session, peer = await joined({"+CMGS": ">"})

    def cancel(data: bytes) -> bytes:
        asyncio.get_running_loop().call_soon(caller.cancel)  # the prompt is read before the caller is told
        return data

    peer.end.hook = cancel
    caller = asyncio.create_task(session.command("+CMGS=20", payload=b"00\x1a"))
    with pytest.raises(asyncio.CancelledError):
        await caller
    peer.end.hook = None
    await session.command("AT")
    assert peer.payloads == []
    await session.close()


@wound
async def test_a_caller_who_leaves_at_the_deadline_itself_is_no_timeout() -> None:
    session, _ = await joined({"+CSQ": None})
    loop = asyncio.get_running_loop()
    failed: list[object] = []
    loop.set_exception_handler(lambda _, context: failed.append(context))
    caller = asyncio.create_task(session.command("+CSQ", timeout=0.05))
    loop.call_at(loop.time() + 0.05 - 1e-10, caller.cancel)  # both timers are up in one turn of the loop
    with pytest.raises(asyncio.CancelledError):
        await caller
    await session.command("AT")
    assert (failed, session.counters.timeouts) == ([], 0)
    await session.close()


@wound
async def test_a_caller_who_leaves_while_his_answer_comes_in_needs_no_way_back_into_step() -> None:
    session, peer = await joined({"+CSQ": None})
    failed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
    caller = asyncio.create_task(session.command("+CSQ"))
    while "AT+CSQ" not in peer.heard:
        await asyncio.sleep(0)
    peer.say("OK")
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert (failed, session.in_step) == ([], True)
    await session.close()


@wound
async def test_each_waiting_command_tries_a_silent_modem_anew() -> None:
    session, peer = await joined({"+CSQ": "OK"})
    peer.answers |= {"AT": None, "+CMGL": None}
    with pytest.raises(CommandTimeout):
        await session.command("+CMGL=4", timeout=0.02)
    waiting = [asyncio.create_task(session.command("+CSQ")) for _ in range(2)]
    with pytest.raises(CommandTimeout, match="AT got no final result"):
        await waiting[0]
    peer.answers["AT"] = "OK"
    assert await waiting[1]
    await session.close()


@wound
async def test_closing_on_the_way_back_into_step_ends_the_commands_that_wait_for_it() -> None:
    session, peer = await joined({"+CSQ": None})
    with pytest.raises(CommandTimeout):
        await session.command("+CSQ", timeout=0.02)
    waiting = asyncio.create_task(session.command("+CESQ"))
    escapes = peer.escapes
    while peer.escapes == escapes:
        await asyncio.sleep(0)
    await session.close()
    with pytest.raises(PortGone, match="closed by this program"):
        await waiting
    with pytest.raises(PortGone):
        await session.command("+CESQ")
    assert "AT+CESQ" not in peer.heard
