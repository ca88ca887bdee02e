"""Phones that are called, by one another."""

import pytest

from hw_fixtures.network import Network, Release, Stage
from tests.hw_fixtures.modem.bench import NOON

ANNA, BEN = "+15550101", "+15550102"


@pytest.fixture
def network() -> Network:
    return Network(lambda: NOON)


async def test_two_people_talk(network: Network) -> None:
    anna, ben = network.phone(ANNA), network.phone(BEN)
    told: list[str] = []
    ben.on_speech.append(told.append)
    call = anna.ring(BEN)
    assert call.stage is Stage.ACTIVE
    call.say(anna, "hello")
    anna.press("12")
    assert (await ben.hears("hel", 1), ben.keys, told) == ("hello", "12", ["hello"])
    ben.hang_up()
    assert (call.release, anna.call, ben.call) == (Release.NORMAL, None, None)


async def test_nobody_answers_until_he_does(network: Network) -> None:
    anna, ben = network.phone(ANNA), network.phone(BEN)
    ben.no_answer()
    call = anna.ring(BEN)
    assert (await ben.rings(1)) is call
    assert call.stage.value == "alerting"
    with pytest.raises(LookupError, match="active"):
        ben.press("1")
    ben.answer()
    assert call.stage is Stage.ACTIVE
    with pytest.raises(LookupError, match="alerting"):
        ben.answer()
    call.press(ben, "1")
    assert anna.keys == "1"


async def test_busy_away_and_voicemail(network: Network) -> None:
    anna, ben = network.phone(ANNA), network.phone(BEN)
    ben.busy = True
    assert anna.ring(BEN).release is Release.BUSY
    ben.on = False
    assert anna.ring(BEN).release is Release.UNREACHABLE
    ben.voicemail_after = 0
    call = anna.ring(BEN)
    call.say(anna, "call me")
    assert (ben.recorded, ben.heard) == (["call me"], [])
    anna.hang_up()
    ben.on, ben.busy = True, False
    ben.no_answer()
    assert anna.ring(BEN).stage is Stage.ACTIVE
    assert ben.missed == [ANNA]


async def test_what_does_not_happen_is_said_in_words(network: Network) -> None:
    ben = network.phone(BEN)
    with pytest.raises(AssertionError, match=r"expected \+15550102 a call within 0.01 s"):
        await ben.rings(0.01)
    network.phone(ANNA).ring(BEN)
    with pytest.raises(AssertionError, match="to hear 'x', heard"):
        await ben.hears("x", 0.01)
    with pytest.raises(LookupError, match="let it ring first"):
        network.phone("+15550103").hang_up()
