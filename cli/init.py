"""`fleet init`: a commented fleet.toml."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import Usage
from cli.output import Output

TEMPLATE = """\
# Settings of `fleet serve --config fleet.toml`. A line that begins with "# " and holds a key shows its default.
# The environment wins over this file: FLEET_HTTP__PORT=9000 sets http.port.

# Where the database, the key file and endpoints.json are kept.
data_dir = "fleet-data"

# The key that seals PINs and provider keys, the same for every process on one PostgreSQL; empty: `key` in data_dir.
# key_file = ""

# What this process does; on SQLite one process does it all.
# roles = ["api", "ingest", "rules", "escalation", "gateway"]

# Under which URL a provider's callbacks reach the HTTP API; empty: the address it listens on.
# public_url = ""

[database]
# Empty: SQLite, fleet.db in the data directory. Or postgresql+psycopg://fleet@localhost/fleet
# url = ""
# allow_unsafe = false  # PostgreSQL only: true accepts a server that may lose what was acknowledged

[http]
# host = "127.0.0.1"
# port = 8080

[mqtt]
# Devices connect here: user name = device name, password = its token.
# host = "127.0.0.1"
# port = 1883

[coap]
# Devices post here over UDP: coap://host/devices/NAME/telemetry?t=TOKEN
# enabled = true
# host = "127.0.0.1"
# port = 5683

# An MQTT broker whose devices the service listens to as well; `fleet mqtt mosquitto-config` sets one up.
# [broker]
# url = "mqtt://127.0.0.1:1884"
# username = "_fleet"
# password_file = "/etc/fleet/mosquitto/service.password"
# ca_file = ""          # for mqtts://: what signs the broker's certificate; empty: what the system trusts
# share = "fleet"       # workers of this name share the messages; empty: each gets all
# client_id = ""        # another one for each worker, the same after a restart; empty: made from data_dir
# session_expiry_s = 604800  # how long the broker keeps messages for a worker that is away
# window = 1000         # messages taken from the broker and not yet acknowledged

[log]
# level = "info"        # debug, info, warning, error
# format = "json"       # json, text

[escalation]
# text_expires_s = 900  # how long an offer's text may wait for a modem before the next technician is asked
# settle_s = 60         # how long a text of unknown outcome waits for its delivery report before it is sent once more
# code_rest_days = 30   # how long a reply code rests before the same phone may see it again

[ingest]
# clock_skew_s = 604800 # a device time further in the past is replaced by the time of receipt
# clock_ahead_s = 600   # the same for times in the future

# A modem that carries texts; repeat the block for more. Name it by its place, not by ttyUSB number:
# `ls -l /dev/serial/by-path/` lists them. `socket://host:port` and `rfc2217://host:port` work too.
# [[modem]]
# port = "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.2-port0"
# imei = ""             # only this modem; empty: whichever answers
# pin_file = "/etc/fleet/gateway.pin"
# power_switch = ["uhubctl", "-l", "1-1", "-p", "2", "-a", "cycle"]  # run when nothing else brings the modem back
# power_switch_s = 60   # how long that program may take

# A connectivity provider that activates SIMs. `fleet simulate provider` starts the sandbox.
# [[provider]]
# name = "sandbox"
# kind = "sandbox"
# url = "http://127.0.0.1:8090"
# token_file = "/etc/fleet/sandbox.token"
# callback_secret_file = "/etc/fleet/sandbox.callback"
# poll_s = 30
"""


def init(
    path: Annotated[Path | None, typer.Argument(help="The file to write [fleet.toml].", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    systemd: Annotated[
        bool, typer.Option("--systemd", help="Print a systemd unit that serves with that file [/etc/fleet/fleet.toml].")
    ] = False,
) -> None:
    """Write a commented fleet.toml, or print a systemd unit.

    Example: fleet init && fleet serve --config fleet.toml
    """
    if systemd:
        from cli.systemd import CONFIG, unit

        return Output().done({}, *unit(_program(), (path or CONFIG).absolute()).splitlines())
    path = path or Path("fleet.toml")
    try:
        with path.open("w" if force else "x") as file:
            file.write(TEMPLATE)
    except FileExistsError as error:
        raise Usage(f"expected no file at {path} yet, got one: choose another name, or add --force") from error
    except OSError as error:
        raise Usage(f"expected to write {path}, got: {error.strerror}; choose another path") from error
    return Output().done({"path": str(path)}, f"Wrote {path}.", next=f"fleet serve --config {path}")


def _program() -> Path:
    """The installed command, beside the Python that runs."""
    return Path(sys.executable).with_name("fleet")
