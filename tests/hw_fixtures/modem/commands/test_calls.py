"""The simulated modem's side of a call: what its host reads, to the letter."""

import pytest

from tests.hw_fixtures.modem.bench import ALICE, OWN, Bench


def talking(model: str = "quectel-ec25") -> Bench:
    bench = Bench(model)
    bench.say(f"ATD{ALICE};")
    return bench


def test_quectels_progress() -> None:
    bench = Bench("quectel-ec25")
    bench.say("AT^DSCI=1")
    assert bench.say(f"ATD{ALICE};").split("\n") == [
        "OK",
        f"^DSCI: 2,0,2,0,{ALICE},145",
        f"^DSCI: 2,0,7,0,{ALICE},145",
        f"^DSCI: 2,0,3,0,{ALICE},145",
    ]
    assert bench.say("AT+CLCC").split("\n") == ['+CLCC: 1,0,0,1,0,"",128', f'+CLCC: 2,0,0,0,0,"{ALICE}",145', "OK"]
    bench.alice.hang_up()
    assert bench.drain().split("\n") == [f"^DSCI: 2,0,6,0,{ALICE},145", "NO CARRIER"]
    assert bench.say("AT+CEER") == '+CEER: "Normal call clearing"\nOK'


def test_a_call_without_a_network_is_not_told_the_cause_of_the_one_before() -> None:
    bench = talking()
    bench.alice.hang_up()
    bench.modem.faults.no_network()
    bench.drain()
    assert bench.say(f"ATD{ALICE};") == "NO CARRIER"
    assert bench.say("AT+CEER") == '+CEER: "Network out of order"\nOK'


def test_simcoms_progress() -> None:
    bench = Bench("simcom-sim7600")
    assert bench.say(f"ATD{ALICE};").split("\n") == ["OK", "VOICE CALL: BEGIN"]
    assert bench.say("AT+CHUP").split("\n") == ["OK", "VOICE CALL: END: 000000"]
    bench.say("AT+CLCC=1")
    assert f'+CLCC: 2,0,0,0,0,"{ALICE}",145' in bench.say(f"ATD{ALICE};").split("\n")
    bench.say("AT+CHUP")
    bench.alice.ring(OWN)
    bench.drain()
    bench.alice.hang_up()
    assert f"MISSED_CALL: 12:00PM {ALICE}" in bench.drain().split("\n")


def test_a_modem_that_tells_nothing_by_itself() -> None:
    bench = talking("generic-3gpp")
    assert bench.say("AT+CLCC").split("\n")[1] == f'+CLCC: 2,0,0,0,0,"{ALICE}",145'
    assert bench.say("ATH") == "OK"
    assert bench.say("AT+CLCC").split("\n")[1:] == ["OK"]


def test_a_call_that_comes_in() -> None:
    bench = Bench()
    bench.alice.ring(OWN)
    assert bench.drain() == "RING"
    bench.say("AT+CLIP=1;+CRC=1")
    assert bench.elapse().split("\n") == ["+CRING: VOICE", f'+CLIP: "{ALICE}",145,"",,"",0']
    assert bench.say("AT+CLCC").split("\n")[1] == f'+CLCC: 2,1,4,0,0,"{ALICE}",145'
    assert bench.say("ATA") == "OK"
    assert bench.say("ATA") == "NO CARRIER"
    bench.alice.hang_up()
    assert bench.drain() == "NO CARRIER"


def test_a_second_caller_finds_it_busy() -> None:
    bench = talking()
    bob = bench.network.phone("+15550102")
    call = bob.ring(OWN)
    assert call.release is not None
    assert call.release.name == "BUSY"
    assert bench.alice.call is not None


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (f"ATD{ALICE}", "NO CARRIER"),
        ("ATD;", "+CME ERROR: 50"),
        ("ATDx;", "+CME ERROR: 27"),
        ("ATA", "NO CARRIER"),
        ("AT+VTS=1", "+CME ERROR: 3"),
        ('AT+QWTTS=1,0,2,"hello"', "+CME ERROR: 903"),
        ('AT+QWTTS=1,0,2,""', "+CME ERROR: 902"),
        ("AT+CHUP", "OK"),
        ("ATH", "OK"),
    ],
)
def test_without_a_call(line: str, answer: str) -> None:
    assert Bench().say(line) == answer


def test_one_call_at_a_time() -> None:
    assert talking().say("ATD+15550102;") == "+CME ERROR: 3"


def test_ath_may_be_set_to_end_no_voice_call() -> None:
    bench = talking()
    bench.say("AT+CVHU=1")
    assert bench.say("ATH") == "OK"
    assert bench.alice.call is not None
    bench.say("AT+CVHU=0")
    bench.say("ATH")
    assert bench.alice.call is None


def test_keys_are_told_while_detection_is_on() -> None:
    bench = talking()
    bench.alice.press("1")
    assert bench.drain() == ""
    bench.say("AT+QTONEDET=1")
    bench.alice.press("1#")
    assert bench.drain().split("\n") == ["+QTONEDET: 49", "+QTONEDET: 35"]


def test_speech_in_both_alphabets_and_only_towards_the_far_end() -> None:
    bench = talking()
    assert bench.say('AT+QWTTS=1,0,2,"hello"') == "OK\n+QWTTS: 0"
    assert bench.say(f'AT+QWTTS=1,0,1,"{"grüß".encode("utf-16-be").hex()}"') == "OK\n+QWTTS: 0"
    assert bench.say('AT+QWTTS=0,1,2,"only here"') == "+CME ERROR: 903"
    assert bench.alice.heard == ["hello", "grüß"]
    other = talking("simcom-sim7600")
    assert other.say('AT+CTTS=2,"hello"') == "+CME ERROR: 3"
    assert other.say('AT+CDTAM=1;+CTTS=2,"hello"').split("\n") == ["+CTTS:", "OK", "+CTTS: 0"]
    assert other.alice.heard == ["hello"]


def test_power_and_coverage_take_the_call_along() -> None:
    bench = talking()
    bench.modem.unplugged()
    assert bench.alice.call is None
    bench = talking()
    bench.modem.faults.no_network()
    assert bench.alice.call is None
    assert bench.say("AT+CLCC") == "OK"
