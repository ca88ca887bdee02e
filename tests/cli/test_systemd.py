"""The service under systemd: the unit that is printed, and what the process tells.

None of it depends on the database, so the service has the one it comes with.
"""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from cli.systemd import notify, unit
from tests.cli.conftest import Shell
from tests.needs import needs
from tests.service import ServiceProcess

PAGE = Path(cli.__file__).parents[1] / "docs/deploy/fleet.service"


def test_the_unit_in_the_docs_is_the_one_that_is_printed(shell: Shell) -> None:
    assert PAGE.read_text() == unit()
    program = Path(sys.executable).with_name("fleet")
    assert shell.pipe("init --systemd") == (0, unit(program), "")
    assert shell.pipe("init here.toml --systemd").out == unit(program, Path.cwd() / "here.toml")
    assert not Path("here.toml").exists()


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    needs("systemd-analyze")
    path = tmp_path / "fleet.service"
    path.write_text(unit(program=Path(sys.executable)))
    checked = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


async def test_systemd_hears_when_the_service_is_ready_and_when_it_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        service = ServiceProcess(tmp_path)
        async with service:
            assert manager.recv(100) == b"READY=1"
            async with service.client() as client:
                assert await client.get("/health/ready") == {"status": "ready"}
            assert await service.stop() == 0
        assert manager.recv(100) == b"STOPPING=1"


def test_an_abstract_address_is_understood_and_a_missing_one_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("")  # the kernel chooses an abstract name
        name = manager.getsockname().decode()
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name[1:]}")
        notify("READY=1")
        assert manager.recv(100) == b"READY=1"
    notify("STOPPING=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify("READY=1")
