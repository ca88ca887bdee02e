"""Identity, power and reset."""

import pytest

from tests.hw_fixtures.modem.bench import OWN, Bench, every_model

pytestmark = every_model


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+CGSN", "867698040000005\nOK"),
        ("AT+CGSN=?", "OK"),
        ("AT+CCLK?", '+CCLK: "26/11/20,12:00:00+00"\nOK'),
        ("AT+NONSENSE", "ERROR"),
    ],
)
def test_identity(model: str, command: str, answer: str) -> None:
    assert Bench(model).say(command) == answer


def test_clac_lists_what_is_known(model: str) -> None:
    listed = Bench(model).say("AT+CLAC").split("\n")
    assert {"AT+CMGS", "AT+CREG", "AT+CSCS", "AT&F"} <= set(listed)


def test_flight_mode_and_back(model: str) -> None:
    bench = Bench(model)
    bench.say("AT+CREG=1;+CEREG=2")
    assert bench.say("AT+CFUN=4") == "OK\n+CREG: 0\n+CEREG: 0"
    assert bench.say("AT+CFUN?") == "+CFUN: 4\nOK"
    assert bench.say("AT+CSQ") == "+CSQ: 99,99\nOK"
    assert not bench.network.centre.attached(OWN)
    assert bench.say("AT+CFUN=1").split("\n")[-1].startswith("+CEREG: 1,")
    assert bench.network.centre.attached(OWN)


def test_minimum_function_takes_the_sims_power(model: str) -> None:
    bench = Bench(model, pin="1234")
    bench.unlock("1234")
    bench.say("AT+CFUN=0")
    assert bench.say("AT+CPIN?") == "+CME ERROR: 13"
    assert bench.say("AT+CFUN=1") == "OK\n+CPIN: SIM PIN"


def test_reset_vanishes_after_its_ok_and_boots_anew(model: str) -> None:
    bench = Bench(model, pin="1234", reboot_after=3)
    bench.unlock("1234")
    bench.say("AT+CREG=2")
    assert bench.say("AT+CFUN=1,1") == "OK"
    assert bench.hung_up() == []
    assert bench.say("AT") == ""  # deaf while it goes down
    bench.elapse()
    assert bench.hung_up() == [3]
    bench.modem.power_on()
    assert bench.drain().split("\n") == [*bench.modem.model.boot_lines, "+CPIN: SIM PIN"]
    assert bench.say("ATE0").startswith("ATE0")  # the echo is back
    assert bench.say("AT+CREG?") == "+CREG: 0,0\nOK"
