"""`fleet serve`: the service, until it is stopped."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import Usage
from cli.output import Output
from cli.systemd import notify

if TYPE_CHECKING:
    from fleet.settings import Role, Settings

ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="A fleet.toml; `fleet init` writes one.")
]
DataDirOption = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", envvar="FLEET_DATA_DIR", help="Where the database and the key are kept."),
]
HttpPortOption = Annotated[
    int | None,
    typer.Option("--http-port", metavar="PORT", min=0, max=65535, help="Port of the HTTP API; 0 takes a free one."),
]
MqttPortOption = Annotated[
    int | None,
    typer.Option("--mqtt-port", metavar="PORT", min=0, max=65535, help="Port for devices; 0 takes a free one."),
]
CoapPortOption = Annotated[
    int | None,
    typer.Option(
        "--coap-port",
        metavar="PORT",
        min=0,
        max=65535,
        help="UDP port for devices that speak CoAP; 0 takes a free one.",
    ),
]
RolesOption = Annotated[
    str,
    typer.Option(
        "--roles", metavar="ROLE,…", help="What this process does: api,ingest,rules,escalation,gateway [all of it]."
    ),
]


def serve(
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    http_port: HttpPortOption = None,
    mqtt_port: MqttPortOption = None,
    coap_port: CoapPortOption = None,
    roles: RolesOption = "",
) -> None:
    """Run the service.

    Without a config it keeps everything in ./fleet-data and has no modem and no provider yet. On PostgreSQL several
    processes may share the work, each with a data directory of its own.

    Example: fleet serve --config fleet.toml
    """
    import uvloop

    from fleet import settings
    from fleet.observability import set_up_logs

    chosen = settings.load(config)
    if data_dir is not None:
        chosen = chosen.model_copy(update={"data_dir": data_dir})
    if http_port is not None:
        chosen = chosen.model_copy(update={"http": chosen.http.model_copy(update={"port": http_port})})
    if mqtt_port is not None:
        chosen = chosen.model_copy(update={"mqtt": chosen.mqtt.model_copy(update={"port": mqtt_port})})
    if coap_port is not None:
        chosen = chosen.model_copy(update={"coap": chosen.coap.model_copy(update={"port": coap_port})})
    if roles:
        chosen = chosen.model_copy(update={"roles": _roles(roles)})
    set_up_logs(chosen.log.level, chosen.log.format)
    uvloop.run(_serve(chosen))


def _roles(text: str) -> "frozenset[Role]":
    from fleet.settings import ROLES

    wanted = {name.strip() for name in text.split(",")}
    if unknown := wanted.difference(ROLES):
        raise Usage(f"expected roles out of {','.join(ROLES)}, got {sorted(unknown)[0]!r}: correct --roles")
    return frozenset(role for role in ROLES if role in wanted)


async def _serve(settings: "Settings") -> None:
    from fleet.app import running

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    output = Output()
    async with running(settings) as service:
        at = service.endpoints
        coap = f" {at.coap}" if at.coap else ""
        devices = f"  devices {at.mqtt}{coap}" if at.mqtt else ""
        output.line(
            {}, f"ready: {'API' if 'api' in settings.roles else 'health'} {at.http}{devices}  data {settings.data_dir}"
        )
        if not settings.modem and "gateway" in settings.roles:
            output.note(
                "No modem yet, so texts wait: add [[modem]] with its port to a fleet.toml (`fleet init` writes one)."
            )
        if not settings.provider and "api" in settings.roles:
            output.note("No provider yet, so no SIM can be activated: add [[provider]] with its URL to a fleet.toml.")
        notify("READY=1")
        stopped, ended = asyncio.create_task(stop.wait()), asyncio.create_task(service.wait())
        await asyncio.wait([stopped, ended], return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            ended.result()
        notify("STOPPING=1")
        for task in (stopped, ended):
            task.cancel()
