"""`fleet mqtt`: a broker beside the service."""

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import Usage
from cli.options import DataDir, Json
from cli.output import Output

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

BROKER_USER = "mosquitto"
"""Whom Mosquitto becomes when root starts it."""
SECRET, DATA = "service.password", "data"


@app.callback()
def mqtt() -> None:
    """A broker beside the service."""


@app.command("mosquitto-config")
def mosquitto_config(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go; made if missing.")],
    host: Annotated[str, typer.Option(metavar="HOST", help="Address Mosquitto listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", help="Port Mosquitto listens on.", min=1, max=65535)] = 1884,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Write mosquitto.conf, passwords and access list for this service's devices.

    Run it again after adding a device or giving one a new token, and send Mosquitto a SIGHUP.

    Example: fleet mqtt mosquitto-config /etc/mosquitto/fleet
    """
    from cli.client import Client

    directory = directory.absolute()
    if directory.exists() and not directory.is_dir():
        raise Usage(f"expected a directory or a new path, got the file {directory}: choose another")
    with Client.find(data_dir) as client:
        wanted = {"directory": str(directory), "host": host, "port": port, "service_password": _kept(directory)}
        answer = client.post("/v1/mqtt/mosquitto-config", wanted)
    try:
        for folder in (directory, directory / DATA):
            folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            _hand_over(folder)
        for name, text in answer["files"].items():
            _write(directory / name, text, private=name == SECRET)
    except OSError as error:
        raise Usage(f"expected to write into {directory}, got: {error.strerror}; choose another directory") from error
    Output(json).done(
        {"directory": str(directory), "devices": answer["devices"], "files": sorted(answer["files"])},
        f"Wrote {len(answer['files'])} files to {directory}; {answer['devices']} devices may come in.",
        next=f"start it with `mosquitto -c {directory}/mosquitto.conf` (or send the running one a SIGHUP), "
        f"and let the service listen to it, in fleet.toml:\n"
        f'  [broker]\n  url = "mqtt://{host}:{port}"\n  username = "{answer["username"]}"\n'
        f'  password_file = "{directory}/{SECRET}"',
    )


def _kept(directory: Path) -> str:
    """The service's password of an earlier run: the running service goes on with it."""
    try:
        return (directory / SECRET).read_text().strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise Usage(f"expected to read {directory / SECRET}, got: {reason}; delete it for a new password") from None


def _write(path: Path, text: str, *, private: bool) -> None:
    """Write it whole or not at all, for Mosquitto to read; a private one for whoever runs this."""
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if not private:
        _hand_over(part)
    part.replace(path)


def _hand_over(path: Path) -> None:
    """Give it to Mosquitto's own user, where root runs this and there is one."""
    if os.geteuid() == 0:
        try:
            shutil.chown(path, BROKER_USER)
        except LookupError:
            return
