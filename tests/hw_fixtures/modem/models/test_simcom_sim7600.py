"""The SIM7600's own words."""

import pytest

from tests.hw_fixtures.modem.bench import Bench


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+CGMI", "SIMCOM INCORPORATED\nOK"),
        ("AT+CGMR", "+CGMR: LE20B03SIM7600M22\nOK"),
        ("AT+CICCID", "+ICCID: 8988300000000000013\nOK"),
        ("AT+SPIC", "+SPIC: 3,10,3,10\nOK"),
        (
            "AT+CPSI?",
            "+CPSI: LTE,Online,001-01,0x1A2B,1194684,187,EUTRAN-BAND3,1650,5,5,-90,-950,-670,14\nOK",
        ),
        ("AT+CCID", "ERROR"),
        ("AT+QCCID", "ERROR"),
        ("AT+CNMI=2,1,0,1,0", "+CME ERROR: 50"),
        ("AT+CNMI=?", "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)\nOK"),
        ("AT+CPMS=?", '+CPMS: ("ME","MT","SM","SR"),("ME","MT","SM","SR"),("ME","MT","SM","SR")\nOK'),
    ],
)
def test_answers(command: str, answer: str) -> None:
    assert Bench("simcom-sim7600").say(command) == answer


def test_without_network() -> None:
    assert Bench("simcom-sim7600", registered_after=5).say("AT+CPSI?") == "+CPSI: NO SERVICE,Online\nOK"


@pytest.mark.parametrize("command", ["AT+CRESET", "AT+CFUN=6", "AT+CFUN=1,1"])
def test_resets(command: str) -> None:
    bench = Bench("simcom-sim7600", reboot_after=3)
    bench.say('AT+CNMI=1,2,0,1,0;+CPMS="SM","SM","SM"')
    assert bench.say(command) == "OK"
    bench.elapse()
    assert bench.hung_up() == [3]
    bench.modem.power_on()
    assert bench.drain() == "RDY\n+CPIN: READY\nSMS DONE\nPB DONE"
    bench.say("ATE0")
    assert bench.say("AT+CNMI?") == "+CNMI: 1,1,0,0,0\nOK"
    assert bench.say("AT+CPMS?").startswith('+CPMS: "ME"')


def test_power_off_stays_away() -> None:
    bench = Bench("simcom-sim7600")
    assert bench.say("AT+CPOF") == "OK"
    assert bench.hung_up() == [None]
