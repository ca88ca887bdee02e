"""Options that many verbs have."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import Usage

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="The service's data directory [FLEET_DATA_DIR or ./fleet-data]."),
]
Since = Annotated[str, typer.Option(metavar="AGO", help="How far back: 30m, 12h, 7d, or an ISO time.")]

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def since_time(text: str) -> str:
    """The ISO time that a `Since` means, empty for none; raises Usage."""
    if not text:
        return ""
    ago = re.fullmatch(r"([0-9]{1,4})([mhd])", text)
    if ago:
        return (datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})).isoformat()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(f"expected how far back such as 12h or 7d, or an ISO time, got {text!r}: correct --since") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
