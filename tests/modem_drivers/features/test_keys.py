"""Keys of a call, both ways."""

import asyncio

import pytest

from modem_drivers.errors import CommandRefused, Unsupported
from modem_drivers.features.keys import MAX_WAITING, Keys
from tests.modem_drivers.features.calling import EC25, PHONE, SIM7600, WITH_VOICE, yard
from tests.modem_drivers.peer import joined

every_listener = pytest.mark.parametrize("model", [EC25, SIM7600])


@every_listener
async def test_every_key_the_far_end_presses_is_heard(model: str) -> None:
    heard: list[str] = []
    async with yard(model) as at:
        at.modem.keys.on_key = heard.append
        await at.modem.keys.start()
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)
            at.phone.press("0123456789*#ABCD")
            assert [await at.modem.keys.next(5) for _ in range(16)] == list("0123456789*#ABCD")
            assert await at.modem.keys.next(0.01) is None
        assert heard == list("0123456789*#ABCD")


@every_listener
async def test_keys_of_an_earlier_question_are_forgotten(model: str) -> None:
    async with yard(model) as at:
        await at.modem.keys.start()
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)
            at.phone.press("1")
            await at.modem.session.command("AT")
            at.modem.keys.clear()
            at.phone.press("2")
            assert await at.modem.keys.next(5) == "2"
            at.modem.keys.stop()
            at.phone.press("3")
            await at.modem.session.command("AT")
            assert await at.modem.keys.next(0.01) is None


@pytest.mark.parametrize("model", WITH_VOICE)
async def test_keys_are_sent(model: str) -> None:
    async with yard(model) as at:
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)
            await at.modem.keys.send("12*#A")
        assert at.phone.keys == "12*#A"
        with pytest.raises(CommandRefused):
            await at.modem.keys.send("1")


async def test_keys_in_quotes_where_the_modem_wants_them() -> None:
    session, peer = await joined({"AT+VTS=1": "ERROR", 'AT+VTS="1"': "OK", 'AT+VTS="2"': "OK"})
    await Keys(session).send("121")
    assert peer.heard[-4:] == ["AT+VTS=1", 'AT+VTS="1"', 'AT+VTS="2"', 'AT+VTS="1"']
    await session.close()


@pytest.mark.parametrize("keys", ["", "E", "1 2", "+", "1" * 33])
async def test_what_is_no_key_is_not_sent(keys: str) -> None:
    session, _ = await joined()
    with pytest.raises(ValueError, match="expected 1 to 32 keys"):
        await Keys(session).send(keys)
    await session.close()


async def test_a_modem_that_hears_none() -> None:
    session, _ = await joined()
    with pytest.raises(Unsupported, match="detection of keys"):
        await Keys(session).start()
    await session.close()


async def test_keys_nobody_takes_are_bounded() -> None:
    async with yard(EC25) as at:
        await at.modem.keys.start()
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)
            at.phone.press("5" * (MAX_WAITING + 10))
            await at.modem.session.command("AT")
            taken = [await at.modem.keys.next(0.01) for _ in range(MAX_WAITING + 1)]
        assert taken == ["5"] * MAX_WAITING + [None]


async def test_keys_pressed_while_a_listing_is_asked_for_are_not_lost() -> None:
    async with yard(EC25) as at:
        await at.modem.keys.start()
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)
            listing = asyncio.create_task(at.modem.session.command("+COPS=?"))
            at.phone.press("1")
            assert await at.modem.keys.next(5) == "1"
            await listing
