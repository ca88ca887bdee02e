"""What a unit can do is asked of it, once."""

from dataclasses import replace

import pytest

from hw_fixtures.modem import load_model, model_names
from modem_drivers.errors import Unsupported
from modem_drivers.features.capabilities import Capabilities
from tests.modem_drivers.features.calling import EC25, PHONE, PLAIN, SIM7600, yard


@pytest.mark.parametrize(
    ("model", "capabilities"),
    [
        (EC25, Capabilities(texts=True, voice=True, keys=True, keys_sent=True, speech=True, ussd=True)),
        (SIM7600, Capabilities(texts=True, voice=True, keys=True, keys_sent=True, speech=True, ussd=True)),
        (PLAIN, Capabilities(texts=True, voice=True, keys=False, keys_sent=True, speech=False, ussd=True)),
    ],
)
async def test_asked_once(model: str, capabilities: Capabilities) -> None:
    async with yard(model) as at:
        assert await at.modem.capabilities() == capabilities
        said = len(at.said)
        assert await at.modem.capabilities() == capabilities
        assert len(at.said) == said


async def test_the_same_model_with_another_firmware() -> None:
    async with yard(EC25) as at:
        model = load_model(EC25)
        at.simulated.model = replace(model, lacks=(*model.lacks, "+QWTTS", "+CLCC", "+CUSD"))
        found = await at.modem.capabilities()
        assert found == Capabilities(texts=True, voice=False, keys=False, keys_sent=False, speech=False, ussd=False)


WITHOUT_VOICE = ("quectel-bg95", "quectel-bg96", "simcom-sim7080g", "ublox-sara-r4", "ublox-sara-r5")


@pytest.mark.parametrize("model", model_names())
async def test_every_family_calls_hears_keys_and_hangs_up_or_says_that_it_cannot(model: str) -> None:
    async with yard(model) as at:
        capabilities = await at.modem.capabilities()
        assert capabilities.voice is (model not in WITHOUT_VOICE)
        if not capabilities.voice:
            with pytest.raises(Unsupported, match="voice calls"):
                await at.modem.voice.dial(PHONE)
            return
        if capabilities.keys:
            await at.modem.keys.start()
        async with await at.modem.voice.dial(PHONE) as call:
            await call.answered(5)
            at.phone.press("1")
            await at.modem.keys.send("5")
            assert not capabilities.keys or await at.modem.keys.next(5) == "1"
            if capabilities.speech:
                await at.modem.speech.say("hello")
        assert at.phone.keys == "5"
        assert at.phone.heard == ["hello"] * capabilities.speech
        assert at.phone.call is None
