"""`fleet modem info`, `send` and `listen` against a simulated modem on a pseudo-terminal."""

import json
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from cli.main import INTERRUPTED, main
from tests.cli.conftest import Shell
from tests.cli.modem.conftest import ICCID, IMEI, PHONE, Bench


def test_info_tells_who_modem_sim_and_network_are(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["modem", "info", "--port", bench.port]) == 0
    shown = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert shown["model"] == "EC25"
    assert (shown["imei"], shown["iccid"], shown["sim"]) == (IMEI, ICCID, "ready")
    assert (shown["registration"], shown["texts stored"]) == ("home", "0 of 255")
    assert shown["signal dbm"].startswith("-")
    assert shown["address"] == "10.64.0.2"


def test_info_without_packet_data_shows_no_address(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.modem.radio.reattach(False)
    assert main(["modem", "info", "--port", bench.port]) == 0
    assert "address" not in capsys.readouterr().out


def test_info_of_a_locked_sim_as_json(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.modem.sim is not None
    bench.modem.sim.locked, bench.modem.sim.verified = True, False
    assert main(["modem", "info", "--port", bench.port, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["sim"], data["iccid"], data["pin_tries_left"]) == ("pin", ICCID, 3)
    assert "imsi" not in data
    assert main(["modem", "send", PHONE, "x", "--port", bench.port]) == 1
    said = capsys.readouterr().err
    assert said.startswith("fleet: the SIM is locked by its PIN; unlock it with `fleet modem at '+CPIN=")
    assert said.count("\n") == 1


@pytest.mark.parametrize(("text", "parts"), [("Cooling fault", 1), ("Kühlung 🥶 " * 20, 4)])
def test_send(bench: Bench, capsys: pytest.CaptureFixture[str], text: str, parts: int) -> None:
    assert main(["modem", "send", PHONE, text, "--port", bench.port, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["to"], data["parts"], len(data["references"])) == (PHONE, parts, parts)
    assert bench.inbox(PHONE, 1) == [text]


def test_a_refused_text_is_one_sentence(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.modem.faults.refuse_next(cms=38)
    assert main(["modem", "send", PHONE, "x", "--port", bench.port]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        "fleet: expected the network to take the text, got +CMS ERROR: 38 (network out of order)"
    )
    assert said.err.count("\n") == 1


def test_a_line_lost_after_the_message_is_told_as_unknown(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.modem.faults.hang_up_after_pdu()
    assert main(["modem", "send", PHONE, "x", "--port", bench.port]) == 1
    assert "may or may not have left" in capsys.readouterr().err


def test_ctrl_c_in_mid_send_says_that_nobody_knows_and_the_shell_begins_a_line_of_its_own(
    bench: Bench, shell: Shell
) -> None:
    bench.modem.faults.lose_prompt()
    bench.when(b"AT+CMGS", partial(os.kill, os.getpid(), signal.SIGINT))
    screen = shell.terminal(f"modem send {PHONE} x --port {bench.port}")
    assert screen.code == INTERRUPTED
    assert screen.err.endswith("The text may or may not have left; ask the receiver first.\n\n")


@pytest.mark.parametrize("number", ["none", "", "+", "+1234567890123456789012"])
def test_what_is_no_number_is_one_sentence(bench: Bench, capsys: pytest.CaptureFixture[str], number: str) -> None:
    assert main(["modem", "send", "--port", bench.port, "--", number, "x"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_listen_prints_what_comes_and_takes_it_from_the_modem(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.loop.call_soon_threadsafe(bench.texts_from(PHONE, "before"))
    bench.when(b"+CMGL", bench.texts_from(PHONE, "41A"))
    assert main(["modem", "listen", "--port", bench.port, "--count", "2"]) == 0
    assert capsys.readouterr().out == f"{PHONE}: before\n{PHONE}: 41A\n"
    bench.when(b"+CMGL", bench.texts_from(PHONE, "third"))
    assert main(["modem", "listen", "--port", bench.port, "--count", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "from": PHONE,
        "text": "third",
        "at": "2026-11-20T12:00:00+00:00",
    }


def test_listen_ends_with_a_sentence_when_the_modem_is_unplugged(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.when(b"+CMGL", bench.modem.faults.hang_up)
    assert main(["modem", "listen", "--port", bench.port]) == 1
    assert "is gone" in capsys.readouterr().err


def test_a_missing_port_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "ttyNone"
    assert main(["modem", "info", "--port", str(missing)]) == 1
    assert capsys.readouterr().err == (
        f"fleet: expected a modem port at {missing}, got: no such device; check the cable and the port's name\n"
    )


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("info", "send", "listen"):
        assert main(["modem", verb, "--help"]) == 0
        assert f"Example: fleet modem {verb}" in capsys.readouterr().out
