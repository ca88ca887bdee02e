"""Texts out, in and stored."""

import pytest

from modem_drivers import pdu
from tests.hw_fixtures.modem.bench import ALICE, NOON, OWN, Bench, every_model

pytestmark = every_model


def _pdu(text: str) -> str:
    (hexed,) = pdu.encode_deliver(ALICE, text, NOON)
    return pdu.with_smsc(hexed, "+15550100")


def test_stored_and_announced(model: str) -> None:
    bench = Bench(model)
    bench.alice.send(OWN, "one")
    bench.alice.send(OWN, "two")
    assert bench.drain() == '+CMTI: "ME",0\n+CMTI: "ME",1'
    assert bench.say("AT+CMGR=1") == f"+CMGR: 0,,{len(_pdu('two')) // 2 - 6}\n{_pdu('two')}\nOK"
    assert bench.say("AT+CMGR=1").startswith("+CMGR: 1,,")  # read by now
    assert [line[:10] for line in bench.say("AT+CMGL=4").split("\n")[::2]] == ["+CMGL: 0,0", "+CMGL: 1,1", "OK"]
    assert bench.say("AT+CMGD=0") == "OK"
    most = bench.modem.model.message_capacity
    assert bench.say("AT+CPMS?").startswith(f'+CPMS: "ME",1,{most}')
    assert bench.say("AT+CMGD=?") == "+CMGD: (1),(0-4)\nOK"
    assert bench.say("AT+CMGR=0") == "OK"  # an empty place
    assert bench.say(f"AT+CMGR={most}") == "+CMS ERROR: 321"
    assert bench.say("AT+CMGD=0,4") == "OK"
    assert bench.say("AT+CMGL=4") == "OK"


@pytest.mark.parametrize(
    ("indications", "told"),
    [
        ("0,0,0,0", ""),
        ("1,0,0,0", '+CMTI: "ME",0'),
        ("2,0,0,0", f"+CMT: ,{len(_pdu('one')) // 2 - 6}\n{_pdu('one')}"),
    ],
)
def test_indications(model: str, indications: str, told: str) -> None:
    bench = Bench(model)
    bench.indicate(indications)
    bench.alice.send(OWN, "one")
    assert bench.drain() == told


def test_without_a_link_to_the_host_what_would_be_direct_is_stored(model: str) -> None:
    bench = Bench(model)
    bench.say("AT+CNMI=0,2,0,0,0")
    bench.alice.send(OWN, "one")
    assert bench.drain() == '+CMTI: "ME",0'


def test_the_two_memories_are_separate(model: str) -> None:
    bench = Bench(model)
    most = bench.modem.model.message_capacity
    assert bench.say('AT+CPMS="ME","ME","SM"') == f"+CPMS: 0,{most},0,{most},0,50\nOK"
    bench.alice.send(OWN, "one")
    assert bench.drain() == '+CMTI: "SM",0'
    assert bench.say("AT+CMGL=4") == "OK"
    assert bench.say('AT+CPMS="SM"') == f"+CPMS: 1,50,0,{most},1,50\nOK"
    assert bench.say("AT+CMGL=4").split("\n")[1] == _pdu("one")
    assert len(bench.card.store.slots) == 1
    assert bench.say('AT+CPMS="XX"') == "+CMS ERROR: 302"


def test_reports_directly(model: str) -> None:
    bench = Bench(model)
    bench.indicate("1,0,1,0")
    lines = bench.text(reference=77).split("\n")
    assert lines[:2] == ["+CMGS: 77", "OK"]
    assert lines[2] == f"+CDS: {len(lines[3]) // 2 - 6}"
    report = pdu.decode_status_report(lines[3])
    assert (report.reference, report.recipient.number, report.delivered) == (77, ALICE, True)


def test_stored_reports_are_announced_and_read_from_where_the_model_keeps_them(model: str) -> None:
    bench = Bench(model)
    bench.indicate("1,0,2,0")
    memory = bench.modem.model.report_memory or bench.modem.model.message_memory
    announced = bench.modem.model.report_announced_as.format(memory=memory, index=0)
    assert bench.text(reference=77).split("\n")[2:] == [f"+CDSI: {announced}"]
    lines = bench.say(f'AT+CPMS="{memory}";+CMGR=0').split("\n")
    assert pdu.decode_status_report(lines[2]).reference == 77


def test_a_report_names_the_centre_of_the_submit(model: str) -> None:
    bench = Bench(model)
    bench.indicate("1,0,1,0")
    (submit,) = pdu.encode_submit(ALICE, "hi", first_reference=1)
    named = pdu.with_smsc(submit.hex, "+15550177")
    bench.say(f"AT+CMGS={submit.length}")
    assert bench.raw(f"{named}\x1a".encode()).split("\n")[-1].startswith(named[:12])


def test_long_texts_both_ways(model: str) -> None:
    bench = Bench(model)
    text = "Temperature of machine 7 above 5 °C – " * 8
    for submit in pdu.encode_submit(ALICE, text, first_reference=1, concat_reference=9):
        bench.say(f"AT+CMGS={submit.length}")
        bench.raw(f"{submit.hex}\x1a".encode())
    assert [one.text for one in bench.alice.inbox] == [text]
    bench.alice.reply(text)
    bench.drain()
    reassembler = pdu.Reassembler()
    parts = [pdu.decode_deliver(line) for line in bench.say("AT+CMGL=4").split("\n")[1::2]]
    whole = [done for part in parts if (done := reassembler.add(part, NOON)) is not None]
    assert [one.text for one in whole] == [text]


def test_written_then_sent_from_store(model: str) -> None:
    bench = Bench(model)
    (submit,) = pdu.encode_submit(ALICE, "stored", first_reference=9)
    bench.say(f"AT+CMGW={submit.length}")
    assert bench.raw(f"{submit.hex}\x1a".encode()) == "+CMGW: 0\nOK"
    assert bench.say("AT+CMSS=0") == "+CMSS: 9\nOK"
    assert [text.text for text in bench.alice.inbox] == ["stored"]
    assert bench.say("AT+CMSS=1") == "+CMS ERROR: 321"
    assert bench.say("AT+CMGW=13,7") == "+CMS ERROR: 302"


def test_a_full_store_leaves_texts_at_the_centre_until_there_is_room(model: str) -> None:
    bench = Bench(model)
    bench.say('AT+CPMS="SM","SM","SM"')
    for number in range(52):
        bench.alice.send(OWN, str(number))
    assert bench.drain().count("+CMTI") == 50
    assert bench.network.centre.waiting(OWN) == 2
    assert bench.say("AT+CMGD=7").split("\n")[:2] == ["OK", '+CMTI: "SM",7']
    assert bench.network.centre.waiting(OWN) == 1


def test_a_resend_is_a_duplicate(model: str) -> None:
    bench = Bench(model)
    assert bench.text(reference=5).startswith("+CMGS: 5")
    assert bench.text(reference=5, resend=True) == "+CMS ERROR: 197"
    assert bench.text(reference=6, resend=True).startswith("+CMGS: 6")
    bench.network.centre.rejects_duplicates = False
    assert bench.text(reference=6, resend=True).startswith("+CMGS: 6")
    assert len(bench.alice.inbox) == 3


def test_the_centres_number(model: str) -> None:
    bench = Bench(model)
    assert bench.say("AT+CSCA?") == '+CSCA: "+15550100",145\nOK'
    assert bench.say('AT+CSCA="+15550177",145') == "OK"
    assert bench.say("AT+CSCA?") == '+CSCA: "+15550177",145\nOK'
    assert bench.say('AT+CSCA="bob"') == "+CMS ERROR: 304"


def test_a_store_that_has_become_full_is_told_by_models_that_tell(model: str) -> None:
    bench = Bench(model)
    bench.indicate("1,0,0,0")
    memory = bench.modem.messaging.memories[2]
    bench.modem.messaging.store(memory).capacity = 1
    bench.alice.send(OWN, "one")
    told = [line.format(memory=memory) for line in bench.modem.model.full_lines]
    assert bench.drain().split("\n") == [f'+CMTI: "{memory}",0', *told]
    assert told or model != "quectel-ec25"
