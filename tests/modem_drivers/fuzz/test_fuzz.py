"""Coverage-guided fuzzing of what reads a modem's bytes, for a bounded time; `make soak` takes longer."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.modem_drivers.pdu.golden import DELIVERS, STATUS_REPORT, SUBMITS

TARGETS = ("lexer", "channel", "parsers", "decoder")
SECONDS = 2
SAMPLES = {
    "decoder": [
        bytes.fromhex(hexed)
        for hexed in [row[2] for row in DELIVERS]
        + [hexed for row in SUBMITS for hexed in row.pdus]
        + [STATUS_REPORT.format(status=0)]
    ],
    "channel": [b'\r\n+CMTI: "ME",7\r\n\r\nOK\r\n', b"\r\n+CMGL: 1,1,,5\r\n0004000000\r\n\r\nOK\r\n", b"\r\n> "],
    "lexer": [b"\r\nOK\r\n> \r\n\xff\x00+CSQ: 1,99\r"],
    "parsers": [b'(2,"Telekom","TDG","26201",7),,(0-4),(0-2)', b'"LTE",-60,-90,120,-10', b'0,"00420061",72'],
}


def fuzz(target: str, seconds: int, folder: Path) -> None:
    """Runs a target and fails with what it found."""
    pytest.importorskip("atheris", reason="needs the Python package 'atheris', which has no wheel for this platform")
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, sample in enumerate(SAMPLES[target]):
        (corpus / str(number)).write_bytes(sample)
    command = [sys.executable, "-m", "tests.modem_drivers.fuzz.targets", target]
    limits = [f"-max_total_time={seconds}", "-max_len=512", "-timeout=10", "-seed=23040", f"-artifact_prefix={folder}/"]
    done = subprocess.run([*command, *limits, str(corpus)], capture_output=True, text=True, check=False)
    found = [path.read_bytes() for path in folder.glob("crash-*")] + [
        path.read_bytes() for path in folder.glob("timeout-*")
    ]
    assert done.returncode == 0, f"{target} fails on {found}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert "stat::" in done.stderr or "DONE" in done.stderr or "Done" in done.stderr


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_a_modem_can_say_raises(target: str, tmp_path: Path) -> None:
    fuzz(target, SECONDS, tmp_path)
