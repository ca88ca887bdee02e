"""Registration, signal, operator, packet data."""

import pytest

from modem_drivers.features.registration import parse_registration
from tests.hw_fixtures.modem.bench import Bench, every_model

pytestmark = every_model


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+CREG?", "+CREG: 0,1\nOK"),
        ("AT+CSQ", "+CSQ: 23,99\nOK"),  # -113 + 2 × 23 = -67 dBm
        ("AT+CESQ", "+CESQ: 99,99,255,255,22,46\nOK"),  # RSRQ 22/2 - 20 = -9 dB, RSRP 46 - 141 = -95 dBm
        ("AT+COPS?", '+COPS: 0,0,"Test Network",{access}\nOK'),
        ("AT+COPS=3,2;+COPS?", '+COPS: 0,2,"00101",{access}\nOK'),
        ("AT+COPS=?", '+COPS: (2,"Test Network","Test Network","00101",{access}),,(0-4),(0-2)\nOK'),
        ('AT+COPS=1,2,"26201"', "+CME ERROR: 30"),
        ("AT+CGATT?", "+CGATT: 1\nOK"),
        ("AT+CGPADDR=1", '+CGPADDR: 1,"10.64.0.2"\nOK'),
        ('AT+CGDCONT=17,"IP","x"', "+CME ERROR: 50"),
        ("AT+CGACT=1,5", "+CME ERROR: 50"),
    ],
)
def test_registered_at_home(model: str, command: str, answer: str) -> None:
    bench = Bench(model)
    assert bench.say(command) == answer.replace("{access}", str(bench.modem.model.access))


def test_where_it_is_registered(model: str) -> None:
    bench = Bench(model)
    line = bench.say("AT+CREG=2;+CREG?").split("\n")[0]
    found = parse_registration(line.removeprefix("+CREG: "))
    assert found is not None
    assert (found.state, found.act) == (1, bench.modem.model.access)
    assert (int(found.area or "", 16), int(found.cell or "", 16)) == (0x1A2B, 0x123ABC)


def test_registration_takes_its_time_and_is_told(model: str) -> None:
    bench = Bench(model, registered_after=5)
    bench.say("AT+CREG=1;+CEREG=2")
    assert bench.say("AT+CREG?") == "+CREG: 1,2\nOK"
    assert bench.say("AT+CSQ") == "+CSQ: 99,99\nOK"
    assert bench.say("AT+COPS?") == "+COPS: 0\nOK"
    assert bench.text() == "+CMS ERROR: 331"
    assert bench.timers() == [5]
    lines = bench.elapse().split("\n")
    assert lines[0] == "+CREG: 1"
    assert lines[1].startswith("+CEREG: 1,")


def test_a_guest_roams(model: str) -> None:
    bench = Bench(model, pin="1234")
    bench.card.imsi = "262010123456789"
    bench.unlock("1234")
    assert bench.say("AT+CREG?") == "+CREG: 0,5\nOK"


def test_an_apn_takes_effect_with_the_next_attach(model: str) -> None:
    bench = Bench(model)
    assert bench.say('AT+CGDCONT=1,"IPV4V6","iot.example"') == "OK"
    assert bench.say("AT+CGDCONT?") == '+CGDCONT: 1,"IPV4V6","iot.example","0.0.0.0",0,0,0,0\nOK'
    assert bench.say("AT+CGCONTRDP=1") == '+CGCONTRDP: 1,5,"","10.64.0.2",,"192.0.2.53"\nOK'
    bench.say("AT+CFUN=4")
    assert bench.say("AT+CGPADDR=1") == '+CGPADDR: 1,"0.0.0.0"\nOK'
    bench.say("AT+CFUN=1")
    assert bench.say("AT+CGCONTRDP=1") == '+CGCONTRDP: 1,5,"iot.example","10.64.0.2",,"192.0.2.53"\nOK'
    bench.say('AT+CGDCONT=1,"IP","other"')
    bench.say("AT+CGATT=0")
    assert bench.say("AT+CGATT?") == "+CGATT: 0\nOK"
    bench.say("AT+CGATT=1")
    assert '"other"' in bench.say("AT+CGCONTRDP")


def test_further_contexts(model: str) -> None:
    bench = Bench(model)
    bench.say('AT+CGDCONT=2,"IP","two"')
    assert bench.say("AT+CGACT?") == "+CGACT: 1,1\n+CGACT: 2,0\nOK"
    assert bench.say("AT+CGACT=1,2") == "OK"
    assert bench.say("AT+CGACT?") == "+CGACT: 1,1\n+CGACT: 2,1\nOK"
    assert bench.say("AT+CGDCONT=2") == "OK"
    assert "two" not in bench.say("AT+CGDCONT?")


def test_deregistered_by_hand(model: str) -> None:
    bench = Bench(model)
    bench.say("AT+COPS=2")
    assert bench.say("AT+CREG?") == "+CREG: 0,0\nOK"
    bench.say("AT+COPS=0")
    assert bench.say("AT+CREG?") == "+CREG: 0,1\nOK"


def test_credentials_are_taken_in_the_models_order(model: str) -> None:
    bench = Bench(model)
    first, second = bench.modem.model.credentials
    given = {"user": "fleet", "password": "s3cret"}
    command = bench.modem.model.credentials_command
    if not command:
        assert bench.say("AT+CGAUTH=?") == "ERROR"
        return
    assert bench.say(f'AT{command}=1,2,"{given[first]}","{given[second]}"') == "OK"
    assert bench.modem.radio.credentials == {"1": ("2", "fleet", "s3cret")}
    shown = ",".join(f'"{(given | {"stars": "****"})[name]}"' for name in bench.modem.model.credentials_shown)
    assert bench.say(f"AT{command}?") == (f"{command}: 1,2,{shown}\nOK" if shown else "ERROR")
    assert bench.say(f'AT{command}=9,1,"a","b"') == "+CME ERROR: 50"
