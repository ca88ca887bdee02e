"""`fleet rules`: when a machine is wrong."""

import math
from typing import Annotated, Any

import typer

from cli.errors import Usage
from cli.options import DataDir, Json
from cli.output import Output

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

SIDES = {"above": ">", "at_or_above": "≥", "below": "<", "at_or_below": "≤"}
OPPOSITE = {">": "≤", "≥": "<", "<": "≥", "≤": ">"}


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What alerts call it.")],
    policy: Annotated[str, typer.Option(metavar="POLICY", help="Whom the ticket is offered to.")],
    point: Annotated[str, typer.Option(metavar="POINT", help="The point to watch.")] = "",
    above: Annotated[float | None, typer.Option(metavar="LEVEL", help="Raise above this level.")] = None,
    at_or_above: Annotated[float | None, typer.Option(metavar="LEVEL", help="Raise at or above this level.")] = None,
    below: Annotated[float | None, typer.Option(metavar="LEVEL", help="Raise below this level.")] = None,
    at_or_below: Annotated[float | None, typer.Option(metavar="LEVEL", help="Raise at or below this level.")] = None,
    clear_below: Annotated[
        float | None, typer.Option(metavar="LEVEL", help="Clear level of a rule above [the same level].")
    ] = None,
    clear_above: Annotated[
        float | None, typer.Option(metavar="LEVEL", help="Clear level of a rule below [the same level].")
    ] = None,
    for_s: Annotated[float, typer.Option("--for", metavar="SECONDS", help="How long it must last.")] = 0.0,
    event: Annotated[str, typer.Option(metavar="CODE", help="Watch this event instead of a point.")] = "",
    device: Annotated[str, typer.Option(metavar="NAME", help="Only this machine.")] = "",
    severity: Annotated[str, typer.Option(metavar="SEVERITY", help="critical, major or minor.")] = "major",
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Add a rule on a point or on an event, for every machine or for one.

    Example: fleet rules add warm --point temperature --above 5 --clear-below 4 --for 60 --policy cooling

    Example: fleet rules add empty --event sold_out --policy refill
    """
    from cli.client import Client

    levels = {"above": above, "at_or_above": at_or_above, "below": below, "at_or_below": at_or_below}
    _finite({**levels, "clear_below": clear_below, "clear_above": clear_above, "for": for_s})
    spec = _event(event, point, levels) if event else _threshold(point, levels, clear_below, clear_above, for_s)
    wanted = {"name": name, "policy": policy, "device": device, "severity": severity, "spec": spec}
    with Client.find(data_dir) as client:
        added = client.post("/v1/rules", wanted)
    whom = f"on {device}" if device else "on every machine"
    Output(json).done(
        added, f"Added rule {name} {whom}: {_condition(added)}.", next="see what it finds with `fleet alerts list`"
    )


@app.command("list")
def list_(json: Json = False, data_dir: DataDir = None) -> None:
    """List rules by name.

    Example: fleet rules list
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        Output(json).table(
            client.pages("/v1/rules"),
            {
                "NAME": "name",
                "CONDITION": _condition,
                "SEVERITY": "severity",
                "DEVICE": lambda row: row["device"] or "every",
                "POLICY": "policy",
                "ENABLED": "enabled",
            },
            empty="No rules yet: add one with `fleet rules add NAME`.",
        )


def _finite(numbers: dict[str, float | None]) -> None:
    for name, number in numbers.items():
        if number is not None and not math.isfinite(number):
            raise Usage(f"expected a finite number, got {number}: correct --{name.replace('_', '-')}")


def _event(code: str, point: str, levels: dict[str, float | None]) -> dict[str, Any]:
    if point or any(level is not None for level in levels.values()):
        raise Usage(f"expected a rule on a point or on an event, got both: give --event {code} alone, or --point")
    return {"kind": "event", "code": code}


def _threshold(
    point: str, levels: dict[str, float | None], clear_below: float | None, clear_above: float | None, for_s: float
) -> dict[str, Any]:
    given = [(side, level) for side, level in levels.items() if level is not None]
    if not point or len(given) != 1:
        raise Usage(
            "expected --event CODE, or --point NAME with one of --above, --at-or-above, --below and --at-or-below, "
            f"got {len(given)} levels and {'no point' if not point else f'the point {point}'}: correct the options"
        )
    side, level = given[0]
    fitting, other = (clear_below, clear_above) if "above" in side else (clear_above, clear_below)
    if other is not None:
        right, wrong = ("--clear-below", "--clear-above") if "above" in side else ("--clear-above", "--clear-below")
        raise Usage(f"expected {right} beside --{side.replace('_', '-')}, got {wrong}: use {right}")
    return {
        "kind": "threshold",
        "point": point,
        "raise_when": side,
        "level": level,
        "clear_level": fitting,
        "for_s": for_s,
    }


def _condition(rule: Any) -> str:
    spec = rule["spec"]
    if spec["kind"] == "event":
        return f"event {spec['code']}"
    sign = SIDES[spec["raise_when"]]
    lasting = f" for {spec['for_s']:g} s" if spec["for_s"] else ""
    clear = spec["clear_level"]
    clears = "" if clear is None else f", clears {OPPOSITE[sign]} {clear:g}"
    return f"{spec['point']} {sign} {spec['level']:g}{lasting}{clears}"
