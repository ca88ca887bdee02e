"""Coverage-guided fuzzing of what reads a modem's bytes, for a bounded time; `make soak` takes longer."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.modem_drivers.pdu.golden import DELIVERS, STATUS_REPORT, SUBMITS

TARGETS = ("lexer", "channel", "session", "parsers", "features", "decoder")
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
    "session": [
        b"\r\nOK\r\n\x00\r\nOK\r\n\x00\r\n+CREG: 2,1\r\n\r\nOK\r\n",
        b'\x00\r\n+CMGL: 1,1,,5\r\n0004000000\r\n+CUSD: 1,"a\r\nOK\r\n> ',
    ],
    "features": [
        bytes([number]) + line
        for number in range(13)
        for line in (
            b'+CREG: 2,1,"D509","80D413D",7\x00+CSQ: 20,99\x00+CMGR: 1,,5\r\n0004000000',
            b'+UCGED: 2\r\n6,4,001,01\r\n1650,3,50,50,1e2d,1b4d511,180,d60814d1,8001,01,54,20\x00+CGAUTH: 1,2,"fleet"',
            b'+CPMS: ("SM","ME"),("SM")\x00+CPMS: 3,255,3,255,3,255\x00+CUSD: 0,"00420061",72',
        )
    ],
    "parsers": [
        b"+UCGED: 2\n6,4,001,01\n1650,3,50,50,1e2d,1b4d511,180,d60814d1,8001,01,54,20,13.75,3,1,10,28,-50,-6,0",
        b"Serving: EARFCN MCC MNC TAC CID Bd PCI RSRQ RSRP RSSI\n1650 001 01 7725 01B4D511 3 180 -10.0 -87.0 -58.0",
        b'1650,-58,"Net","00101",01B4D511,1E2D,64,3,-87',
        b"Net RSRP:-87 RSRQ:-10 TAC:1E2D Id:1B4D511 EARFCN:1650 PWR:-58dbm DRX:64 pci:180",
        b"System mode:   LTE\tPS state: Attached\nRSRP (dBm):    -87\tTAC:         1E2D (7725)",
        b'1,,,"00100001","00000101"',
        b'4,"0101","0101","0011"',
        b'(2,"Telekom","TDG","26201",7),,(0-4),(0-2)',
        b'"LTE",-60,-90,120,-10',
        b'0,"00420061",72',
    ],
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
