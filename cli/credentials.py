"""Names and tokens of simulated machines: from a file, or registered at the service and kept in one."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cli.client import Client
from cli.errors import Refused, Usage

KEPT = "simulated-machines.csv"
CONFLICT = 409


class Credential(NamedTuple):
    """What a machine signs in with."""

    name: str
    token: str


def read(path: Path) -> list[Credential]:
    """The rows `name,token` of a file, with or without that heading; raises Usage."""
    try:
        with path.open(newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise Usage(f"expected a readable file of name,token at {path}, got: {reason}; correct the path") from None
    for number, row in enumerate(rows, start=1):
        if len(row) != 2 or not all(cell.strip() for cell in row):
            raise Usage(f"expected name,token in row {number} of {path}, got {len(row)} cells: correct that row")
    found = [Credential(name.strip(), token.strip()) for name, token in rows]
    return found[1:] if found[:1] == [Credential("name", "token")] else found


def register(client: Client, names: Sequence[str], kept: Path) -> list[Credential]:
    """Credentials of these machines: as `kept` has them; new ones are added at the service and to that file.

    Raises Usage for a machine that the service has and the file has not: it may be a real one.
    """
    known = {one.name: one for one in read(kept)} if kept.exists() else {}
    for name in names:
        if name not in known:
            known[name] = _add(client, name, kept)
    return [known[name] for name in names]


def _add(client: Client, name: str, kept: Path) -> Credential:
    try:
        token = client.post("/v1/devices", {"name": name, "model": "simulated"})["token"]
    except Refused as refused:
        if refused.status != CONFLICT:
            raise
        raise Usage(
            f"expected {name} to be new or its token in {kept}, got a device that is there already and may be real: "
            "choose another --name-prefix, or give its token in a file with --credentials"
        ) from None
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", newline="") as file:
        csv.writer(file).writerow([name, token])
    return Credential(name, token)
