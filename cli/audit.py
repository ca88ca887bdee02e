"""`fleet audit`: what was done, by whom, by which way in."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import DataDir, Json, Since, since_time
from cli.output import Output, Row, when

if TYPE_CHECKING:
    from cli.client import Client

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Verb = Annotated[str, typer.Option(metavar="VERB", help="Only this verb, or with a dot at its end all of a noun.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Only what this user, technician or device did.")]
Subject = Annotated[str, typer.Option(metavar="THING", help="Only of this thing, such as 'ticket 7'.")]

LOOK_S = 1.0
"""Seconds between looks at the audit log."""


@app.command("list")
def list_(
    verb: Verb = "",
    by: By = "",
    subject: Subject = "",
    since: Since = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many at most.")] = 100,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List acts, newest first.

    Example: fleet audit list --verb access. --since 7d
    """
    from cli.client import Client

    start = since_time(since)
    with Client.find(data_dir) as client:
        acts = client.pages("/v1/audit", verb=verb, actor=by, subject=subject, since=start, newest=True)
        Output(json).table(
            islice(acts, limit),
            {
                "AT": lambda row: when(row["at"]),
                "BY": _by,
                "WHAT": "verb",
                "OF": "subject",
                "FACTS": lambda row: _facts(row["facts"]),
            },
            empty="No such acts.",
        )


@app.command()
def follow(verb: Verb = "", by: By = "", subject: Subject = "", json: Json = False, data_dir: DataDir = None) -> None:
    """Print acts as they are committed, until Ctrl-C.

    Example: fleet audit follow --verb ticket.
    """
    import time

    from cli.client import Client

    out = Output(json)
    with Client.find(data_dir) as client:
        cursor = _end(client)
        while True:
            page = client.get("/v1/audit", verb=verb, actor=by, subject=subject, cursor=cursor, limit=500)
            for row in page["items"]:
                said = f"{when(row['at'])}  {_by(row)}  {row['verb']}  {row['subject']}  {_facts(row['facts'])}"
                out.line(row, said.rstrip())
            cursor = page["position"]
            if page["next"] is None:
                time.sleep(LOOK_S)


def _end(client: "Client") -> str:
    """The position behind all that is committed."""
    return str(client.get("/v1/audit", newest=True, limit=1)["position"])


def _by(row: Row) -> str:
    return f"{row['actor']} ({row['way']})"


def _facts(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_fact(value)}" for name, value in facts.items() if value not in ("", None))


def _fact(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)
