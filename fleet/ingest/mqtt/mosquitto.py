"""The files that make a Mosquitto a way in: configuration, passwords, access list. Pure text.

Options are those of mosquitto.conf(5), 2.0.
"""

from collections.abc import Iterable

SERVICE = "_fleet"
"""The service's user name: no device's name begins with an underscore."""
CONFIG, PASSWORDS, ACCESS, SECRET, DATA = "mosquitto.conf", "passwords", "acl", "service.password", "data"
"""Names in the directory."""
PACKET = 131_072
"""Bytes, as at the service's own endpoint: what is a little too long becomes a dead letter."""

_CONFIG = """\
# Written by `fleet mqtt mosquitto-config`, which writes over it. Start it: mosquitto -c {directory}/mosquitto.conf
# After `fleet devices add` or `fleet devices token`: run the command again, then send Mosquitto a SIGHUP.

listener {port} {host}
allow_anonymous false
password_file {directory}/passwords
acl_file {directory}/acl
max_packet_size {packet}

# Mosquitto acknowledges a message when it has it, not when it is on disk. What it holds at a crash or a power cut is
# what the service has not fetched yet; these lines make that little:
# its state is written after every 100 changes, not after half an hour,
persistence true
persistence_location {directory}/data/
autosave_on_changes true
autosave_interval 100
# and while the service is away a million messages are queued for it. By default Mosquitto drops, in silence, what it
# has acknowledged beyond 1000. A session is kept as long as the service asked for.
max_queued_messages 1000000
max_inflight_messages 1000
"""

_ACCESS = """\
# Written by `fleet mqtt mosquitto-config`. A device publishes under its own name, and hears its own commands.
user {service}
topic read devices/+/telemetry
topic read devices/+/events
topic write devices/+/commands/#

pattern write devices/%u/#
pattern read devices/%u/commands/#
"""


def config(directory: str, host: str, port: int) -> str:
    """`mosquitto.conf` for files in `directory`."""
    return _CONFIG.format(directory=directory, host=host, port=port, packet=PACKET)


def access() -> str:
    """The access list."""
    return _ACCESS.format(service=SERVICE)


def passwords(verifiers: Iterable[tuple[str, str]]) -> str:
    """The password file: user names, each with Mosquitto's verifier of its password."""
    return "".join(f"{name}:{verifier}\n" for name, verifier in verifiers)
