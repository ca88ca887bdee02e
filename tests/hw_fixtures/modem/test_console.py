"""Lines a person types at a simulated modem."""

import pytest

from hw_fixtures.modem.console import LineError, act
from tests.hw_fixtures.modem.bench import ALICE, OWN, Bench


def test_reply_answers_the_last_text() -> None:
    bench = Bench()
    assert bench.text("Fault 41") != ""
    act(f"reply {ALICE} 41A", bench.network, OWN)
    assert bench.drain() == '+CMTI: "ME",0'


def test_send_texts_the_modem() -> None:
    bench = Bench()
    act("send +15550102 good morning", bench.network, OWN)
    assert bench.drain() == '+CMTI: "ME",0'


def test_a_phone_is_called_presses_keys_calls_and_hangs_up() -> None:
    bench = Bench()
    told: list[tuple[str, str]] = []
    bench.network.exchange.on_call.append(lambda number, what: told.append((number, what)))
    bench.say("AT+QTONEDET=1")
    bench.say(f"ATD{ALICE};")
    bench.say('AT+QWTTS=1,0,2,"press 1"')
    phones = bench.network.phone
    act(f"press {ALICE} 1", bench.network, OWN, phones)
    assert bench.drain() == "+QTONEDET: 49"
    act(f"hang-up {ALICE}", bench.network, OWN, phones)
    assert bench.drain() == "NO CARRIER"
    assert told == [
        (ALICE, f"rings, {OWN} calls"),
        (ALICE, "talks"),
        (ALICE, "hears: press 1"),
        (ALICE, "is free again (Normal call clearing)"),
    ]
    act(f"call {ALICE}", bench.network, OWN, phones)
    assert bench.drain() == "RING"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("bogus", "expected `reply"),
        ("reply +15550101", "expected `reply"),
        ("reply +15550101 41A", "got none yet"),
        ("send technician hello", "expected a phone number"),
        ("press +15550101", "expected `reply"),
        ("call +15550101 now", "expected `reply"),
        ("press +15550101 1", "let it ring first"),
        ("hang-up technician", "expected a phone number"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(line: str, said: str) -> None:
    bench = Bench()
    with pytest.raises(LineError, match=said) as caught:
        act(line, bench.network, OWN, bench.network.phone)
    assert "\n" not in str(caught.value)


def test_calls_want_a_network_of_their_own() -> None:
    with pytest.raises(LineError, match="calls do not travel"):
        act(f"press {ALICE} 1", Bench().network, OWN)
