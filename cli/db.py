"""`fleet db`: the database and its schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import Failed, Usage
from cli.options import DataDir, Json
from cli.output import Output

if TYPE_CHECKING:
    from fleet.db import Database

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="The service's fleet.toml.")]


@app.command()
def upgrade(config: Config = None, json: Json = False, data_dir: DataDir = None) -> None:
    """Bring the database to the schema of this version. Nothing happens if it is there. Stop the service first.

    Example: fleet db upgrade
    """
    from fleet import schema
    from fleet.db import locks, migrate

    with _database(config, data_dir, alone=True) as database, locks.sole_user(database):
        before = migrate.current(database)
        migrate.upgrade(database, schema.metadata)
        after = migrate.current(database)
    said = (
        f"The database is at revision {after} already."
        if before == after
        else (f"Upgraded the database from {before or 'empty'} to revision {after}.")
    )
    Output(json).done({"before": before, "after": after}, said)


@app.command()
def check(config: Config = None, json: Json = False, data_dir: DataDir = None) -> None:
    """Check that the database has the schema of this version. Exit code 1 if the tables differ, 2 if not upgraded.

    Example: fleet db check --config fleet.toml
    """
    from fleet import schema
    from fleet.db import migrate

    with _database(config, data_dir, alone=False) as database:
        migrate.check(database)
        differences = migrate.differences(database, schema.metadata)
        revision = migrate.current(database)
    if differences:
        raise Failed(
            f"expected the tables of revision {revision}, got {len(differences)} differences, the first: "
            f"{differences[0]}; restore a backup, or undo what was changed by hand"
        )
    Output(json).done({"revision": revision, "differences": []}, f"The database is as revision {revision} wants it.")


@app.command()
def copy(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty database: postgresql+psycopg://user@host/name")
    ],
    config: Config = None,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Copy everything from SQLite to an empty PostgreSQL database and verify it. Stop the service first.

    A copy that was interrupted goes on where it was: run the command again. A password belongs into ~/.pgpass.

    Example: fleet db copy --to postgresql+psycopg://fleet@localhost/fleet
    """
    from fleet import schema
    from fleet.db import Database, copying

    output = Output(json)
    with (
        _database(config, data_dir, alone=True, made=False) as source,
        _opened(Database(to)) as target,
        output.progress("Copying and verifying", copying.size(source, schema.metadata)) as progress,
    ):
        tallies = copying.copy(source, target, schema.metadata, progress)
    rows = sum(tally.rows for tally in tallies.values())
    output.done(
        {"rows": rows, "tables": {name: tally._asdict() for name, tally in tallies.items()}},
        f"Copied {rows} rows in {len(tallies)} tables; counts and checksums of every table agree.",
        next="name the new database in fleet.toml ([database] url), keep the data directory with its key, start again",
    )


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    config: Config = None,
    json: Json = False,
    data_dir: DataDir = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write everything in the database to one file. The service may go on.

    The key that seals PINs and provider keys is not in it: keep a copy of that file elsewhere.

    Example: fleet db backup fleet-2026-03-01.backup
    """
    from fleet.db import backup as backups

    if file.exists() and not force:
        raise Usage(f"expected to write a new file, {file} is there: name another, or write over it with --force")
    output = Output(json)
    with (
        _database(config, data_dir, alone=False) as database,
        output.progress("Copying and checking", backups.size(database)) as progress,
    ):
        backups.backup(database, file, progress)
    size = file.stat().st_size
    output.done({"file": str(file), "bytes": size}, f"Wrote {file} ({size} bytes).")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `fleet db backup` wrote.")],
    config: Config = None,
    json: Json = False,
    data_dir: DataDir = None,
    replace: Annotated[bool, typer.Option("--replace", help="Give up what the database holds now.")] = False,
) -> None:
    """Bring the database to what a backup holds. Stop the service first; its key file must be the one of then.

    Example: fleet db restore fleet-2026-03-01.backup --replace
    """
    from fleet import schema
    from fleet.db import backup as backups
    from fleet.db import migrate

    with _database(config, data_dir, alone=True) as database:
        if backups.holds_something(database) and not replace:
            raise Usage("expected an empty database, got one in use: give up what it holds with --replace")
        revision = backups.restore(database, schema.metadata, file)
    current = revision == migrate.head()
    said = f"Restored {file}; the database is at revision {revision}."
    Output(json).done({"file": str(file), "revision": revision}, said, next="" if current else "fleet db upgrade")


@contextmanager
def _database(config: Path | None, data_dir: Path | None, *, alone: bool, made: bool = True) -> Iterator["Database"]:
    """The service's database, as its settings name it.

    `alone`: while no service runs on it; `made`: then it is made if it is missing.
    """
    from contextlib import nullcontext

    from fleet import settings, start
    from fleet.db import Database

    chosen = settings.load(config, **({"data_dir": data_dir} if data_dir else {}))
    with start.only_process(chosen) if alone else nullcontext(), _opened(Database(chosen.database_url)) as database:
        file = database.url.database or ""
        if not (alone and made) and database.dialect == "sqlite" and not Path(file).exists():
            raise Usage(f"expected a database at {file}, got none: make it with `fleet db upgrade`")
        yield database


@contextmanager
def _opened(database: "Database") -> Iterator["Database"]:
    """`database` until it is closed; what keeps it from answering is one sentence."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield database
    except DBAPIError as error:
        shown, cause = str(database.url).split("@")[-1], " ".join(str(error.orig).split())
        raise Failed(f"expected to open the database {shown}, got: {cause}; nothing half done is kept") from None
    finally:
        database.close()
