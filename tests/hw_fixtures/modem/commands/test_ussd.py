"""USSD of the simulated modem, to the letter."""

from hw_fixtures.network import Menu
from tests.hw_fixtures.modem.bench import Bench


def test_texts_in_both_alphabets_and_menus() -> None:
    bench = Bench()
    bench.network.ussd.update({"*100#": 'Balance "5"', "*101#": "да", "*1#": Menu("1 Data", {"1": "3 GB"})})
    assert bench.say('AT+CUSD=1,"*100#",15') == 'OK\n+CUSD: 0,"Balance "5"",15'
    assert bench.say('AT+CUSD=1,"*101#",15') == 'OK\n+CUSD: 0,"04340430",72'
    assert bench.say('AT+CUSD=1,"*1#",15') == 'OK\n+CUSD: 1,"1 Data",15'
    assert bench.say('AT+CUSD=1,"1"') == 'OK\n+CUSD: 0,"3 GB",15'
    assert bench.say('AT+CUSD=1,"1"') == "OK\n+CUSD: 4"


def test_a_dialogue_can_be_ended() -> None:
    bench = Bench()
    bench.network.ussd["*1#"] = Menu("1 Data", {"1": "3 GB"})
    bench.say('AT+CUSD=1,"*1#",15')
    assert bench.say("AT+CUSD=2") == "OK"
    assert bench.say('AT+CUSD=1,"1"') == "OK\n+CUSD: 4"


def test_a_setting_too() -> None:
    bench = Bench()
    bench.network.ussd["*100#"] = "here"
    assert bench.say("AT+CUSD?") == "+CUSD: 0\nOK"
    assert bench.say("AT+CUSD=1") == "OK"
    assert bench.say("AT+CUSD?") == "+CUSD: 1\nOK"
    assert bench.say('AT+CUSD=0,"*100#",15') == "OK"
    bench.modem.faults.no_network()
    bench.drain()
    assert bench.say('AT+CUSD=1,"*100#",15') == "+CME ERROR: 30"
