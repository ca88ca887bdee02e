"""The card: identity, locks, files."""

import pytest

from tests.hw_fixtures.modem.bench import OWN, Bench, every_model

pytestmark = every_model


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+CPIN?", "+CPIN: READY\nOK"),
        ("AT+CIMI", "001010123456789\nOK"),
        ("AT+CRSM=176,12258,0,0,10", '+CRSM: 144,0,"988803000000000010F3"\nOK'),
        ("AT+CRSM=176,28539,0,0,12", "+CRSM: 106,130\nOK"),
        ("AT+CNUM", f'+CNUM: ,"{OWN}",145\nOK'),
        ('AT+CLCK="SC",2', "+CLCK: 0\nOK"),
    ],
)
def test_open_card(model: str, command: str, answer: str) -> None:
    assert Bench(model).say(command) == answer


def test_no_card(model: str) -> None:
    bench = Bench(model, sim=False)
    for command in ("AT+CPIN?", "AT+CIMI", "AT+CNUM", "AT+CRSM=176,12258,0,0,10"):
        assert bench.say(command) == "+CME ERROR: 10"
    for command in ("AT+CMGS=13", "AT+CPMS?", "AT+CSCA?", "AT+CMGL=4"):
        assert bench.say(command) == "+CMS ERROR: 310"
    assert bench.say("AT+CREG?") == "+CREG: 0,0\nOK"


def test_pin_opens_the_card_and_registers(model: str) -> None:
    bench = Bench(model, pin="1234")
    bench.say("AT+CREG=1")
    assert bench.say("AT+CPIN?") == "+CPIN: SIM PIN\nOK"
    assert bench.say("AT+CIMI") == "+CME ERROR: 11"
    assert bench.say("AT+CMGS=13") == "+CMS ERROR: 311"
    assert bench.say("AT+CRSM=176,12258,0,0,10") == '+CRSM: 144,0,"988803000000000010F3"\nOK'
    ready = list(bench.modem.model.ready_lines)
    assert bench.unlock("1234")[: 1 + len(ready)] == ["OK", *ready]
    assert bench.say("AT+CREG?") == "+CREG: 1,1\nOK"
    assert bench.say('AT+CPIN="1234"') == "+CME ERROR: 3"


def test_three_wrong_pins_then_the_puk(model: str) -> None:
    bench = Bench(model, pin="1234")
    assert bench.say("AT+CPIN=1111") == "+CME ERROR: 16"
    assert bench.card.pin_tries == 2
    assert bench.say("AT+CPIN=1111") == "+CME ERROR: 16"
    assert bench.say("AT+CPIN=1111") == "+CME ERROR: 12"
    assert bench.say("AT+CPIN?") == "+CPIN: SIM PUK\nOK"
    assert bench.say("AT+CPIN=1234") == "+CME ERROR: 12"
    assert bench.say('AT+CPIN="00000000","4321"') == "+CME ERROR: 12"
    assert bench.card.puk_tries == 9
    assert bench.say('AT+CPIN="12345678","4321"').startswith("OK")
    assert (bench.card.pin, bench.card.pin_tries, bench.card.puk_tries) == ("4321", 3, 10)


def test_a_used_up_puk_ends_the_card(model: str) -> None:
    bench = Bench(model, pin="1234")
    bench.card.pin_tries = 0
    for _ in range(10):
        bench.say('AT+CPIN="00000000","4321"')
    assert bench.say("AT+CPIN?") == "+CME ERROR: 13"
    assert bench.say('AT+CPIN="12345678","4321"') == "+CME ERROR: 13"


def test_tries_are_the_cards_and_survive_a_reset(model: str) -> None:
    bench = Bench(model, pin="1234")
    bench.say("AT+CPIN=1111")
    bench.say("AT+CFUN=1,1")
    bench.modem.power_on()
    assert bench.card.pin_tries == 2


def test_lock_on_off_and_new_pin(model: str) -> None:
    bench = Bench(model)
    assert bench.say('AT+CLCK="SC",1,"9999"') == "+CME ERROR: 16"
    assert bench.say('AT+CLCK="SC",1,"0000"') == "OK"
    assert bench.say('AT+CLCK="SC",2') == "+CLCK: 1\nOK"
    assert bench.say('AT+CPWD="SC","0000","4321"') == "OK"
    bench.say("AT+CFUN=1,1")
    bench.modem.power_on()
    bench.say("ATE0")
    assert bench.say("AT+CPIN?") == "+CPIN: SIM PIN\nOK"
    assert bench.unlock("4321")[0] == "OK"
    assert bench.say('AT+CLCK="SC",0,"4321"') == "OK"


def test_a_card_that_starts_is_busy(model: str) -> None:
    bench = Bench(model, pin="1234")
    takes = bench.modem.model.sim_busy_for
    bench.say("AT+CPIN=1234")
    if takes:
        assert bench.say("AT+CPIN?") == "+CME ERROR: 14"
        assert bench.say("AT+CMGS=13") == "+CMS ERROR: 314"
        assert bench.timers() == [takes]
        bench.elapse()
    assert bench.say("AT+CPIN?") == "+CPIN: READY\nOK"
