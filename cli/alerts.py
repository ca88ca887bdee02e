"""`fleet alerts`: what is wrong."""

from typing import Annotated

import typer

from cli.options import DataDir, Json
from cli.output import Output, when

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def alerts() -> None:
    """What is wrong, and the readings that show it."""


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(metavar="STATE", help="Only raised or cleared ones.")] = "",
    device: Annotated[str, typer.Option(metavar="NAME", help="Only those of this machine.")] = "",
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List alerts, newest first.

    Example: fleet alerts list --state raised
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        Output(json).table(
            client.pages("/v1/alerts", state=state, device=device),
            {
                "RULE": "rule",
                "DEVICE": "device",
                "STATE": "state",
                "SEVERITY": "severity",
                "SUMMARY": "summary",
                "RAISED": lambda row: when(row["raised_at"]),
                "CLEARED": lambda row: when(row["cleared_at"]),
            },
            empty="No alerts.",
        )
