"""The AT machine over whole dialogues, each in every disguise the field has shown."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers.at.channel import MAX_REPLY_LINES, PROBE, Channel
from modem_drivers.at.commands import Catalogue
from modem_drivers.at.events import Event, Payload, Reply, Stray, Unsolicited
from modem_drivers.at.lexer import MAX_LINE
from modem_drivers.at.states import State
from modem_drivers.profiles import EC25

CATALOGUE = Catalogue(EC25.commands)
PDU = "00040B915155050110F10000620211214365000341E110"
LENGTH = len(PDU) // 2 - 1
URC = b'\r\n+CMTI: "ME",7\r\n'


def idle() -> Channel:
    channel = Channel()
    channel.probe()
    channel.receive(b"\r\nOK\r\n")
    assert channel.settled()
    return channel


def replies(events: list[Event]) -> list[Reply]:
    return [event for event in events if isinstance(event, Reply)]


def run(text: str, *pieces: bytes) -> tuple[Channel, list[Event]]:
    channel = idle()
    channel.send(CATALOGUE.command(text))
    return channel, [event for piece in pieces for event in channel.receive(piece)]


DIALOGUES = [
    ("AT", b"\r\nOK\r\n", (), ()),
    ("+CSQ", b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n", ("+CSQ: 20,99",), ()),
    ("+CGMM", b"\r\nEC25\r\n\r\nOK\r\n", ("EC25",), ()),
    ("+CGSN", b"\r\n490154203237518\r\n\r\nOK\r\n", ("490154203237518",), ()),
    ("+CPIN?", b"\r\n   SIM PUK\r\n\r\nOK\r\n", ("SIM PUK",), ()),
    ("+CREG?", b'\r\n+CREG: 2,1,"D509","80D413D",7\r\n\r\nOK\r\n', ('+CREG: 2,1,"D509","80D413D",7',), ()),
    ("+CMGR=7", f"\r\n+CMGR: 0,,{LENGTH}\r\n{PDU}\r\n\r\nOK\r\n".encode(), (f"+CMGR: 0,,{LENGTH}",), (PDU,)),
    (
        "+CMGL=4",
        f"\r\n+CMGL: 1,1,,{LENGTH}\r\n{PDU}\r\n+CMGL: 4,0,,{LENGTH}\r\n{PDU}\r\n\r\nOK\r\n".encode(),
        (f"+CMGL: 1,1,,{LENGTH}", f"+CMGL: 4,0,,{LENGTH}"),
        (PDU, PDU),
    ),
    ("+CMGD=3", b"\r\n+CMS ERROR: 321\r\n", (), ()),
    ("+COPS=?", b'\r\n+COPS: (2,"A","A","00101",7),,(0-4)\r\n\r\nOK\r\n', ('+COPS: (2,"A","A","00101",7),,(0-4)',), ()),
]


def disguises(text: str, data: bytes) -> Iterator[tuple[str, list[bytes], bool]]:
    """The dialogue's bytes in every disguise, with whether a +CMTI is hidden in them."""
    yield "whole", [data], False
    yield "byte by byte", [bytes([byte]) for byte in data], False
    for cut in range(len(data)):
        yield f"cut at {cut}", [data[:cut], data[cut:]], False
    yield "doubled CR", [data.replace(b"\r", b"\r\r")], False
    yield "LF alone", [data.replace(b"\r\n", b"\n")], False
    yield "CR alone", [data.replace(b"\r\n", b"\r")], False
    echo = f"AT{text.removeprefix('AT')}\r".encode()
    yield "echo", [echo + data], False
    yield "doubled echo", [echo + echo + data], False
    yield "echo after NULs", [b"\0\0" + echo + data], False
    yield "cut echo", [echo[3:] + data] if len(echo) > 5 else [data], False
    yield "noise", [b"\xff\xfe\x80\r\n" + data], False
    start = 0
    while (at := data.find(b"\r\n", start)) >= 0:
        yield f"URC at {at}", [data[:at] + URC + data[at:]], True
        start = at + 1


@pytest.mark.parametrize(("text", "data", "lines", "pdus"), DIALOGUES, ids=[row[0] for row in DIALOGUES])
def test_a_dialogue_survives_every_disguise(
    text: str, data: bytes, lines: tuple[str, ...], pdus: tuple[str, ...]
) -> None:
    for disguise, pieces, hidden in disguises(text, data):
        channel, events = run(text, *pieces)
        [reply] = replies(events)
        assert (reply.lines, reply.pdus) == (lines, pdus), disguise
        assert channel.state is State.IDLE, disguise
        unasked = [event for event in events if isinstance(event, Unsolicited)]
        assert unasked == ([Unsolicited("+CMTI", '"ME",7')] if hidden else []), disguise


def test_a_message_waits_for_its_prompt() -> None:
    for prompt in (b"\r\n> ", b"\r\n>", b"AT+CMGS=22\r\r\n> ", URC + b"\r\n> "):
        channel = idle()
        channel.send(CATALOGUE.command("+CMGS=22", payload=b"00AB\x1a"))
        events = channel.receive(prompt)
        assert events[-1] == Payload(b"00AB\x1a")
        assert channel.payload_written
        [reply] = replies(channel.receive(b"00AB\x1a\r\n+CMGS: 5" + URC + b"\r\nOK\r\n"))
        assert reply.lines == ("+CMGS: 5",)
        assert channel.state is State.IDLE


def test_a_refusal_instead_of_the_prompt_writes_nothing() -> None:
    channel = idle()
    channel.send(CATALOGUE.command("+CMGS=22", payload=b"00\x1a"))
    [reply] = replies(channel.receive(b"\r\n+CMS ERROR: 38\r\n"))
    assert not reply.result.ok
    assert not channel.payload_written
    assert channel.state is State.IDLE


def test_an_ok_instead_of_the_prompt_is_not_trusted() -> None:
    channel = idle()
    channel.send(CATALOGUE.command("+CMGS=22", payload=b"00\x1a"))
    [reply] = replies(channel.receive(b"\r\nOK\r\n"))
    assert not reply.result.ok
    assert channel.state is State.DIRTY


def test_a_second_prompt_writes_nothing_again() -> None:
    channel = idle()
    channel.send(CATALOGUE.command("+CMGS=22", payload=b"00\x1a"))
    channel.receive(b"\r\n> ")
    assert channel.receive(b"\r\n> ") == [Stray(">")]


def test_a_call_that_ends_is_no_result_of_another_command() -> None:
    _, events = run("+CSQ", b"\r\nNO CARRIER\r\n\r\n+CSQ: 1,99\r\n\r\nOK\r\n")
    assert events[0] == Unsolicited("NO CARRIER", "")
    [reply] = replies(events)
    assert reply.lines == ("+CSQ: 1,99",)
    _, events = run("D+15550101;", b"\r\nNO CARRIER\r\n")
    [reply] = replies(events)
    assert not reply.result.ok


def test_a_registration_change_in_the_middle_of_its_own_answer() -> None:
    _, events = run("+CREG?", b'\r\n+CREG: 5,"D509","1",7\r\n\r\n+CREG: 2,1\r\n\r\nOK\r\n')
    assert events[0] == Unsolicited("+CREG", '5,"D509","1",7')
    [reply] = replies(events)
    assert reply.lines == ("+CREG: 2,1",)


def test_a_bare_answer_does_not_take_what_modems_say_unasked() -> None:
    _, events = run("+CGMM", b'\r\nRING\r\n\r\n+CLIP: "1"\r\n\r\nSMS DONE\r\n\r\nEC25\r\n\r\nOK\r\n')
    assert [event.name for event in events if isinstance(event, Unsolicited)] == ["RING", "+CLIP", "SMS DONE"]
    [reply] = replies(events)
    assert reply.lines == ("EC25",)


FOREIGN = (
    "^RSSI: 12", '^HCSQ:"LTE",30,40,50,60', "^BOOT:1,0,0,0,6", '*PSUTTZ: "26/11/20,12:00:05","+04",0',
    "+CIEV: 2,1", "$QCRMCALL: 1,V4", "+ZUSIMR:2", "_OSIGQ: 4,0", "@CPIN: 1", "%NWSTATE: 1", "#QSS: 1", "!x: 1",
    "^MODE:5,4", "RING", "NO CARRIER", "BUSY", "Call Ready", "^SYSSTART", "+PBREADY", '+CREG: 5,"A1B2","00C3D4E5",7',
)  # fmt: skip
"""What modems of many makers say at any time."""


@pytest.mark.parametrize("line", FOREIGN)
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("+CGSN", ["490154203237518"]),
        ("+CREG?", ["+CREG: 2,1"]),
        ("+CMGL=4", [f"+CMGL: 1,1,,{LENGTH}", PDU, f"+CMGL: 2,1,,{LENGTH}", PDU.lower()]),
    ],
)
def test_what_was_not_asked_for_is_no_part_of_the_answer(text: str, says: list[str], line: str) -> None:
    for at in range(len(says) + 1):
        _, events = run(text, *(f"\r\n{one}\r\n".encode() for one in [*says[:at], line, *says[at:], "OK"]))
        [reply] = replies(events)
        assert [*reply.lines, *reply.pdus] == says[::2] + says[1::2]
        assert [event for event in events if isinstance(event, Unsolicited)] == [events[0]]
        assert not [event for event in events if isinstance(event, Stray)]


@pytest.mark.parametrize("says", ["ERROR: 4", "+CMS ERROR: memory failure", "CMS ERROR: 320", "+CME ERROR"])
def test_a_refusal_in_any_form_ends_a_listing(says: str) -> None:
    channel, events = run("+CMGL=4", f"\r\n{says}\r\n".encode())
    [reply] = replies(events)
    assert (reply.result.ok, reply.result.text, channel.state) == (False, says, State.IDLE)


@pytest.mark.parametrize("header", ["+CMGR: 0,,0", "+CMGR: 0,,0\r\n"])
def test_an_empty_place_has_no_pdu(header: str) -> None:
    _, events = run("+CMGR=1", f"\r\n{header}\r\n\r\nOK\r\n".encode())
    [reply] = replies(events)
    assert (reply.lines, reply.pdus) == ((), ())


def test_a_direct_text_between_a_listing_and_its_pdu() -> None:
    other = PDU[:-2] + "1100"
    _, events = run(
        "+CMGR=7",
        f"\r\n+CMGR: 0,,{LENGTH}\r\n\r\n+CMT: ,{LENGTH + 1}\r\n{other}\r\n{PDU}\r\n\r\nOK\r\n".encode(),
    )
    assert events[0] == Unsolicited("+CMT", f",{LENGTH + 1}", other)
    [reply] = replies(events)
    assert reply.pdus == (PDU,)


def test_a_direct_text_while_idle() -> None:
    channel = idle()
    for piece in (f"\r\n+CDS: {LENGTH}\r\n", f"{PDU}\r\n"):
        events = channel.receive(piece.encode())
    assert events == [Unsolicited("+CDS", str(LENGTH), PDU)]


def test_a_header_whose_pdu_never_comes_does_not_swallow_what_does() -> None:
    channel = idle()
    assert channel.receive(b"\r\n+CMT: ,20\r\n\r\nRING\r\n" + URC) == [
        Unsolicited("RING", ""),
        Unsolicited("+CMTI", '"ME",7'),
    ]
    channel.send(CATALOGUE.command("AT"))
    [reply] = replies(channel.receive(b"\r\nOK\r\n"))
    assert reply.result.ok


def test_a_text_in_text_mode_takes_no_later_answer_for_its_pdu() -> None:
    """Another program may have left the modem so."""
    channel = idle()
    channel.receive(b'\r\n+CMT: "+15550101",,"26/11/20,12:00:05+04"\r\nhello\r\n')
    channel.send(CATALOGUE.command("+CCID"))
    [reply] = replies(channel.receive(b"\r\n89445010012131415671\r\n\r\nOK\r\n"))
    assert reply.lines == ("89445010012131415671",)


def test_after_giving_up_late_answers_are_not_the_next_ones() -> None:
    channel = idle()
    channel.send(CATALOGUE.command("+CSQ"))
    channel.give_up()
    assert not replies(channel.receive(b"\r\n+CSQ: 9,99\r\n\r\nOK\r\n"))
    with pytest.raises(RuntimeError, match="cannot take SEND"):
        channel.send(CATALOGUE.command("+CSQ"))
    assert channel.probe() == PROBE.line
    channel.receive(b"\r\nOK\r\n")
    channel.receive(b"\r\nOK\r\n")  # the probe's own: the first was late
    assert not channel.settled()
    channel.probe()
    channel.receive(b"\r\nOK\r\n")
    assert channel.settled()
    assert channel.state is State.IDLE


def test_an_ok_nobody_waits_for_makes_the_channel_dirty() -> None:
    channel = idle()
    channel.receive(b"\r\nOK\r\n")
    assert channel.state is State.DIRTY


def test_a_modem_that_refuses_a_bare_at_is_in_step_all_the_same() -> None:
    channel = Channel()
    channel.probe()
    channel.receive(b"\r\nERROR\r\n")
    assert channel.settled()


def test_a_reply_without_end_is_cut_and_counts_as_refused() -> None:
    channel = idle()
    channel.send(CATALOGUE.command("+CGDCONT?"))
    for _ in range(MAX_REPLY_LINES + 10):
        channel.receive(b'\r\n+CGDCONT: 1,"IP","x"\r\n')
    assert len(channel._lines) == MAX_REPLY_LINES
    [reply] = replies(channel.receive(b"\r\nOK\r\n"))
    assert not reply.result.ok


FRAGMENTS = st.sampled_from(
    [
        *(b"\r\n", b"OK", b"ERROR", b"> ", b"+CME ERROR: 10", b"+CMTI: ", b'"ME",7', b"+CMT: ,22", PDU.encode()),
        *(b"+CREG: ", b"1", b"2,1", b"+CSQ: 20,99", b"AT+CSQ", b"\0", b"\x1a", b"RING", b"+CMGR: 0,,22", b'"', b":"),
    ]
)


@given(
    st.lists(st.one_of(FRAGMENTS, st.binary(max_size=8)), max_size=60), st.sampled_from(["+CSQ", "+CMGR=1", "+CGMM"])
)
def test_any_bytes_give_events_and_the_same_ones_byte_by_byte(pieces: list[bytes], text: str) -> None:
    data = b"".join(pieces)
    whole, events = run(text, data)
    single, same = run(text, *(bytes([byte]) for byte in data))
    assert events == same
    assert whole.state is single.state
    assert len(whole._headers) <= 4
    assert len(replies(events)) <= 1


@given(st.lists(st.binary(max_size=64), max_size=60))
def test_memory_stays_bounded_whatever_comes(pieces: list[bytes]) -> None:
    channel, _ = run("+UNKNOWN", *(piece * 64 for piece in pieces))
    assert len(channel._lexer._tail) <= MAX_LINE
    assert len(channel._lines) <= MAX_REPLY_LINES


def told(*pieces: bytes, running: str = "AT") -> list[Unsolicited]:
    _, events = run(running, *pieces)
    return [event for event in events if isinstance(event, Unsolicited)]


def test_a_text_of_several_lines_is_one_event() -> None:
    said = b'\r\n+CUSD: 1,"1 Balance\r\n*2# Data\r\n\r\n+1 GB bonus",15\r\n\r\nOK\r\n'
    wanted = [Unsolicited("+CUSD", '1,"1 Balance\n*2# Data\n+1 GB bonus",15')]
    assert told(said) == wanted
    assert told(*(bytes([byte]) for byte in said)) == wanted
    assert told(said, running="+CGSN") == wanted  # a command that takes any line does not take these


def test_a_line_of_another_kind_inside_such_a_text_is_told_as_what_it_is() -> None:
    said = b'\r\n+CUSD: 0,"one\r\n+CMTI: "ME",7\r\nRING\r\ntwo"\r\n'
    assert told(said) == [
        Unsolicited("+CMTI", '"ME",7'),
        Unsolicited("RING", ""),
        Unsolicited("+CUSD", '0,"one\ntwo"'),
    ]


def test_a_text_that_never_ends_ends_with_the_command_or_at_its_longest() -> None:
    assert told(b'\r\n+CUSD: 0,"one\r\n\r\nOK\r\n') == [Unsolicited("+CUSD", '0,"one')]
    ((name, text, _),) = told(b'\r\n+CUSD: 0,"' + b"x" * 100 + b"\r\n" + 10 * (b"y" * 100 + b"\r\n"))
    assert name == "+CUSD"
    assert 1024 < len(text) < 1200
