"""The EC25's own words."""

import pytest

from tests.hw_fixtures.modem.bench import Bench


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("ATI", "Quectel\nEC25\nRevision: EC25EFAR06A06M4G\nOK"),
        ("AT+CGMI", "Quectel\nOK"),
        ("AT+CGMM", "EC25\nOK"),
        ("AT+CGMR", "EC25EFAR06A06M4G\nOK"),
        ("AT+QGMR", "EC25EFAR06A06M4G_01.001.01.001\nOK"),
        ("AT+QPINC?", '+QPINC: "SC",3,10\n+QPINC: "P2",3,10\nOK'),
        ("AT+QCCID", "+QCCID: 8988300000000000013\nOK"),
        ("AT+CCID", "+CCID: 8988300000000000013\nOK"),
        ("AT+ICCID", "+ICCID: 8988300000000000013\nOK"),
        ("AT+QINISTAT", "+QINISTAT: 7\nOK"),
        ("AT+QCSQ", '+QCSQ: "LTE",-67,-95,14,-9\nOK'),
        ("AT+QNWINFO", '+QNWINFO: "FDD LTE","00101","LTE BAND 3",1650\nOK'),
        (
            'AT+QENG="servingcell"',
            '+QENG: "servingcell","NOCONN","LTE","FDD",001,01,123ABC,187,1650,3,5,5,1A2B,-95,-9,-67,14,35\nOK',
        ),
        ("AT+CICCID", "ERROR"),
    ],
)
def test_answers(command: str, answer: str) -> None:
    assert Bench("quectel-ec25").say(command) == answer


def test_without_network() -> None:
    bench = Bench("quectel-ec25", registered_after=5)
    assert bench.say("AT+QNWINFO") == "+QNWINFO: No Service\nOK"
    assert bench.say("AT+QCSQ") == '+QCSQ: "NOSERVICE"\nOK'


def test_without_card() -> None:
    bench = Bench("quectel-ec25", sim=False)
    assert bench.say("AT+QCCID") == bench.say("AT+QPINC?") == "+CME ERROR: 10"


def test_tries_are_told() -> None:
    bench = Bench("quectel-ec25", pin="1234")
    bench.say("AT+CPIN=1111")
    assert bench.say("AT+QPINC?").split("\n")[0] == '+QPINC: "SC",2,10'


def test_a_stored_report_is_announced_where_it_is_not() -> None:
    bench = Bench("quectel-ec25")
    bench.indicate("1,0,2,0")
    assert bench.text(reference=77).split("\n")[2:] == ['+CDSI: "SM",0']
    assert bench.say('AT+CPMS="SM";+CMGR=0') == "+CPMS: 0,50,0,255,0,255\nOK"


def test_power_down_stays_away() -> None:
    bench = Bench("quectel-ec25")
    assert bench.say("AT+QPOWD") == "OK\nPOWERED DOWN"
    assert bench.hung_up() == [None]
    assert bench.say("AT") == ""


def test_message_settings_outlive_a_reset() -> None:
    bench = Bench("quectel-ec25")
    bench.say('AT+CNMI=2,1,0,1,0;+CPMS="SM","SM","SM"')
    bench.say("AT+CFUN=1,1")
    bench.modem.power_on()
    bench.say("ATE0")
    bench.drain()
    assert bench.say("AT+CNMI?") == "+CNMI: 2,1,0,1,0\nOK"
    assert bench.say("AT+CPMS?") == '+CPMS: "SM",0,50,"SM",0,50,"SM",0,50\nOK'
