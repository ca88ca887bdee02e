"""Calls between a modem and people's phones."""

import asyncio
from dataclasses import replace

import pytest

from hw_fixtures.network import Release
from modem_drivers.at.parsers.calls import CallState
from modem_drivers.errors import CallEnded, CommandRefused, EndCause, InCall, Unsupported
from modem_drivers.features.call import VoiceCall
from modem_drivers.features.voice import Voice
from modem_drivers.profiles import EC25 as EC25_PROFILE
from tests.modem_drivers.features.calling import EC25, OURS, PHONE, SIM7600, WITH_VOICE, yard
from tests.modem_drivers.peer import QUICK, Answer, joined

every_model = pytest.mark.parametrize("model", WITH_VOICE)


@every_model
async def test_a_person_answers_and_we_hang_up(model: str) -> None:
    async with yard(model) as at:
        at.phone.answers_after = 0.05
        call = await at.modem.voice.dial(PHONE)
        assert call.active_at is None
        await call.answered(5)
        assert call.state is CallState.ACTIVE
        assert at.phone.call is not None
        await call.hang_up()
        assert at.phone.call is None
        assert (await call.ended()).cause is EndCause.HUNG_UP
        assert (await call.ended()).detail == Release.NORMAL.value
        await call.hang_up()


@every_model
async def test_the_far_end_hangs_up(model: str) -> None:
    async with yard(model) as at:
        call = await at.modem.voice.dial(PHONE)
        await call.answered(5)
        at.phone.hang_up()
        end = await asyncio.wait_for(call.ended(), 30)
        assert end.cause is EndCause.FAR_END
        assert end.seconds > 0
        with pytest.raises(CallEnded, match="ended by the far end"):
            await call.answered(5)
        async with await at.modem.voice.dial(PHONE) as again:
            await again.answered(5)
        assert again.end is not None


@every_model
async def test_a_call_that_rings_is_not_answered(model: str) -> None:
    """Neither an unsolicited line nor the LTE data connection in the list counts as an answer."""
    async with yard(model) as at:
        at.phone.no_answer()
        call = await at.modem.voice.dial(PHONE)
        with pytest.raises(CallEnded, match="nobody answered") as nobody:
            await call.answered(0.2)
        assert nobody.value.cause is EndCause.NO_ANSWER
        assert nobody.value.may_retry
        assert at.phone.call is None
        assert call.end is not None
        assert call.end.cause is EndCause.NO_ANSWER


@every_model
async def test_a_call_whose_caller_leaves_before_the_modem_has_said_ok_does_not_ring_on(model: str) -> None:
    async with yard(model) as at:
        at.phone.no_answer()
        await at.modem.voice.start()
        at.simulated.faults.late(0.05)
        dialling = asyncio.create_task(at.modem.voice.dial(PHONE))
        await at.phone.rings(5)
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        assert at.phone.call is None
        async with await at.modem.voice.dial(PHONE) as again:
            assert again.state is CallState.DIALING


@every_model
async def test_busy_refused_and_away(model: str) -> None:
    async with yard(model) as at:
        at.phone.busy = True
        with pytest.raises(CallEnded, match="busy") as busy:
            await (await at.modem.voice.dial(PHONE)).answered(5)
        assert busy.value.cause is EndCause.BUSY
        at.phone.busy = False
        at.phone.no_answer()
        call = await at.modem.voice.dial(PHONE)
        await at.phone.rings(5)
        at.phone.hang_up()
        with pytest.raises(CallEnded) as refused:
            await call.answered(5)
        assert refused.value.cause is EndCause.REFUSED
        at.phone.on = False
        with pytest.raises(CallEnded) as away:
            await (await at.modem.voice.dial(PHONE)).answered(5)
        assert away.value.detail == Release.UNREACHABLE.value


@every_model
async def test_the_network_gives_up_ringing(model: str) -> None:
    async with yard(model) as at:
        at.network.exchange.rings_for = 0.05
        at.phone.no_answer()
        with pytest.raises(CallEnded) as nobody:
            await (await at.modem.voice.dial(PHONE)).answered(5)
        assert nobody.value.cause is EndCause.NO_ANSWER
        assert at.phone.missed == [OURS]


@every_model
async def test_a_voicemail_is_an_answer_like_any_other(model: str) -> None:
    async with yard(model) as at:
        at.phone.no_answer()
        at.phone.voicemail_after = 0.05
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)
        assert at.phone.missed == [OURS]


@every_model
async def test_progress_nobody_tells_is_found_in_the_list(model: str) -> None:
    async with yard(model) as at:
        at.simulated.faults.mute_progress()
        at.phone.answers_after = 0.05
        call = await at.modem.voice.dial(PHONE)
        await call.answered(5)
        at.phone.hang_up()
        assert (await asyncio.wait_for(call.ended(), 30)).cause is EndCause.FAR_END


@every_model
async def test_a_modem_that_keeps_a_call_is_told_in_another_way(model: str) -> None:
    async with yard(model) as at:
        call = await at.modem.voice.dial(PHONE)
        await call.answered(5)
        at.simulated.faults.keep_call()
        await call.hang_up()
        assert at.phone.call is None
        assert b"AT+CHUP\r" in at.said
        assert b"ATH\r" in at.said


async def test_a_call_that_cannot_be_ended_is_an_error() -> None:
    async with yard(EC25) as at:
        call = await at.modem.voice.dial(PHONE)
        await call.answered(5)
        at.simulated.faults.keep_call(times=2)
        with pytest.raises(CommandRefused, match="the call is still there"):
            await call.hang_up()
        await call.hang_up()


@every_model
async def test_a_phone_calls_us(model: str) -> None:
    async with yard(model) as at:
        calls: asyncio.Queue[VoiceCall] = asyncio.Queue()
        at.modem.voice.on_incoming = calls.put_nowait
        await at.modem.voice.start()
        at.phone.ring(OURS)
        call = await asyncio.wait_for(calls.get(), 30)
        assert (call.number, call.incoming, call.state) == (PHONE, True, CallState.INCOMING)
        with pytest.raises(InCall, match=r"\+15550101"):
            await at.modem.voice.dial("+15550102")
        await call.answer()
        at.phone.hang_up()
        assert (await asyncio.wait_for(call.ended(), 30)).cause is EndCause.FAR_END
        at.phone.ring(OURS)
        second = await asyncio.wait_for(calls.get(), 30)
        await second.hang_up()
        assert at.phone.call is None
        assert calls.empty()


async def test_a_caller_who_gives_up_is_told_as_the_end() -> None:
    async with yard(SIM7600) as at:
        calls: asyncio.Queue[VoiceCall] = asyncio.Queue()
        at.modem.voice.on_incoming = calls.put_nowait
        await at.modem.voice.start()
        at.phone.ring(OURS)
        call = await asyncio.wait_for(calls.get(), 30)
        at.phone.hang_up()
        assert (await asyncio.wait_for(call.ended(), 30)).cause is EndCause.FAR_END
        with pytest.raises(CallEnded):
            await call.answer()


@every_model
async def test_the_line_is_lost_in_a_call(model: str) -> None:
    async with yard(model) as at:
        call = await at.modem.voice.dial(PHONE)
        await call.answered(5)
        at.simulated.unplugged()
        end = await asyncio.wait_for(call.ended(), 30)
        assert end.cause is EndCause.LOST
        assert at.phone.call is None


async def test_without_a_network_there_is_no_call() -> None:
    async with yard(EC25) as at:
        at.simulated.faults.no_network()
        with pytest.raises(CallEnded) as refused:
            await at.modem.voice.dial(PHONE)
        assert refused.value.cause is EndCause.REFUSED
        at.simulated.faults.network_back()
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)


@pytest.mark.parametrize("number", ["", "*100#", "+", "+49", "0151;+CMGD=1", "+4915112345678\r", "Anna", "+0123456789"])
async def test_what_is_no_number_is_not_dialled(number: str) -> None:
    session, peer = await joined()
    heard = len(peer.heard)
    with pytest.raises(ValueError, match="expected"):
        await Voice(session).dial(number)
    assert len(peer.heard) == heard
    await session.close()


async def test_a_modem_without_voice_says_so_in_one_sentence() -> None:
    session, peer = await joined({"+CLCC=?": "ERROR"})
    with pytest.raises(Unsupported, match="expected a modem with voice calls, got generic"):
        await Voice(session).dial(PHONE)
    with pytest.raises(Unsupported):
        await Voice(session).dial(PHONE)
    assert peer.heard.count("AT+CLCC=?") == 1
    await session.close()
    session, _ = await joined({"+CLCC=?": "OK", "+CHUP=?": "OK"}, replace(QUICK, calls=None))
    assert not await Voice(session).supported()
    await session.close()


async def test_a_modem_that_tells_of_an_answer_too_early_is_not_believed() -> None:
    lists = iter(['+CLCC: 1,0,3,0,0,"+15550101",145\nOK'] * 2 + ['+CLCC: 1,0,0,0,0,"+15550101",145\nOK'] * 100)
    answers: dict[str, Answer] = {
        "+CLCC=?": "OK",
        "+CHUP=?": "OK",
        "+COLP": "OK",
        "^DSCI": "OK",
        "+CLCC": lambda _: next(lists),
    }
    session, peer = await joined(
        {**answers, "D+15550101;": "OK\n^DSCI: 1,0,3,0,+15550101,145"}, replace(EC25_PROFILE, settle=0.005)
    )
    voice = Voice(session)
    voice.poll = 0.01
    call = await voice.dial(PHONE)
    await call.answered(5)
    assert peer.heard.count("AT+CLCC") >= 3
    await session.close()


async def test_a_modem_that_stops_answering_ends_the_call() -> None:
    answers = {"+CLCC=?": "OK", "+CHUP=?": "OK", "+CLCC": "ERROR", "D+15550101;": "OK"}
    session, _ = await joined(dict(answers))
    voice = Voice(session)
    voice.poll = 0.001
    call = await voice.dial(PHONE)
    assert (await asyncio.wait_for(call.ended(), 30)).cause is EndCause.LOST
    await session.close()


@pytest.mark.parametrize(
    ("result", "cause"), [("NO CARRIER", EndCause.REFUSED), ("BUSY", EndCause.BUSY), ("NO ANSWER", EndCause.NO_ANSWER)]
)
async def test_a_dial_command_may_end_with_the_calls_end(result: str, cause: EndCause) -> None:
    session, _ = await joined({"+CLCC=?": "OK", "+CHUP=?": "OK", "D+15550101;": result, "+CEER": "+CEER: why\nOK"})
    voice = Voice(session)
    with pytest.raises(CallEnded, match="why") as ended:
        await voice.dial(PHONE)
    assert ended.value.cause is cause
    await session.close()


async def test_a_refusal_with_a_code_stays_one() -> None:
    session, _ = await joined({"+CLCC=?": "OK", "+CHUP=?": "OK", "D+15550101;": "+CME ERROR: 30"})
    with pytest.raises(CommandRefused, match="no network"):
        await Voice(session).dial(PHONE)
    await session.close()
