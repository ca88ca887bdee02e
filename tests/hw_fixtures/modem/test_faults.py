"""Every fault does what it says, once or until cleared, and the modem is well afterwards."""

from hw_fixtures.modem import Write
from tests.hw_fixtures.modem.bench import OWN, Bench


def _heard(bench: Bench) -> list[str]:
    return [text.text for text in bench.alice.inbox]


def test_silence_for_a_while() -> None:
    bench = Bench()
    bench.modem.faults.silence(30)
    assert bench.say("AT") == ""
    bench.alice.send(OWN, "hello")
    bench.drain()
    assert bench.timers() == [30]
    assert bench.elapse() == ""
    assert bench.say("AT") == "OK"
    assert bench.say("AT+CMGL=4").startswith("+CMGL: 0")  # kept, though nothing told of it


def test_silence_for_ever_ends_with_the_power() -> None:
    bench = Bench()
    bench.modem.faults.silence()
    assert bench.say("AT") == ""
    assert bench.timers() == []
    bench.modem.unplugged()
    bench.modem.power_on()
    bench.drain()
    assert bench.say("ATE0").endswith("OK")


def test_a_late_answer_holds_back_what_is_typed_behind_it() -> None:
    bench = Bench()
    bench.modem.faults.late(90)
    assert bench.say("AT+CMGF?") == ""
    assert bench.say("AT") == ""
    assert bench.timers() == [90]
    assert bench.elapse() == "+CMGF: 0\nOK\nOK"
    assert bench.say("AT") == "OK"


def test_garbage_around_every_answer() -> None:
    bench = Bench()
    bench.modem.faults.garbage()
    written = b"".join(effect.data for effect in bench.modem.feed(b"AT\r") if isinstance(effect, Write))
    assert b"\r\nOK\r\n" in written
    assert written != b"\r\nOK\r\n"
    bench.modem.faults.clear()
    assert bench.say("AT") == "OK"


def test_hang_up_at_the_prompt() -> None:
    bench = Bench()
    bench.modem.faults.hang_up_at_prompt()
    assert bench.text("hello") == ""
    assert bench.hung_up() == [None]
    assert _heard(bench) == []
    assert not bench.network.centre.attached(OWN)


def test_lost_prompt_leaves_the_modem_waiting_at_it() -> None:
    bench = Bench()
    bench.modem.faults.lose_prompt()
    assert bench.say("AT+CMGS=13") == ""
    assert bench.raw(b"\x1b") == "OK"
    assert bench.text("hello").startswith("+CMGS: 5")


def test_hang_up_after_the_pdu_with_the_text_on_its_way() -> None:
    bench = Bench()
    bench.say("AT+CNMI=2,1,0,1,0")
    bench.modem.faults.hang_up_after_pdu()
    assert bench.text("hello") == ""
    assert bench.hung_up() == [None]
    assert _heard(bench) == ["hello"]
    bench.modem.power_on()
    assert "+CDS: " in bench.drain()  # the report was kept for us


def test_hang_up_after_the_pdu_with_the_text_lost() -> None:
    bench = Bench()
    bench.modem.faults.hang_up_after_pdu(accepted=False)
    assert bench.text("hello") == ""
    assert bench.hung_up() == [None]
    assert _heard(bench) == []


def test_refusals_by_the_network() -> None:
    bench = Bench()
    bench.modem.faults.refuse_next(cms=38)
    bench.modem.faults.refuse_next(cms=500, times=2)
    answers = [bench.text("hello") for _ in range(4)]
    assert answers == ["+CMS ERROR: 38", "+CMS ERROR: 500", "+CMS ERROR: 500", "+CMGS: 5\nOK"]
    assert _heard(bench) == ["hello"]


def test_the_answer_of_the_network_is_lost() -> None:
    bench = Bench()
    bench.modem.faults.lose_network_answer()
    assert bench.text("hello") == "+CMS ERROR: 332"
    bench.elapse()
    assert _heard(bench) == ["hello"]
    bench.modem.faults.lose_network_answer(accepted=False)
    assert bench.text("never", 6) == "+CMS ERROR: 332"
    assert bench.timers() == []
    assert _heard(bench) == ["hello"]
    assert bench.text("again", 6).startswith("+CMGS: 6")


def test_commands_are_refused_and_bare_ats_are_not() -> None:
    bench = Bench()
    bench.modem.faults.refuse_commands(cme=14, times=2)
    answers = [bench.say(line) for line in ("AT", "AT+CPIN?", "AT", "AT+CSQ", "AT+CPIN?")]
    assert answers == ["OK", "+CME ERROR: 14", "OK", "+CME ERROR: 14", "+CPIN: READY\nOK"]


def test_unsolicited_line_inside_an_answer() -> None:
    bench = Bench()
    bench.modem.faults.urc_inside_reply('+CMTI: "ME",3')
    assert bench.say("AT+CMGF?") == '+CMGF: 0\n+CMTI: "ME",3\nOK'
    assert bench.say("AT+CMGF?") == "+CMGF: 0\nOK"


def test_full_storage() -> None:
    bench = Bench()
    bench.modem.faults.full_storage()
    assert bench.say("AT+CPMS?").startswith('+CPMS: "ME",255,255,')
    bench.alice.send(OWN, "hello")
    assert bench.drain() == ""
    assert bench.network.centre.waiting(OWN) == 1
    bench.modem.faults.clear()
    bench.network.centre.dispatch()
    assert bench.drain() == '+CMTI: "ME",0'


def test_coverage_lost_and_back() -> None:
    bench = Bench()
    bench.say("AT+CREG=1;+CEREG=1")
    bench.modem.faults.no_network()
    assert bench.drain() == "+CREG: 2\n+CEREG: 2"
    assert bench.text("hello") == "+CMS ERROR: 331"
    bench.alice.send(OWN, "are you there?")
    assert bench.drain() == ""
    bench.say("AT+CFUN=4")
    bench.say("AT+CFUN=1")
    assert bench.say("AT+CREG?") == "+CREG: 1,2\nOK"
    bench.modem.faults.network_back()
    assert bench.drain() == '+CREG: 1\n+CEREG: 1\n+CMTI: "ME",0'


def test_hang_up_now_and_the_stores_survive() -> None:
    bench = Bench()
    bench.alice.send(OWN, "hello")
    bench.modem.faults.hang_up()
    assert bench.hung_up() == [None]
    bench.modem.power_on()
    bench.say("ATE0")
    bench.drain()
    assert bench.say("AT+CMGL=4").startswith("+CMGL: 0")
