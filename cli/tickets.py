"""`fleet tickets`: the work, whose it is, and how it came to be."""

from typing import Annotated, Any

import typer

from cli.options import DataDir, Json
from cli.output import Output, when

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The ticket's number.")]


@app.command("list")
def list_(
    state: Annotated[
        str, typer.Option(metavar="STATE", help="Only open, offered, accepted, resolved or exhausted ones.")
    ] = "",
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List tickets, newest first.

    Example: fleet tickets list --state offered
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        Output(json).table(
            client.pages("/v1/tickets", state=state),
            {
                "NUMBER": "number",
                "STATE": "state",
                "DEVICE": "device",
                "SEVERITY": "severity",
                "SUMMARY": "summary",
                "TECHNICIAN": "technician",
                "OPENED": lambda row: when(row["created_at"]),
            },
            empty="No tickets.",
        )


@app.command()
def show(number: Number, json: Json = False, data_dir: DataDir = None) -> None:
    """Show a ticket, its alerts and all that happened to it.

    Example: fleet tickets show 7
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        ticket = client.get(f"/v1/tickets/{number}")
    out = Output(json)
    out.fields(
        ticket,
        {
            "ticket": ticket["number"],
            "state": ticket["state"],
            "device": ticket["device"],
            "summary": ticket["summary"],
            "severity": ticket["severity"],
            "policy": ticket["policy"],
            "technician": ticket["technician"],
            "opened": when(ticket["created_at"]),
            "accepted": when(ticket["accepted_at"]),
            "resolved": when(ticket["resolved_at"]),
        },
    )
    if json:
        return
    out.heading("Alerts")
    out.table(
        ticket["alerts"],
        {
            "RULE": "rule",
            "STATE": "state",
            "SUMMARY": "summary",
            "RAISED": lambda row: when(row["raised_at"]),
            "CLEARED": lambda row: when(row["cleared_at"]),
        },
    )
    out.heading("What happened")
    out.table(
        ticket["timeline"],
        {
            "AT": lambda row: when(row["at"]),
            "WHAT": "verb",
            "BY": lambda row: f"{row['actor']} ({row['way']})",
            "FACTS": lambda row: _facts(row["facts"]),
        },
    )


@app.command()
def accept(
    number: Number,
    technician: Annotated[str, typer.Option(metavar="NAME", help="Whose ticket it becomes.")],
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Accept a ticket on behalf of a technician, who has said so. A pending offer to another is taken back.

    Example: fleet tickets accept 7 --technician ana
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        ticket = client.post(f"/v1/tickets/{number}/accept", {"technician": technician})
    Output(json).done(
        ticket, f"Ticket {number} is {technician}'s.", next=f"when the work is done: fleet tickets resolve {number}"
    )


@app.command()
def resolve(
    number: Number,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why it is done; kept as evidence.")] = "",
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Say that the work is done, whatever the machine reports.

    Example: fleet tickets resolve 7 --note "fan replaced"
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        ticket = client.post(f"/v1/tickets/{number}/resolve", {"note": note})
    Output(json).done(ticket, f"Ticket {number} is resolved.", next=f"fleet tickets show {number}")


def _facts(facts: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} ({_facts(value)})" if isinstance(value, dict) else f"{name} {value}" for name, value in facts.items()
    )
