"""`fleet modem call` and `ussd`: a phone rings, somebody presses a key; a code is answered."""

import json
import os
import signal
import threading
from functools import partial

import pytest

from cli.main import INTERRUPTED, main
from hw_fixtures.network import Menu
from tests.cli.conftest import Shell
from tests.cli.modem.conftest import PHONE, Bench


def test_a_call_speaks_and_prints_the_key(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    phone = bench.network.phone(PHONE)
    phone.on_speech.append(lambda _: phone.press("1"))
    assert main(["modem", "call", PHONE, "--say", "Press 1 to accept.", "--port", bench.port]) == 0
    said = capsys.readouterr()
    assert said.out == "1\n"
    assert said.err == f"Calling {PHONE}.\nAnswered; speaking.\nWaiting 20 s for a key.\n"
    assert phone.heard == ["Press 1 to accept."]
    assert phone.call is None


def test_a_voicemail_presses_no_key(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    phone = bench.network.phone(PHONE)
    phone.no_answer()
    phone.voicemail_after = 0
    assert main(["modem", "call", PHONE, "--say", "hello", "--wait", "0.1", "--port", bench.port]) == 5
    assert f"expected {PHONE} to press a key within 0.1 s, got none" in capsys.readouterr().err
    assert phone.recorded == ["hello"]


def test_a_call_only_to_ring(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["modem", "call", PHONE, "--port", bench.port, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"to": PHONE, "answered": True, "key": None}


def test_a_busy_phone_is_one_sentence(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.network.phone(PHONE).busy = True
    assert main(["modem", "call", PHONE, "--port", bench.port]) == 1
    assert "it is over: the far end is busy (User busy)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "say", "words"), [("*100#", "", "correct the number"), (PHONE, "温度", "write it in English")]
)
def test_what_cannot_be_called_or_said_is_one_sentence(
    bench: Bench, capsys: pytest.CaptureFixture[str], number: str, say: str, words: str
) -> None:
    assert main(["modem", "call", number, "--say", say, "--port", bench.port]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Calling" not in said
    assert bench.network.phone(PHONE).heard == []


def test_a_code_and_a_menu(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.network.ussd["*100#"] = Menu("1 Balance\n2 Data", {"1": "5.00"})
    assert main(["modem", "ussd", "*100#", "--port", bench.port]) == 0
    said = capsys.readouterr()
    assert said.out == "1 Balance\n2 Data\n"
    assert said.err == "Next: answer with --reply TEXT\n"
    assert main(["modem", "ussd", "*100#", "--reply", "1", "--port", bench.port, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"text": "5.00", "reply_wanted": False}
    assert main(["modem", "ussd", "*101#", "--port", bench.port]) == 1
    assert "does not know it" in capsys.readouterr().err
    assert main(["modem", "ussd", "balance", "--port", bench.port]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_ctrl_c_ends_the_dialogue_in_the_network_too(bench: Bench, shell: Shell) -> None:
    bench.network.ussd["*100#"] = None  # never answered
    ended = threading.Event()
    bench.when(b'AT+CUSD=1,"*100#', partial(os.kill, os.getpid(), signal.SIGINT))
    bench.when(b"AT+CUSD=2", ended.set)
    screen = shell.terminal(f"modem ussd '*100#' --port {bench.port}")
    assert screen.code == INTERRUPTED
    assert ended.wait(60)
