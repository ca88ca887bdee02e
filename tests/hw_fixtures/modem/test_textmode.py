"""Text mode, as a person at a terminal uses it."""

from tests.hw_fixtures.modem.bench import ALICE, OWN, Bench


def _bench() -> Bench:
    bench = Bench()
    assert bench.say("AT+CMGF=1") == "OK"
    return bench


def test_sent_with_the_modems_own_references() -> None:
    bench = _bench()
    for reference, text in ((1, b"Fault 41"), (2, b"caf\x05 \x02")):
        assert bench.say(f'AT+CMGS="{ALICE}",145') == "> "
        assert bench.raw(text + b"\x1a") == f"+CMGS: {reference}\nOK"
    assert [text.text for text in bench.alice.inbox] == ["Fault 41", "café $"]


def test_ucs2_characters_both_ways() -> None:
    bench = _bench()
    bench.say('AT+CSCS="UCS2"')
    bench.say(f'AT+CMGS="{ALICE}"')
    assert bench.raw(b"00E90416\x1a").startswith("+CMGS: 1")
    assert [text.text for text in bench.alice.inbox] == ["éЖ"]
    bench.alice.reply("Ж")
    bench.drain()
    assert bench.say("AT+CMGR=0").split("\n")[1] == "0416"


def test_read_and_listed() -> None:
    bench = _bench()
    bench.alice.send(OWN, "41A")
    bench.alice.send(OWN, "Ж")
    bench.drain()
    stamp = f'"{ALICE}",,"26/11/20,12:00:00+00"'
    assert bench.say("AT+CMGR=0") == f'+CMGR: "REC UNREAD",{stamp}\n41A\nOK'
    assert bench.say('AT+CMGL="REC UNREAD"') == f'+CMGL: 1,"REC UNREAD",{stamp}\n0416\nOK'
    assert bench.say('AT+CMGL="ALL"').count('"REC READ"') == 2
    assert bench.say("AT+CMGL=4") == "+CMS ERROR: 305"
    assert "REC UNREAD" in bench.say("AT+CMGL=?")


def test_direct_texts_and_reports() -> None:
    bench = _bench()
    bench.say("AT+CNMI=2,2,0,1,0;+CSMP=49,167,0,0")
    bench.say(f'AT+CMGS="{ALICE}"')
    stamp = '"26/11/20,12:00:00+00"'
    assert bench.raw(b"hi\x1a").split("\n")[2:] == [f'+CDS: 6,1,"{ALICE}",145,{stamp},{stamp},0']
    bench.alice.reply("41A")
    assert bench.drain() == f'+CMT: "{ALICE}",,{stamp}\n41A'


def test_stored_and_sent_from_store() -> None:
    bench = _bench()
    bench.say(f'AT+CMGW="{ALICE}"')
    assert bench.raw(b"later\x1a") == "+CMGW: 0\nOK"
    assert bench.say("AT+CMGR=0") == f'+CMGR: "STO UNSENT","{ALICE}",\nlater\nOK'
    assert bench.say("AT+CMSS=0").startswith("+CMSS: ")
    assert [text.text for text in bench.alice.inbox] == ["later"]


def test_what_is_no_text_message() -> None:
    bench = _bench()
    for to, body in (("bob", b"hi"), (ALICE, b"x" * 161), (ALICE, b"\xe9")):
        assert bench.say(f'AT+CMGS="{to}"') == "> "
        assert bench.raw(body + b"\x1a") == "+CMS ERROR: 305"
    assert bench.alice.inbox == []
