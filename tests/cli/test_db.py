"""`fleet db`: upgrade makes and keeps the schema, check says whether it is there."""

import json
import re
import sqlite3
from pathlib import Path

from sqlalchemy import text
from sqlmodel import select

from fleet import schema, settings, start
from fleet.auth.models import Account
from fleet.clock import ManualClock
from fleet.db import Database, backup, migrate
from fleet.db.locks import Space
from tests.cli.conftest import Shell
from tests.conftest import account_of
from tests.loopback import free_port
from tests.needs import needs


def test_upgrade_makes_the_database_then_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    head = migrate.head()
    assert shell.pipe("db upgrade") == (0, f"Upgraded the database from empty to revision {head}.\n", "")
    assert (tmp_path / "fleet-data" / "fleet.db").exists()
    assert shell.pipe("db upgrade") == (0, f"The database is at revision {head} already.\n", "")
    assert json.loads(shell.pipe("db upgrade --json").out) == {"before": head, "after": head}
    assert shell.pipe("db check") == (0, f"The database is as revision {head} wants it.\n", "")


def test_check_of_nothing_makes_nothing(shell: Shell, tmp_path: Path) -> None:
    assert shell.pipe("db check --data-dir elsewhere") == (
        2, "", "fleet: expected a database at elsewhere/fleet.db, got none: make it with `fleet db upgrade`\n",
    )  # fmt: skip
    assert not (tmp_path / "elsewhere").exists()


def test_check_names_what_differs(shell: Shell, tmp_path: Path) -> None:
    shell.patch.setenv("FLEET_DATA_DIR", "here")
    shell.pipe("db upgrade")
    with sqlite3.connect(tmp_path / "here" / "fleet.db") as connection:
        connection.execute("DROP TABLE alembic_version")
    connection.close()
    assert "got an empty one: run `fleet db upgrade`" in shell.pipe("db check").err
    assert shell.pipe("db check").code == 2
    (tmp_path / "here" / "fleet.db").unlink()
    shell.pipe("db upgrade")
    with sqlite3.connect(tmp_path / "here" / "fleet.db") as connection:
        connection.execute("CREATE TABLE stray (a INTEGER)")
    connection.close()
    screen = shell.pipe("db check")
    assert screen.code == 1
    assert "got 1 differences, the first:" in screen.err
    assert "stray" in screen.err


def test_what_is_no_database_is_one_sentence(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "fleet-data").mkdir()
    (tmp_path / "fleet-data" / "fleet.db").write_bytes(b"no database" * 1000)
    screen = shell.pipe("db check")
    assert (screen.code, screen.out) == (1, "")
    assert screen.err.startswith("fleet: expected to open the database sqlite:///fleet-data/fleet.db, got: ")


def test_upgrade_waits_for_no_running_service_but_refuses(shell: Shell, tmp_path: Path) -> None:
    chosen = settings.load(data_dir=tmp_path / "fleet-data")
    with start.only_process(chosen):
        screen = shell.pipe("db upgrade")
    assert (screen.code, screen.out) == (2, "")
    assert "expected to be the only service on fleet-data" in screen.err


def test_the_config_names_the_database(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(f'[database]\nurl = "sqlite:///{tmp_path}/other.db"\n')
    assert shell.pipe("db upgrade --config fleet.toml").code == 0
    assert (tmp_path / "other.db").exists()
    assert shell.pipe("db upgrade --config missing.toml").code == 2


def used(shell: Shell, tmp_path: Path) -> Database:
    """A database in which somebody has worked: an account."""
    assert shell.pipe("db upgrade").code == 0
    database = Database(f"sqlite:///{tmp_path}/fleet-data/fleet.db")
    account_of(database, ManualClock())
    return database


def accounts(url: str) -> int:
    database = Database(url)
    count = database.read_now(lambda tx: len(list(tx.exec(select(Account)))))
    database.close()
    return count


def test_copy_moves_everything_and_says_what_is_next(
    shell: Shell, tmp_path: Path, empty_postgres: Database, postgres_url: str
) -> None:
    used(shell, tmp_path).close()
    url = empty_postgres.url.render_as_string(hide_password=False)
    screen = shell.pipe(f"db copy --to {url}")
    assert (screen.code, screen.out) == (
        0, f"Copied 1 rows in {len(schema.metadata.tables)} tables; counts and checksums of every table agree.\n",
    )  # fmt: skip
    assert screen.err.startswith("Next: name the new database in fleet.toml")
    assert accounts(url) == 1
    again = shell.pipe(f"db copy --to {url}")
    assert (again.code, again.out) == (2, "")
    assert "expected an empty target, got one with rows in the table account" in again.err
    tables = json.loads(shell.pipe(f"db copy --json --to {postgres_url}").out)["tables"]  # at the schema already
    assert tables["account"]["rows"] == 1
    assert len(tables["account"]["checksum"]) == 32


def test_copy_of_nothing_or_to_nowhere(shell: Shell, tmp_path: Path, postgres_url: str) -> None:
    assert "got none: make it with `fleet db upgrade`" in shell.pipe(f"db copy --to {postgres_url}").err
    used(shell, tmp_path).close()
    screen = shell.pipe(f"db copy --to postgresql+psycopg://me:secret@127.0.0.1:{free_port()}/fleet")
    assert (screen.code, screen.out) == (1, "")
    assert "refused" in screen.err
    assert "secret" not in screen.err
    assert "expected a database URL" in shell.pipe("db copy --to mysql://host/fleet").err
    assert "got sqlite to sqlite" in shell.pipe(f"db copy --to sqlite:///{tmp_path}/other.db").err


def test_backup_while_a_service_runs_and_restore_when_none_does(shell: Shell, tmp_path: Path) -> None:
    database = used(shell, tmp_path)
    chosen, head = settings.load(data_dir=tmp_path / "fleet-data"), migrate.head()
    with start.only_process(chosen):
        written = shell.pipe("db backup one.backup")
        size = (tmp_path / "one.backup").stat().st_size
        assert written == (0, f"Wrote one.backup ({size} bytes).\n", "")
        database.close()
        assert "expected to be the only service" in shell.pipe("db restore one.backup --replace").err
    assert shell.pipe("db backup one.backup").err == (
        "fleet: expected to write a new file, one.backup is there: name another, or write over it with --force\n"
    )
    assert "give up what it holds with --replace" in shell.pipe("db restore one.backup").err
    said = f"Restored one.backup; the database is at revision {head}.\n"
    assert shell.pipe("db restore one.backup --replace") == (0, said, "")
    assert shell.pipe("db restore one.backup --data-dir elsewhere") == (0, said, "")
    assert accounts(f"sqlite:///{tmp_path}/elsewhere/fleet.db") == 1


def test_on_a_terminal_a_backup_shows_how_far_it_is_and_in_a_pipe_it_does_not(shell: Shell, tmp_path: Path) -> None:
    used(shell, tmp_path).close()
    shell.patch.setattr(backup, "PAGES", 10)
    shell.patch.setenv("TERM", "xterm")
    screen = shell.terminal("db backup one.backup")
    size = (tmp_path / "one.backup").stat().st_size
    assert (screen.code, screen.out) == (0, f"Wrote one.backup ({size} bytes).\n")
    assert "Copying and checking" in screen.err
    assert re.search(r"\b([1-9]\d*)/\1\b", re.sub("\x1b\\[[0-9;]*m", "", screen.err)), "all pages of all"
    written = shell.pipe("db backup two.backup --json")
    assert (json.loads(written.out), written.err) == ({"file": "two.backup", "bytes": size}, "")


def test_nothing_replaces_a_postgresql_that_a_service_uses(shell: Shell, tmp_path: Path, postgres_url: str) -> None:
    needs("pg_dump", "pg_restore")
    (tmp_path / "fleet.toml").write_text(f'[database]\nurl = "{postgres_url}"\n')
    assert shell.pipe("db backup one.backup --config fleet.toml").code == 0
    database = Database(postgres_url)
    with database.engine.connect() as service:
        service.execute(text(f"SELECT pg_advisory_lock_shared({int(Space.SERVICE)}, 0)"))
        for verb in ("restore one.backup", "upgrade"):
            screen = shell.pipe(f"db {verb} --config fleet.toml")
            assert (screen.code, screen.out) == (2, "")
            assert "got one with a service on it: stop every process first" in screen.err
    database.close()
    assert shell.pipe("db restore one.backup --config fleet.toml").code == 0
