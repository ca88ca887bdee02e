"""`fleet devices`: machines that report, and their tokens."""

from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from cli.options import DataDir, Json
from cli.output import Output, ago, when

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The id the machine uses itself.")]


@app.command()
def add(
    name: Name,
    model: Annotated[str, typer.Option(metavar="MODEL", help="What machine it is.")] = "",
    site: Annotated[str, typer.Option(metavar="SITE", help="The place it stands at; made if new.")] = "",
    address: Annotated[str, typer.Option(metavar="TEXT", help="The address of a new site.")] = "",
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Add a machine and print its token, this once.

    Example: fleet devices add vm-01 --model "Gem 36" --site "Station north"
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        wanted = {"name": name, "model": model, "site": site, "address": address}
        added = client.post("/v1/devices", wanted)
        _show_token(Output(json), f"Added device {name}.", added, client.endpoints.mqtt)


@app.command()
def token(name: Name, json: Json = False, data_dir: DataDir = None) -> None:
    """Give a machine a new token. The one before stays valid until the next new one.

    Example: fleet devices token vm-01
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        issued = client.post(f"/v1/devices/{name}/token")
        _show_token(
            Output(json), f"New token for device {name}; the one before still works.", issued, client.endpoints.mqtt
        )


@app.command("list")
def list_(json: Json = False, data_dir: DataDir = None) -> None:
    """List machines by name.

    Example: fleet devices list
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        Output(json).table(
            client.pages("/v1/devices"),
            {
                "NAME": "name",
                "MODEL": "model",
                "SITE": "site",
                "SIM": lambda row: row["sim"] and row["sim"]["iccid"],
                "LAST SEEN": lambda row: when(row["last_seen_at"]),
            },
            empty="No devices yet: add one with `fleet devices add NAME`.",
        )


@app.command()
def show(name: Name, json: Json = False, data_dir: DataDir = None) -> None:
    """Show a machine: its SIM, its newest points and their age, its open alerts.

    Example: fleet devices show vm-01
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        device = client.get(f"/v1/devices/{name}")
    out = Output(json)
    sim = device["sim"] or {}
    out.fields(
        device,
        {
            "name": device["name"],
            "model": device["model"],
            "site": device["site"],
            "sim": sim.get("iccid", ""),
            "imei": sim.get("imei", ""),
            "last seen": when(device["last_seen_at"]),
        },
    )
    if json:
        return
    out.heading("Points")
    out.table(
        device["points"],
        {"POINT": "name", "VALUE": "value", "AT": lambda row: when(row["at"]), "AGE": lambda row: ago(row["age_s"])},
        empty="No points yet.",
    )
    out.heading("Open alerts")
    out.table(
        device["alerts"],
        {"RULE": "rule", "SEVERITY": "severity", "SUMMARY": "summary", "SINCE": lambda row: when(row["raised_at"])},
        empty="None.",
    )


def _show_token(out: Output, happened: str, issued: dict[str, Any], mqtt: str) -> None:
    name, secret = issued["name"], issued["token"]
    where = urlsplit(mqtt if "//" in mqtt else f"//{mqtt}")
    out.done(
        issued,
        happened,
        f"token  {secret}",
        next=f"put the token into the machine (it is not shown again), or send a first point by hand:\n"
        f"  mosquitto_pub -V mqttv311 -q 1 -h {where.hostname or 'HOST'} -p {where.port or 1883} "
        f'-i {name} -u {name} -P {secret} -t devices/{name}/telemetry -m \'{{"values": {{"temperature": 4.5}}}}\'',
    )
