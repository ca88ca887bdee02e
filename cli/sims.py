"""`fleet sims`: the inventory, what is asked of providers, and SIMs brought into service in their machines."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import Partial, Refused, Usage
from cli.options import DataDir, Json
from cli.output import Output, when

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

CHUNK = 500
"""Rows in one request."""
SHOWN = 20
"""Problems named one by one; more are counted."""

Iccids = Annotated[list[str] | None, typer.Argument(metavar="ICCID…", help="One SIM or several.")]
FromFile = Annotated[
    str, typer.Option("--file", metavar="FILE", help="One ICCID a line, or CSV with a column iccid; - for input.")
]


@app.command("import")
def import_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="CSV with a heading (iccid, provider, msisdn, pin), or one ICCID a line; - for input."
        ),
    ],
    provider: Annotated[str, typer.Option(metavar="NAME", help="For rows that name none.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of each row, change nothing.")
    ] = False,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Add SIMs to the inventory. A row that cannot be added stops no other; the same file again changes nothing.

    Ends with exit code 3 when some rows were not added, 4 when none was.

    Example: fleet sims import sims.csv --provider sandbox
    """
    from cli import simfile
    from cli.client import Client

    rows = simfile.read(file, provider)
    good, problems = simfile.check(rows)
    out = Output(json)
    counts = {"added": 0, "unchanged": 0, "conflict": 0, "invalid": 0}
    for problem in problems:
        counts[problem["outcome"]] += 1
    with Client.find(data_dir) as client, out.progress("Checking" if dry_run else "Importing", len(good)) as advance:
        for chunk in _chunks(good):
            answer = client.post("/v1/sims:import", {"sims": [row.body for row in chunk], "dry_run": dry_run})
            for row, result in zip(chunk, answer["results"], strict=True):
                counts[result["outcome"]] += 1
                if result["detail"]:
                    problems.append({**result, "line": row.line})
            advance(len(chunk))
    problems.sort(key=lambda problem: problem["line"])
    data = {"dry_run": dry_run, "rows": len(rows), **counts, "problems": problems}
    added, bad = ("can be added", "cannot be imported") if dry_run else ("added", "were not imported")
    out.done(
        data,
        f"{len(rows)} rows: {counts['added']} {added}, {counts['unchanged']} unchanged, "
        f"{counts['conflict']} in conflict, {counts['invalid']} invalid.",
    )
    if not json:
        _name(out, [f"line {problem['line']}: {problem['detail']}" for problem in problems])
    if problems:
        _partly(len(problems), len(rows), f"rows {bad}")


@app.command("list")
def list_(
    desired: Annotated[str, typer.Option(metavar="STATE", help="inventory, active or suspended: as asked for.")] = "",
    state: Annotated[
        str, typer.Option(metavar="STATE", help="inventory, pending, active, suspended or retired: as it is.")
    ] = "",
    provider: Annotated[str, typer.Option(metavar="NAME", help="Of this provider.")] = "",
    iccid: Annotated[str, typer.Option(metavar="ICCID", help="How the ICCID begins.")] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=0, help="At most so many; 0 for all.")] = 0,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List SIMs by ICCID.

    Example: fleet sims list --state pending
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        found = client.pages("/v1/sims", desired=desired, effective=state, provider=provider, iccid=iccid)
        Output(json).table(
            islice(found, limit or None),
            {
                "ICCID": "iccid",
                "NUMBER": "msisdn",
                "PROVIDER": "provider",
                "WANTED": "desired",
                "STATE": "effective",
                "WHY": lambda row: row["detail"] or row["reason"],
            },
            empty="No such SIMs: import some with `fleet sims import FILE`.",
        )


@app.command()
def show(iccid: Annotated[str, typer.Argument(metavar="ICCID")], json: Json = False, data_dir: DataDir = None) -> None:
    """Show a SIM: what was asked for, what it is, and why they differ.

    Example: fleet sims show 8988303000000000003
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        sim = client.get(f"/v1/sims/{iccid}")
    Output(json).fields(
        sim,
        {
            "iccid": sim["iccid"],
            "imsi": sim["imsi"],
            "number": sim["msisdn"],
            "provider": sim["provider"],
            "wanted": sim["desired"],
            "state": sim["effective"],
            "why": sim["detail"] or sim["reason"],
            "since": when(sim["updated_at"]),
            "device": sim["device"],
        },
    )


@app.command()
def activate(
    iccids: Iccids = None,
    file: FromFile = "",
    all_inventory: Annotated[bool, typer.Option("--all-inventory", help="Every SIM that was never activated.")] = False,
    provider: Annotated[
        str, typer.Option(metavar="NAME", help="Who sells them, where the inventory does not say.")
    ] = "",
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Have SIMs brought into service by their providers.

    Example: fleet sims activate 8988303000000000003
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        chosen = _chosen(iccids, file)
        if all_inventory:
            listed = client.pages("/v1/sims", desired="inventory", provider=provider)
            chosen += [sim["iccid"] for sim in listed]
            if not chosen:
                Output(json).done({"results": []}, "Every SIM was activated before: nothing to do.")
                return
        _change(client, Output(json), "activate", chosen, provider)


@app.command()
def suspend(iccids: Iccids = None, file: FromFile = "", json: Json = False, data_dir: DataDir = None) -> None:
    """Have SIMs taken out of service; `activate` brings them back.

    Example: fleet sims suspend 8988303000000000003
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        _change(client, Output(json), "suspend", _chosen(iccids, file), "")


@app.command()
def provision(
    port: Annotated[str, typer.Option(metavar="PORT", help="Of the modem: device file, socket:// or rfc2217://.")],
    provider: Annotated[str, typer.Option(metavar="NAME", help="Who sells the SIM.")],
    apn: Annotated[str, typer.Option(metavar="APN", help="The provider's access point name.")],
    device: Annotated[str, typer.Option(metavar="NAME", help="The machine that gets the SIM.")] = "",
    loop: Annotated[
        bool, typer.Option("--loop", help="One machine after the other: their names come from standard input.")
    ] = False,
    pin_file: Annotated[Path | None, typer.Option(metavar="FILE", help="File with the SIM's PIN.")] = None,
    wait: Annotated[
        float | None,
        typer.Option(metavar="S", min=0, help="Seconds to wait for the machine's first point [120; 0 with --loop]."),
    ] = None,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Bring the SIM in a machine's modem into service: read, unlock, activate, set up, bind, first point.

    Stopped at any time, the same command goes on where it was.

    Example: fleet sims provision --port /dev/ttyUSB2 --device vm-01 --provider sandbox --apn iot.example

    Example: fleet sims provision --port /dev/ttyUSB2 --loop --provider sandbox --apn iot.example
    """
    from cli import carton
    from cli.bench import FIRST_POINT_WITHIN
    from cli.bench import provision as bench
    from cli.client import AsyncClient, Endpoints

    if bool(device) == loop:
        given = "both" if loop else "neither"
        raise Usage(f"expected --device NAME, or --loop for one machine after the other, got {given}: give one")
    within = wait if wait is not None else 0.0 if loop else FIRST_POINT_WITHIN

    out, pin = Output(json), _pin(pin_file)

    def on_step(step: str, said: str) -> None:
        out.line({"step": step, "said": said}, f"{step:<18}  {said}")

    async def run(name: str) -> dict[str, Any]:
        async with AsyncClient.find(data_dir) as client:
            return await bench(client, port, name, provider, apn, pin, on_step, first_point_within=within)

    if loop:
        Endpoints.find(data_dir)  # without a service no name need be typed
        return carton.provision(out, sys.stdin, lambda name: asyncio.run(run(name)))
    done = asyncio.run(run(device))
    out.line(done, f"Device {device} is in service with SIM {done['iccid']} in modem {done['imei']}.")
    return None


def _change(client: Any, out: Output, act: str, iccids: list[str], provider: str) -> None:
    """Ask it of each SIM, in chunks, and say what came of it."""
    if not iccids:
        raise Usage(f"expected SIMs to {act}, got none: name their ICCIDs, or a file with --file")
    results: list[dict[str, Any]] = []
    with out.progress(act.capitalize(), len(iccids)) as advance:
        for chunk in _chunks(iccids):
            answer = client.post(f"/v1/sims:{act}", {"iccids": list(chunk), "provider": provider})
            results += answer["results"]
            advance(len(chunk))
    refused = [result for result in results if result["outcome"] == "refused"]
    changed = sum(result["outcome"] == "changed" for result in results)
    if len(iccids) == 1 and refused:
        raise Refused(refused[0]["detail"], 409)
    unchanged = len(results) - changed - len(refused)
    out.done(
        {"results": results},
        f"Asked to {act}: {changed}; already asked: {unchanged}; refused: {len(refused)}.",
        next="`fleet sims list` shows how far they are." if changed else "",
    )
    if not out.json:
        _name(out, [result["detail"] for result in refused])
    if refused:
        _partly(len(refused), len(results), "SIMs were refused")


def _chosen(iccids: list[str] | None, file: str) -> list[str]:
    from cli import simfile

    listed = [row.body.get("iccid", "") for row in simfile.read(file, "")] if file else []
    return [*(iccids or []), *filter(None, listed)]


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def _name(out: Output, problems: Iterable[str]) -> None:
    listed = list(problems)
    for problem in listed[:SHOWN]:
        out.note(problem)
    if len(listed) > SHOWN:
        out.note(f"… and {len(listed) - SHOWN} more: --json names them all")


def _partly(bad: int, of: int, what: str) -> None:
    if bad == of:
        raise Refused(f"expected some of {of} to be possible, got none: {bad} {what}", 409)
    raise Partial(f"{bad} of {of} {what}: correct them and run the same command again, nothing is done twice")


def _pin(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise Usage(f"expected a file with the PIN at {path}, got: {reason}; correct --pin-file") from error
