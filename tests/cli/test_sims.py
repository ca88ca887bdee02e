"""`fleet sims`: whole screens, exit codes, files good and bad."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.secrets import Sealer
from fleet.settings import ProviderSettings, Settings
from tests.cli.conftest import Service, Shell, serving
from tests.conftest import UNSAFE
from tests.fleet.sims.rig import iccid

ONE, TWO, THREE = iccid(1), iccid(2), iccid(3)


@pytest.fixture
def service(shell: Shell, database: Database, clock: ManualClock, tmp_path: Path) -> Iterator[Service]:
    """The API with providers called sandbox and other, found by the shell."""
    providers = [ProviderSettings(name=name, url="http://127.0.0.1:9") for name in ("sandbox", "other")]
    settings = Settings(data_dir=tmp_path / "data", provider=providers, database=UNSAFE)
    context = Context(settings, database, clock, Sealer.from_file(settings.data_dir / "key"))
    with serving(context) as endpoints:
        shell.patch.setenv("FLEET_DATA_DIR", str(settings.data_dir))
        yield Service(context, clock, endpoints)


pytestmark = pytest.mark.usefixtures("service")


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return path.name


def test_a_file_is_imported_and_importing_it_again_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    file = written(tmp_path / "sims.csv", f"iccid,provider,msisdn,pin\n{ONE},sandbox,+12025550123,1234\n{TWO},,,\n")
    imported = shell.pipe(f"sims import {file} --provider sandbox")
    assert imported == (0, "2 rows: 2 added, 0 unchanged, 0 in conflict, 0 invalid.\n", "")
    again = shell.pipe(f"sims import {file} --provider sandbox")
    assert again == (0, "2 rows: 0 added, 2 unchanged, 0 in conflict, 0 invalid.\n", "")
    screen = (
        "ICCID                NUMBER        PROVIDER  WANTED     STATE      WHY\n"
        f"{ONE}  +12025550123  sandbox   inventory  inventory\n"
        f"{TWO}                sandbox   inventory  inventory\n"
    )
    assert shell.terminal("sims list") == (0, screen, "")
    assert shell.pipe(f"sims list --iccid {ONE[:18]} --limit 1").out.startswith(f"{ONE}\t+12025550123\tsandbox\t")


def test_bad_rows_are_named_and_good_ones_go_on(shell: Shell, tmp_path: Path) -> None:
    wrong = ONE[:-1] + str((int(ONE[-1]) + 1) % 10)
    file = written(tmp_path / "sims.txt", f"{ONE}\n{wrong}\n\n{TWO}\n{ONE}\n")
    screen = shell.pipe(f"sims import {file}")
    assert screen.code == 3
    assert screen.out == "4 rows: 2 added, 0 unchanged, 1 in conflict, 1 invalid.\n"
    assert screen.err == (
        f"line 2: expected an ICCID whose check digit holds, got {wrong}; compare it with the card digit by digit\n"
        f"line 5: expected each SIM once, got {ONE} again, which line 1 has: keep one\n"
        "fleet: 2 of 4 rows were not imported: correct them and run the same command again, nothing is done twice\n"
    )


def test_a_row_that_says_something_else_of_a_known_sim_is_a_conflict(shell: Shell, tmp_path: Path) -> None:
    shell.pipe(f"sims import {written(tmp_path / 'a', f'iccid;provider{chr(10)}{ONE};sandbox{chr(10)}')}")
    screen = shell.pipe(f"sims import {written(tmp_path / 'b', f'iccid;provider{chr(10)}{ONE};other{chr(10)}')} --json")
    assert screen.code == 4
    answer = json.loads(screen.out)
    assert (answer["rows"], answer["added"], answer["conflict"]) == (1, 0, 1)
    (problem,) = answer["problems"]
    assert (problem["line"], problem["outcome"]) == (2, "conflict")
    assert "provider 'sandbox', the row says 'other'" in problem["detail"]


def test_a_dry_run_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.pipe(f"sims import {written(tmp_path / 'one', ONE)}")
    file = written(tmp_path / "sims.csv", f"iccid,msisdn,pin\n{ONE},,\n{TWO},,\n{THREE},hello,\n{iccid(4)},,12\n")
    screen = shell.pipe(f"sims import {file} --dry-run")
    assert (screen.code, screen.out) == (3, "4 rows: 1 can be added, 1 unchanged, 0 in conflict, 2 invalid.\n")
    assert "line 4: expected a phone number in E.164" in screen.err
    assert "line 5: expected a PIN of 4 to 8 digits" in screen.err
    assert "2 of 4 rows cannot be imported" in screen.err
    assert shell.pipe("sims list").out.split()[0] == ONE
    assert len(shell.pipe("sims list").out.splitlines()) == 1


@pytest.mark.parametrize(("dry", "what"), [("", "were not imported"), (" --dry-run", "cannot be imported")])
def test_a_provider_that_is_not_configured_and_a_cell_too_many_are_refused(
    shell: Shell, tmp_path: Path, dry: str, what: str
) -> None:
    file = written(tmp_path / "sims.csv", f"iccid,provider\n{ONE},nobody\n{TWO},sandbox,1234\n{THREE},sandbox,\n")
    screen = shell.pipe(f"sims import {file}{dry}")
    assert screen.code == 3
    assert screen.err == (
        f"line 2: expected a configured provider for SIM {ONE} (there is: other, sandbox), got 'nobody': "
        "name one, or add it as [[provider]] to fleet.toml\n"
        "line 3: expected one cell for each column of the heading, got 1 more: correct the row\n"
        f"fleet: 2 of 3 rows {what}: correct them and run the same command again, nothing is done twice\n"
    )


def test_rows_beyond_one_request_are_imported_too(shell: Shell, tmp_path: Path) -> None:
    file = written(tmp_path / "sims.txt", "\n".join(iccid(number) for number in range(1201)))
    assert shell.pipe(f"sims import {file}").out.startswith("1201 rows: 1201 added,")
    assert len(shell.pipe("sims list").out.splitlines()) == 1201


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "got an empty file"),
        ("iccid,colour\n1,red\n", "got 'colour': rename"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_one_is_refused(shell: Shell, tmp_path: Path, text: str | None, says: str) -> None:
    if text is not None:
        written(tmp_path / "sims.csv", text)
    screen = shell.pipe("sims import sims.csv")
    assert screen.code == 2
    assert says in screen.err
    assert screen.err.count("\n") == 1


def test_sims_are_activated_one_by_one_or_all_and_shown(shell: Shell, tmp_path: Path) -> None:
    shell.pipe(f"sims import {written(tmp_path / 'sims', f'{ONE}{chr(10)}{TWO}{chr(10)}{THREE}')} --provider sandbox")
    screen = shell.terminal(f"sims activate {ONE}")
    assert screen == (
        0,
        "Asked to activate: 1; already asked: 0; refused: 0.\n",
        screen.err,
    )
    assert screen.err.endswith("Next: `fleet sims list` shows how far they are.\n")
    assert shell.pipe(f"sims activate {ONE}").out == "Asked to activate: 0; already asked: 1; refused: 0.\n"
    assert shell.pipe("sims activate --all-inventory").out == "Asked to activate: 2; already asked: 0; refused: 0.\n"
    assert shell.pipe("sims activate --all-inventory").out == "Every SIM was activated before: nothing to do.\n"
    assert shell.pipe(f"sims show {ONE}").out == (
        f"iccid\t{ONE}\nimsi\t\nnumber\t\nprovider\tsandbox\nwanted\tactive\nstate\tinventory\nwhy\tpending\n"
        "since\t2026-01-01 00:00:00Z\ndevice\t\n"
    )
    assert json.loads(shell.pipe(f"sims suspend {ONE} --json").out) == {
        "results": [{"iccid": ONE, "outcome": "changed", "detail": ""}]
    }


def test_what_cannot_be_asked_of_a_sim_is_refused(shell: Shell, tmp_path: Path) -> None:
    shell.pipe(f"sims import {written(tmp_path / 'sims', ONE)} --provider sandbox")
    screen = shell.pipe(f"sims suspend {ONE}")
    assert (screen.code, screen.out) == (4, "")
    assert screen.err == (
        f"fleet: expected a SIM that is in service, got {ONE}, which was never activated: nothing to suspend\n"
    )
    screen = shell.pipe(f"sims activate {ONE} {TWO}")
    assert screen.code == 3
    assert screen.out == "Asked to activate: 1; already asked: 0; refused: 1.\n"
    assert f"expected the ICCID of a SIM in the inventory, got {TWO}: import it first" in screen.err
    assert shell.pipe("sims activate").code == 2
    assert shell.pipe("sims show 123").code == 4
    assert shell.pipe("sims list --state asleep").code == 4


def test_provisioning_without_a_modem_or_a_pin_file_is_one_sentence(shell: Shell) -> None:
    shell.pipe("devices add vm-01")
    line = "sims provision --device vm-01 --provider sandbox --apn iot.example --port"
    screen = shell.pipe(f"{line} /dev/no-such-modem")
    assert screen.code == 1
    assert "expected a modem port at /dev/no-such-modem" in screen.err
    assert screen.err.count("\n") == 1
    screen = shell.pipe(f"{line} /dev/no-such-modem --pin-file nowhere")
    assert (screen.code, screen.err[:49]) == (2, "fleet: expected a file with the PIN at nowhere, g")


def test_provisioning_wants_one_machine_or_the_loop(shell: Shell) -> None:
    line = "sims provision --provider sandbox --apn iot.example --port /dev/no-such-modem"
    for more, got in (("", "neither"), (" --loop --device vm-01", "both")):
        screen = shell.pipe(line + more)
        assert (screen.code, screen.out) == (2, "")
        assert f"expected --device NAME, or --loop for one machine after the other, got {got}: give one" in screen.err
