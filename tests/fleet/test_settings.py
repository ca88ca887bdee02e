"""Settings come from the file, then the environment; every fault is one sentence."""

from pathlib import Path

import pytest

from fleet.errors import SetupError
from fleet.settings import load, read_secret


def write(folder: Path, text: str) -> Path:
    path = folder / "fleet.toml"
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold() -> None:
    settings = load()
    assert (settings.http.port, settings.mqtt.port) == (8080, 1883)
    assert settings.database_url == "sqlite:///fleet-data/fleet.db"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_HTTP__PORT", "9000")
    settings = load(write(tmp_path, "[http]\nport = 8081\n\n[mqtt]\nport = 1884\n"))
    assert (settings.http.port, settings.mqtt.port) == (9000, 1884)


def test_modems_and_providers_are_lists(tmp_path: Path) -> None:
    settings = load(write(tmp_path, '[[modem]]\nport = "/dev/a"\n[[modem]]\nport = "/dev/b"\n'))
    assert [modem.port for modem in settings.modem] == ["/dev/a", "/dev/b"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[http]\nport = 99999\n", "http.port"),
        ("[http]\nprot = 1\n", "http.prot"),
        ("[[modem]]\nimei = '1'\n", "modem.0.port"),
        ("[[modem]]\nport = '/dev/a'\nimei = '1'\n", r"expected an IMEI of 15 digits, got '1'.* \(modem\.0\.imei in"),
        (
            "[[modem]]\nport = 'imei:867698040000014'\n",
            r"expected an IMEI whose check digit holds.* \(modem\.0\.port in",
        ),
        ("[http]\nport = 'x'\n", "expected a whole number as http.port in .*, got 'x': correct it there"),
        ("[[modem]]\nport = ''\n", "expected at least 1 characters as modem.0.port"),
        ("[http\n", "expected TOML"),
    ],
)
def test_a_fault_is_named_in_one_sentence(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(SetupError, match=where) as fault:
        load(write(tmp_path, text))
    assert "\n" not in str(fault.value)
    assert "fleet.toml" in str(fault.value)


def test_an_imei_may_be_written_as_on_the_label(tmp_path: Path) -> None:
    settings = load(write(tmp_path, '[[modem]]\nport = "imei:86769804000001"\nimei = "867698040000013"\n'))
    assert (settings.modem[0].port, settings.modem[0].imei) == ("imei:867698040000013", "867698040000013")


def test_a_missing_file_names_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="fleet init"):
        load(tmp_path / "none.toml")


def test_an_unreadable_secret_file_is_one_sentence(tmp_path: Path) -> None:
    assert read_secret(None) == ""
    with pytest.raises(SetupError, match="expected a readable secret file"):
        read_secret(tmp_path / "none")
