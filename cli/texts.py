"""`fleet texts`: what technicians were written, and what they answered."""

from itertools import islice
from typing import Annotated, Any

import typer

from cli.options import DataDir, Json, Since, since_time
from cli.output import Output, Row, when

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

ID_SHOWN = 18
"""Characters of an id in a list: its millisecond, and enough to tell texts of the same one apart."""


@app.command("list")
def list_(
    came_in: Annotated[
        bool | None, typer.Option("--in/--out", help="Only those that came in, or only those that go out.")
    ] = None,
    state: Annotated[
        str,
        typer.Option(
            metavar="STATE",
            help="Only queued, claimed, writing, unknown, sent, refused or expired ones; "
            "of those that came in, received or incomplete.",
        ),
    ] = "",
    technician: Annotated[str, typer.Option(metavar="NAME", help="Only to and from this technician.")] = "",
    number: Annotated[str, typer.Option(metavar="NUMBER", help="Only to and from this phone.")] = "",
    since: Since = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many at most.")] = 100,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List texts, newest first.

    Example: fleet texts list --technician ana --since 12h
    """
    from cli.client import Client

    start = since_time(since)
    direction = "" if came_in is None else "in" if came_in else "out"
    with Client.find(data_dir) as client:
        found = client.pages(
            "/v1/texts", direction=direction, state=state, technician=technician, number=number, since=start
        )
        Output(json).table(
            islice(found, limit),
            {
                "ID": lambda row: row["id"][:ID_SHOWN],
                "AT": lambda row: when(row["created_at"]),
                "WHO": lambda row: f"{_way(row)} {row['technician'] or row['number']}",
                "STATE": _state,
                "TEXT": "body",
            },
            empty="No such texts.",
        )


@app.command()
def show(
    text_id: Annotated[str, typer.Argument(metavar="ID", help="As listed: the beginning of an id will do.")],
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Show a text: whether it left and arrived, each attempt at it, and why it did not.

    Example: fleet texts show 019a9f3c-1b2e-7c41
    """
    from urllib.parse import quote

    from cli.client import Client

    with Client.find(data_dir) as client:
        text = client.get(f"/v1/texts/{quote(text_id, safe='')}")
    out = Output(json)
    came_in = text["direction"] == "in"
    out.fields(text, _came_in(text) if came_in else _goes_out(text))
    if json or came_in:
        return
    out.heading("Attempts")
    out.table(
        text["attempts"],
        {
            "NUMBER": "number",
            "STARTED": lambda row: when(row["started_at"]),
            "MODEM": "modem",
            "OUTCOME": lambda row: row["outcome"] or "under way",
            "PARTS": "parts",
            "SENT": "sent",
            "DELIVERED": "delivered",
            "WHY": "cause",
        },
        empty="None yet.",
    )


def _goes_out(text: dict[str, Any]) -> dict[str, object]:
    return {
        "text": text["id"],
        "to": _person(text),
        "state": text["state"],
        "why": text["cause"],
        "queued": when(text["created_at"]),
        "sent": when(text["sent_at"]),
        "delivered": when(text["delivered_at"]),
        "worth sending until": when(text["expires_at"]),
        "about": text["reference"],
        "says": text["body"],
    }


def _came_in(text: dict[str, Any]) -> dict[str, object]:
    return {
        "text": text["id"],
        "from": _person(text),
        "state": text["state"],
        "parts missing": text["missing"],
        "sent": when(text["sent_at"]),
        "received": when(text["created_at"]),
        "modem": text["modem"],
        "says": text["body"],
    }


def _way(row: Row) -> str:
    return "from" if row["direction"] == "in" else "to"


def _person(text: dict[str, Any]) -> str:
    return f"{text['technician']}, {text['number']}" if text["technician"] else str(text["number"])


def _state(row: Row) -> str:
    return f"{row['state']}, delivered" if row["delivered_at"] else str(row["state"])
