"""How commands end: exit codes, one sentence, help that is quick."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import NOUNS
from tests.cli.conftest import Service, Shell

ROOT = Path(__file__).parents[2]
SETUP = "start one with `fleet serve`, or name its data directory with --data-dir"


def test_wrong_arguments_are_one_sentence_that_names_the_help(shell: Shell) -> None:
    see = "see `fleet devices add --help`\n"
    assert shell.pipe("devices add") == (2, "", f"fleet: Missing argument 'NAME': {see}")
    assert shell.pipe("devices add a b") == (2, "", f"fleet: Got unexpected extra argument(s) (b): {see}")
    screen = shell.pipe("devices add a --colour red")
    assert (screen.code, screen.out, screen.err) == (2, "", f"fleet: No such option: --colour: {see}")
    screen = shell.pipe("fridges list")
    assert screen.code == 2
    assert screen.err.startswith("fleet: No such command 'fridges'")
    assert screen.err.count("\n") == 1


def test_without_a_service_the_sentence_says_how_to_start_one(shell: Shell, tmp_path: Path) -> None:
    expected = f"fleet: expected a service's endpoints.json in {{}}, got none: {SETUP}\n"
    assert shell.pipe("devices list") == (2, "", expected.format("fleet-data"))
    assert shell.pipe("devices list --data-dir elsewhere") == (2, "", expected.format("elsewhere"))


def test_a_service_that_is_down_is_one_sentence(shell: Shell, tmp_path: Path) -> None:
    at = {"http": "http://127.0.0.1:9", "mqtt": "mqtt://127.0.0.1:9", "token": "x"}
    (tmp_path / "endpoints.json").write_text(json.dumps(at))
    assert shell.pipe("devices list --data-dir .") == (
        1, "", "fleet: expected a running service at http://127.0.0.1:9, got no answer: start it with `fleet serve`\n",
    )  # fmt: skip


def test_a_spoilt_endpoints_file_is_one_sentence(shell: Shell, tmp_path: Path) -> None:
    for content in ("", "[]", "{}", '{"http": 5, "token": ""}', "\x00"):
        (tmp_path / "endpoints.json").write_text(content)
        assert shell.pipe("devices list --data-dir .") == (
            2, "", "fleet: expected http, mqtt and token in endpoints.json, got something else: restart the service\n",
        )  # fmt: skip


def test_url_and_token_may_come_from_the_environment(shell: Shell, service: Service) -> None:
    shell.patch.delenv("FLEET_DATA_DIR")
    shell.patch.setenv("FLEET_URL", service.endpoints.http + "/")
    assert shell.pipe("devices list") == (
        2, "", "fleet: expected the operator's token in FLEET_TOKEN beside FLEET_URL, got none: set it\n",
    )  # fmt: skip
    shell.patch.setenv("FLEET_TOKEN", service.endpoints.token)
    assert shell.pipe("devices list") == (0, "", "")
    shell.patch.setenv("FLEET_TOKEN", "0" * 32)
    screen = shell.pipe("devices list")
    assert (screen.code, screen.out) == (4, "")
    assert screen.err.startswith("fleet: expected a valid token, got an unknown one")
    shell.patch.delenv("FLEET_URL")
    assert shell.pipe("devices list") == (
        2, "", "fleet: expected the service's address in FLEET_URL beside FLEET_TOKEN, got none: set it\n",
    )  # fmt: skip


def test_every_noun_has_help_with_an_example_for_each_verb(shell: Shell) -> None:
    waiting = list(NOUNS)
    while waiting:
        words = waiting.pop()
        screen = shell.pipe(f"{words} --help")
        assert screen.code == 0
        if "Commands:\n" in screen.out:
            listed = screen.out.split("Commands:\n")[1].splitlines()
            waiting += [f"{words} {line.split()[0]}" for line in listed if line[2] != " "]
        else:
            assert f"Example: fleet {words}" in screen.out


@pytest.mark.parametrize("line", [["--help"], ["devices", "show", "--help"]])
def test_help_imports_nothing_heavy(line: list[str]) -> None:
    code = (
        f"import sys; from cli.main import main; assert main({line!r}) == 0; "
        "heavy = {'httpx2', 'rich', 'fleet', 'sqlmodel', 'fastapi', 'serial', 'paho', 'hw_fixtures'}; "
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unexpected_fault_is_not_hidden(shell: Shell, service: Service) -> None:
    shell.patch.setattr("cli.devices.ago", None)
    shell.pipe("devices add vm-01")
    shell.patch.setattr("cli.client.Client.get", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        shell.pipe("devices show vm-01")


def test_a_reader_that_goes_away_ends_the_command_quietly(shell: Shell, service: Service) -> None:
    shell.pipe("devices add vm-01")
    command = f"{sys.executable} -c 'from cli.main import run; run()' devices list | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == ""
