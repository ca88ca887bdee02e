"""`fleet mqtt`."""

import stat
from pathlib import Path

from tests.cli.conftest import Service, Shell


def test_mosquitto_config_writes_what_mosquitto_reads(shell: Shell, service: Service, tmp_path: Path) -> None:
    shell.pipe("devices add vm-01")
    screen = shell.pipe("mqtt mosquitto-config broker --port 1899")
    assert screen.out == f"Wrote 4 files to {tmp_path}/broker; 1 devices may come in.\n"
    assert f'password_file = "{tmp_path}/broker/service.password"' in screen.err
    secret, passwords = tmp_path / "broker/service.password", tmp_path / "broker/passwords"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert (tmp_path / "broker/data").is_dir()
    assert f"persistence_location {tmp_path}/broker/data/" in (tmp_path / "broker/mosquitto.conf").read_text()
    assert [line.split(":")[0] for line in passwords.read_text().splitlines()] == ["_fleet", "vm-01"]
    before = secret.read_text()
    shell.pipe("devices add vm-02")
    assert "2 devices" in shell.pipe("mqtt mosquitto-config broker --port 1899").out
    assert secret.read_text() == before, "the running service goes on with its password"
    assert [line.split(":")[0] for line in passwords.read_text().splitlines()] == ["_fleet", "vm-01", "vm-02"]


def test_a_directory_that_cannot_be_is_one_sentence(shell: Shell, service: Service, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    screen = shell.pipe("mqtt mosquitto-config file/broker")
    assert (screen.code, screen.out) == (2, "")
    assert screen.err.startswith("fleet: expected to ")
