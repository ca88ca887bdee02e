"""Lines, echo, prompts and result codes of the simulated modem."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_fixtures.modem import Write
from tests.hw_fixtures.modem.bench import ALICE, Bench, different_models

pytestmark = different_models

HI = "002105089151551010000002E834"  # SUBMIT to +15550101, reference 5, "hi"


def _written(bench: Bench, data: bytes) -> bytes:
    return b"".join(effect.data for effect in bench.modem.feed(data) if isinstance(effect, Write))


def test_echo_is_on_until_switched_off(model: str) -> None:
    bench = Bench(model)
    bench.say("ATE1")
    assert _written(bench, b"AT\r") == b"AT\r\r\nOK\r\n"
    assert _written(bench, b"AT+CM") == b"AT+CM"
    assert _written(bench, b"GF?\r") == b"GF?\r\r\n+CMGF: 0\r\n\r\nOK\r\n"
    bench.say("ATE0")
    assert _written(bench, b"AT\r") == b"\r\nOK\r\n"


def test_numeric_results_and_silence(model: str) -> None:
    bench = Bench(model)
    bench.say("ATV0")
    assert _written(bench, b"AT+CMGF?\r") == b"+CMGF: 0\r\n0\r"
    assert _written(bench, b"AT+NONSENSE\r") == b"4\r"
    bench.say("ATV1Q1")
    assert _written(bench, b"AT+CMGF?\r") == b""
    bench.say("ATQ0")
    assert bench.say("AT") == "OK"


@pytest.mark.parametrize(
    ("verbosity", "cme", "cms"),
    [
        (0, "ERROR", "+CMS ERROR: 321"),
        (1, "+CME ERROR: 50", "+CMS ERROR: 321"),
        (2, "+CME ERROR: incorrect parameters", "+CMS ERROR: Invalid memory index"),
    ],
)
def test_errors_as_the_host_wants_them(model: str, verbosity: int, cme: str, cms: str) -> None:
    bench = Bench(model)
    bench.say(f"AT+CMEE={verbosity}")
    assert bench.say("AT+CREG=9") == cme
    assert bench.say("AT+CMGR=999") == cms


def test_a_compound_line_has_one_result_and_stops_at_the_first_error(model: str) -> None:
    bench = Bench(model)
    assert bench.say("ATE0V1;+CMGF?;+CREG=1") == "+CMGF: 0\nOK"
    assert bench.say("AT+CMGF?;+CREG=9;+CLIP=1") == "+CMGF: 0\n+CME ERROR: 50"
    assert bench.say("AT+CREG?;+CLIP?") == "+CREG: 1,1\n+CLIP: 0,1\nOK"


def test_what_does_not_begin_with_at_is_not_heard(model: str) -> None:
    bench = Bench(model)
    assert bench.say("hello") == ""
    assert bench.say("+CMGF?") == ""
    assert bench.say("at+cmgf?") == "+CMGF: 0\nOK"
    assert bench.raw(b"A!\x08T\r") == "OK"


def test_escape_and_ctrl_z_mean_nothing_outside_a_prompt(model: str) -> None:
    bench = Bench(model)
    assert bench.raw(b"\x1b\r\x1a\r") == ""
    assert bench.raw(b"AT\x1a\r") == "OK"
    assert not bench.network.centre.submitted


def test_prompt_body_and_reference(model: str) -> None:
    bench = Bench(model)
    assert _written(bench, b"AT+CMGS=13\r") == bench.modem.model.prompt.encode()
    assert _written(bench, HI.encode()) == b""
    assert _written(bench, b"\x1a") == b"\r\n+CMGS: 5\r\n\r\nOK\r\n"
    assert [text.text for text in bench.alice.inbox] == ["hi"]


def test_escape_leaves_the_prompt_and_sends_nothing(model: str) -> None:
    bench = Bench(model)
    bench.say("AT+CMGS=13")
    assert bench.raw(HI.encode() + b"\x1b") == "OK"
    assert bench.alice.inbox == []
    assert bench.say("AT") == "OK"


@pytest.mark.parametrize("body", ["", "zz", "00", HI[:-2], HI + "00", "01" + HI[2:], "9" * 1000])
def test_a_body_that_is_no_pdu_of_that_length_is_refused(model: str, body: str) -> None:
    bench = Bench(model)
    assert bench.say("AT+CMGS=13").startswith(">")
    assert bench.raw(body.encode() + b"\x1a") == "+CMS ERROR: 304"
    assert bench.alice.inbox == []


def test_a_modem_found_at_its_prompt(model: str) -> None:
    bench = Bench(model)
    bench.modem.dialogue.sit_at_prompt()
    assert bench.say("AT") == ""
    assert bench.raw(b"\x1b") == "OK"
    assert bench.say("AT") == "OK"


def test_a_slow_network_holds_back_everything_typed_meanwhile(model: str) -> None:
    bench = Bench(model, cmgs_latency=0.2)
    bench.say("AT+CMGS=13")
    assert bench.raw(HI.encode() + b"\x1aAT+CSQ\r") == ""
    assert bench.alice.inbox == []
    assert bench.timers() == [0.2]
    assert bench.elapse() == "+CMGS: 5\nOK\n+CSQ: 23,99\nOK"
    assert [text.text for text in bench.alice.inbox] == ["hi"]


def test_the_result_comes_before_what_the_text_causes(model: str) -> None:
    bench = Bench(model)
    bench.indicate("1,0,1,0")
    bench.alice.on_text.append(lambda text: bench.alice.reply("41A"))
    answer = bench.text("hello").split("\n")
    assert answer[:2] == ["+CMGS: 5", "OK"]
    assert '+CMTI: "ME",0' in answer[2:]
    assert any(line.startswith("+CDS: ") for line in answer[2:])


def test_overlong_lines_end_in_error(model: str) -> None:
    bench = Bench(model)
    assert bench.say("AT+CSCS=" + "x" * 600) == "ERROR"
    assert bench.raw(b"AT" + b"x" * 100_000 + b"\r") == "ERROR"
    assert bench.say("AT") == "OK"


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_leave_a_modem_that_answers(model: str, chunks: list[bytes]) -> None:
    bench = Bench(model)
    for chunk in chunks:
        bench.modem.feed(chunk.replace(b"F", b""))  # spare it CFUN and QPOWD
    bench.raw(b"\x1b\r\r")
    assert bench.say("ATV1Q0E0").endswith("OK")
    assert bench.say("AT+CSQ").endswith("OK")


@given(st.lists(st.integers(0, 60)))
def test_how_bytes_are_cut_makes_no_difference(model: str, cuts: list[int]) -> None:
    dialogue = b"ATE0\rAT+CMGF?\rAT+CMGS=13\r" + HI.encode() + b"\x1aAT+CMGL=4\r"
    whole, cut = Bench(model), Bench(model)
    expected = whole.raw(dialogue)
    said = ""
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(dialogue)], strict=True):
        said += "\n" + cut.raw(dialogue[start:end])
    assert [line for line in said.split("\n") if line] == expected.split("\n")
    assert [text.text for text in cut.network.phone(ALICE).inbox] == ["hi"]
