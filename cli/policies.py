"""`fleet policies`: whom a ticket is offered to, in which order, for how long."""

from typing import Annotated, Any

import typer

from cli.errors import Usage
from cli.options import DataDir, Json
from cli.output import Output

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What rules call it.")],
    step: Annotated[
        list[str],
        typer.Option("--step", metavar="TECHNICIAN:SECONDS", help="Whom to ask, for how long; repeat in order."),
    ],
    rounds: Annotated[int, typer.Option(metavar="N", min=1, help="How often to go through all steps.")] = 1,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Add an escalation policy: each step's technician is asked until the time is over.

    Example: fleet policies add cooling --step ana:300 --step ben:300
    """
    from cli.client import Client

    wanted = {"name": name, "rounds": rounds, "steps": [_step(text) for text in step]}
    with Client.find(data_dir) as client:
        added = client.post("/v1/policies", wanted)
    Output(json).done(
        added,
        f"Added policy {name}: {_steps(added)}.",
        next=f"use it in a rule: fleet rules add NAME --point temperature --above 5 --policy {name}",
    )


@app.command("list")
def list_(json: Json = False, data_dir: DataDir = None) -> None:
    """List policies by name.

    Example: fleet policies list
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        Output(json).table(
            client.pages("/v1/policies"),
            {"NAME": "name", "ROUNDS": "rounds", "STEPS": _steps},
            empty="No policies yet: add one with `fleet policies add NAME --step TECHNICIAN:SECONDS`.",
        )


def _step(text: str) -> dict[str, Any]:
    technician, _, seconds = text.rpartition(":")
    if not technician or not seconds.isdecimal():
        raise Usage(f"expected a step such as ana:300 (seconds), got {text!r}: correct --step")
    return {"technician": technician, "timeout_s": int(seconds)}


def _steps(policy: Any) -> str:
    return ", then ".join(f"{step['technician']} for {step['timeout_s']} s" for step in policy["steps"])
