"""The program that holds a device is named."""

import os
import subprocess
import sys
from pathlib import Path

from modem_drivers.transport.holder import holder_of, is_own_terminal


def test_another_program_is_named_with_its_pid(tmp_path: Path) -> None:
    file = tmp_path / "device"
    file.write_text("")
    code = "import sys; held = open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert f"(pid {holder.pid})" in (holder_of(str(file)) or "")
        holder.communicate()
    assert holder_of(str(file)) is None


def test_this_program_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "device"
    with file.open("w"):
        assert holder_of(str(file)) is None


def test_a_system_that_does_not_tell(tmp_path: Path) -> None:
    file = tmp_path / "device"
    file.write_text("")
    assert holder_of(str(file), proc=tmp_path / "none") is None
    assert holder_of(str(tmp_path / "missing")) is None
    (tmp_path / "proc" / str(os.getpid() + 1)).mkdir(parents=True)
    assert holder_of(str(file), proc=tmp_path / "proc") is None
    assert not is_own_terminal(os.devnull, proc=tmp_path / "none")
    assert not is_own_terminal(str(tmp_path / "missing"))
