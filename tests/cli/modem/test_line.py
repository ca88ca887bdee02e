"""`fleet modem list`, `monitor`, `at` and `record`."""

import json
import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from cli.main import main
from modem_drivers import Port, open_port
from modem_drivers.at.transcript import loads
from modem_drivers.profiles import EC25
from tests.cli.modem.conftest import IMEI, PHONE, Bench


def test_list_names_the_modem_at_a_free_port(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [
        Port(bench.port, 0x2C7C, 0x0125, 2, "1-1.2", None, EC25),
        Port("/dev/no-such-port", 0x2C7C, 0x0125, 2, "1-1.3", None, EC25),
    ]
    monkeypatch.setattr("modem_drivers.at_ports", lambda: ports)
    assert main(["modem", "list", "--json"]) == 0
    found, missing = json.loads(capsys.readouterr().out)
    assert (found["imei"], found["model"], found["state"]) == (IMEI, "EC25", "free")
    assert (found["usb"], found["socket"]) == ("2c7c:0125", "1-1.2")
    assert missing["imei"] is None
    assert "no such device" in missing["state"]


async def test_list_names_the_program_that_holds_a_port(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    monkeypatch.setattr("modem_drivers.at_ports", lambda: [Port(bench.port, 1, 2, 2, "1-1", None, EC25)])
    line = open_port(bench.port)
    await line.open(lambda _: None, lambda _: None)
    assert await asyncio.to_thread(main, ["modem", "list", "--json"]) == 0
    await line.close()
    (held,) = json.loads(capsys.readouterr().out)
    assert held["state"].startswith("in use by ")


def test_list_without_modems_says_so_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modem_drivers.at_ports", list)
    assert main(["modem", "list"]) == 0
    assert capsys.readouterr().out == ""


def test_a_port_where_nothing_answers_is_one_sentence(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modem_drivers.session.RESYNC_TRIES", 1)
    bench.modem.faults.silence()
    assert main(["modem", "info", "--port", bench.port]) == 1
    assert capsys.readouterr().err == (
        f"fleet: expected a modem to answer at {bench.port}, got nothing for 2 s; check that it is on, and that "
        "this is its AT port\n"
    )


@pytest.mark.parametrize("name", ["/dev/tty", "by its own name"])
def test_ones_own_terminal_is_no_modem_and_stays_usable(name: str) -> None:
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    address = name if name.startswith("/dev") else os.ttyname(slave)
    code = (
        "import fcntl, sys, termios; from cli.main import main; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        "sys.exit(main(['modem', 'info', '--port', sys.argv[1]]))"
    )
    command = [sys.executable, "-c", code, address]
    done = subprocess.run(command, stdin=slave, capture_output=True, text=True, start_new_session=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"fleet: expected a modem port at {address}, got: the terminal you type at; "
        "check the cable and the port's name\n"
    )
    assert termios.tcgetattr(slave) == before
    os.close(slave)
    os.close(master)


def test_monitor_tells_what_changes_and_what_the_modem_says(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.when(b"+CSQ", lambda: bench.when(b"+CSQ", bench.texts_from(PHONE, "hello")))
    assert main(["modem", "monitor", "--port", bench.port, "--every", "0.1", "--count", "3"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "registration  home, texts possible, area 1A2B, cell 123ABC",
        "signal        RSSI -67 dBm, RSRP -95 dBm, RSRQ -9 dB",
        'modem         +CMTI: "ME",0',
    ]


def test_monitor_ends_with_a_sentence_when_the_modem_is_unplugged(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.when(b"+CSQ", bench.modem.faults.hang_up)
    assert main(["modem", "monitor", "--port", bench.port]) == 1
    assert "is gone" in capsys.readouterr().err


def test_at_prints_the_answer(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["modem", "at", "AT+CSQ", "--port", bench.port]) == 0
    assert capsys.readouterr().out == "+CSQ: 23,99\nOK\n"
    assert main(["modem", "at", '+CPIN="1234"', "--port", bench.port]) == 1
    said = capsys.readouterr().err
    assert "the modem refused AT+CPIN" in said
    assert "1234" not in said
    assert main(["modem", "at", '+CLCK="SC",2', "--port", bench.port, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"command": '+CLCK="SC",2', "lines": ["+CLCK: 0"]}
    assert main(["modem", "at", "+CSQ\r+CMGD=1", "--port", bench.port]) == 2
    assert "one line" in capsys.readouterr().err


def test_record_writes_a_transcript_without_secrets(
    bench: Bench, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "ec25.txt"
    assert main(["modem", "record", str(file), "--port", bench.port, "--", '+CPIN="4321"', "+CSQ"]) == 0
    text = file.read_text()
    rows = loads(text)
    assert capsys.readouterr().out == f"{len(rows)} commands and answers in {file}.\n"
    assert [row.sent for row in rows][-2:] == [b'AT+CPIN="****"\r', b"AT+CSQ\r"]
    assert "4321" not in text
    assert IMEI in text
    assert main(["modem", "record", str(file), "--port", bench.port]) == 2
    assert "expected a new file" in capsys.readouterr().err


def test_a_transcript_that_cannot_be_written_is_refused_before_the_modem_is_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "missing" / "ec25.txt"
    assert main(["modem", "record", str(file), "--port", str(tmp_path / "no-modem")]) == 2
    said = f"fleet: expected a folder to write to at {file.parent}, got none; name another file\n"
    assert capsys.readouterr().err == said


def test_a_modem_that_fails_is_recorded_too(bench: Bench, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bench.modem.faults.silence()
    file = tmp_path / "silent.txt"
    assert main(["modem", "record", str(file), "--port", os.fspath(bench.port)]) == 1
    assert b"AT\r" in [row.sent for row in loads(file.read_text())]
