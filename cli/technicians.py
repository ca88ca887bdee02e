"""`fleet technicians`: who is offered work, and on which phone."""

from typing import Annotated

import typer

from cli.options import DataDir, Json
from cli.output import Output

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call them in policies.")],
    phone: Annotated[str, typer.Option(metavar="NUMBER", help="Their phone, +E.164.")],
    company: Annotated[str, typer.Option(metavar="NAME", help="The service company they belong to.")] = "",
    language: Annotated[
        str, typer.Option(metavar="LANGUAGE", help="Language of their texts, one that the service has.")
    ] = "en",
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Add a technician.

    Example: fleet technicians add ana --phone +12025550123 --company "Cold Care"
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        wanted = {"name": name, "phone": phone, "company": company, "language": language}
        added = client.post("/v1/technicians", wanted)
    Output(json).done(
        added,
        f"Added technician {name}, {added['phone']}.",
        next=f"name them in a policy: fleet policies add NAME --step {name}:300",
    )


@app.command("list")
def list_(json: Json = False, data_dir: DataDir = None) -> None:
    """List technicians by name.

    Example: fleet technicians list
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        Output(json).table(
            client.pages("/v1/technicians"),
            {"NAME": "name", "PHONE": "phone", "COMPANY": "company", "LANGUAGE": "language", "ACTIVE": "active"},
            empty="No technicians yet: add one with `fleet technicians add NAME --phone NUMBER`.",
        )
