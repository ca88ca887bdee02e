"""What the modem speaks is heard by whoever answered."""

import asyncio

import pytest

from modem_drivers.errors import CommandRefused, SpeechFailed, Unsupported
from modem_drivers.features.speech import Speech, spoken
from tests.modem_drivers.features.calling import EC25, PHONE, SIM7600, yard
from tests.modem_drivers.peer import joined

every_speaker = pytest.mark.parametrize("model", [EC25, SIM7600])


@every_speaker
async def test_the_far_end_hears_it(model: str) -> None:
    async with yard(model) as at, await at.modem.voice.dial(PHONE) as call:
        await call.answered(5)
        await at.modem.speech.say('Alarm at "Site 4": press 1 to accept.\nMüller')
        assert at.phone.heard == ["Alarm at Site 4: press 1 to accept. Muller"]


@every_speaker
async def test_a_long_text_goes_in_pieces(model: str) -> None:
    text = "all work and no play " * 40
    async with yard(model) as at, await at.modem.voice.dial(PHONE) as call:
        await call.answered(5)
        await at.modem.speech.say(text)
        assert len(at.phone.heard) > 1
        assert " ".join(at.phone.heard) == text.strip()


@every_speaker
async def test_without_a_call_it_is_refused(model: str) -> None:
    async with yard(model) as at:
        with pytest.raises(CommandRefused):
            await at.modem.speech.say("hello")


async def test_a_call_that_ends_in_mid_sentence() -> None:
    async with yard(EC25, speech_rate=0.01) as at:
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)
            at.simulated.later(0.05, at.phone.hang_up)
            with pytest.raises(SpeechFailed, match="4111"):
                await at.modem.speech.say("a sentence of many words")
        assert at.phone.heard == []


@every_speaker
async def test_silence_in_mid_sentence(model: str) -> None:
    async with yard(model, speech_rate=10) as at, await at.modem.voice.dial(PHONE) as call:
        await call.answered(5)
        speaking = asyncio.create_task(at.modem.speech.say("a long sentence " * 100))
        while b"a long sentence" not in at.said:
            await asyncio.sleep(0)
        await at.modem.speech.stop()
        await asyncio.wait_for(speaking, 30)
        assert at.phone.heard == []


async def test_a_firmware_without_the_engine() -> None:
    session, _ = await joined()
    assert not await Speech(session).supported()
    with pytest.raises(Unsupported, match="speech"):
        await Speech(session).say("hello")
    await session.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\r\ntwo\tthree", "one two three"),
        ('say "yes"', "say yes"),
        ("Größe, café", "Grosse, cafe"),
        ("“a” – b’s", "a - b's"),
    ],
)
def test_what_is_spoken(text: str, said: str) -> None:
    assert spoken(text) == said


@pytest.mark.parametrize("text", ["", '"', "\r\n", "温度", "да"])
def test_what_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="write it in English"):
        spoken(text)
