"""The makers' own commands for packet data, as modems answer them."""

import pytest

from tests.hw_fixtures.modem.bench import Bench

ADDRESS = "10.64.0.2"


@pytest.mark.parametrize(
    ("model", "dialogue"),
    [
        (
            "quectel-ec25",
            [
                ("AT+QIACT?", "OK"),
                ('AT+QICSGP=1,3,"iot"', "OK"),
                ("AT+QIACT=1", "OK"),
                ("AT+QIACT=1", "ERROR"),
                ("AT+QIACT?", f'+QIACT: 1,1,1,"{ADDRESS}"\nOK'),
                ("AT+QIACT=9", "+CME ERROR: 50"),
                ("AT+QIDEACT=1", "OK"),
                ("AT+QIACT?", "OK"),
            ],
        ),
        (
            "simcom-sim7600",
            [
                ("AT+IPADDR", "+IP ERROR: Network not opened\nERROR"),
                ("AT+NETOPEN", "OK\n+NETOPEN: 0"),
                ("AT+NETOPEN", "+IP ERROR: Network is already opened\nERROR"),
                ("AT+IPADDR", f"+IPADDR: {ADDRESS}\nOK"),
                ("AT+NETCLOSE", "OK\n+NETCLOSE: 0"),
                ("AT+NETCLOSE", "+IP ERROR: Network is already closed\nERROR"),
            ],
        ),
        (
            "simcom-sim7080g",
            [
                ('AT+CNCFG=0,1,"iot"', "OK"),
                ("AT+CNACT?", '+CNACT: 0,0,"0.0.0.0"\nOK'),
                ("AT+CNACT=0,1", "OK\n+APP PDP: 0,ACTIVE"),
                ("AT+CNACT?", f'+CNACT: 0,1,"{ADDRESS}"\nOK'),
                ("AT+CNACT=0,0", "OK\n+APP PDP: 0,DEACTIVE"),
            ],
        ),
        (
            "ublox-sara-r5",
            [
                ("AT+UPSD=0,100,1", "OK"),
                ("AT+UPSND=0,0", '+UPSND: 0,0,"0.0.0.0"\nOK'),
                ("AT+UPSDA=0,3", f'OK\n+UUPSDA: 0,"{ADDRESS}"'),
                ("AT+UPSND=0,0", f'+UPSND: 0,0,"{ADDRESS}"\nOK'),
                ("AT+UPSDA=0,4", "OK"),
            ],
        ),
        (
            "telit-le910",
            [
                ("AT#SGACT?", "#SGACT: 1,0\nOK"),
                ("AT#SGACT=1,1", f'#SGACT: "{ADDRESS}"\nOK'),
                ("AT#SGACT?", "#SGACT: 1,1\nOK"),
                ("AT#SGACT=1,0", "OK"),
            ],
        ),
        ("sierra-em7455", [("AT!SCACT=1,1", "OK"), ("AT!SCACT?", "!SCACT: 1,1\nOK"), ("AT!SCACT=0,1", "OK")]),
        (
            "sierra-hl7800",
            [
                ('AT+KCNXCFG=1,"GPRS","iot"', "OK"),
                ("AT+KCNXUP=1", "OK\n+KCNX_IND: 1,4,1\n+KCNX_IND: 1,1,0"),
                ("AT+KCNXCFG?", f'+KCNXCFG: 1,"GPRS","iot","","","IPV4","{ADDRESS}","192.0.2.53","0.0.0.0",2\nOK'),
                ("AT+KCNXDOWN=1", "OK\n+KCNX_IND: 1,3"),
            ],
        ),
    ],
)
def test_up_and_down(model: str, dialogue: list[tuple[str, str]]) -> None:
    bench = Bench(model)
    for command, answer in dialogue:
        assert bench.say(command) == answer, command
    assert bench.modem.radio.active.keys() == {"1"}  # as long as it is registered


@pytest.mark.parametrize(
    ("model", "up", "answer"),
    [
        ("quectel-ec25", "AT+QIACT=1", "+CME ERROR: 30"),
        ("simcom-sim7600", "AT+NETOPEN", "OK\n+NETOPEN: 1"),
        ("simcom-sim7080g", "AT+CNACT=0,1", "OK\n+APP PDP: 0,DEACTIVE"),
        ("ublox-sara-r5", "AT+UPSDA=0,3", "OK\n+UUPSDA: 1"),
        ("telit-le910", "AT#SGACT=1,1", "+CME ERROR: 30"),
        ("sierra-em7455", "AT!SCACT=1,1", "+CME ERROR: 30"),
        ("sierra-hl7800", "AT+KCNXUP=1", "OK\n+KCNX_IND: 1,4,1\n+KCNX_IND: 1,2,1,1,60"),
    ],
)
def test_without_a_network_it_does_not_come_up(model: str, up: str, answer: str) -> None:
    bench = Bench(model)
    bench.modem.faults.no_network()
    bench.drain()
    assert bench.say(up) == answer
    bench.modem.faults.network_back()
    bench.drain()
    assert bench.say(up).split("\n")[0] != answer.split("\n")[-1]
    assert bench.modem.radio.stack == {"1"}
    bench.modem.faults.no_network()
    assert bench.modem.radio.stack == set()


def test_a_refused_context_and_the_last_one_that_lte_keeps() -> None:
    bench = Bench("generic-3gpp")
    bench.say('AT+CGDCONT=2,"IP","two"')
    bench.modem.faults.refuse_data(cme=149, times=2)
    assert [bench.say("AT+CGACT=1,2") for _ in range(3)] == ["+CME ERROR: 149", "+CME ERROR: 149", "OK"]
    assert [bench.say("AT+CGACT=0,2"), bench.say("AT+CGACT=0,1")] == ["OK", "+CME ERROR: 171"]
