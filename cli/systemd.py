"""The service under systemd: its unit, and telling systemd how far it has come."""

import os
import socket
from contextlib import suppress
from pathlib import Path

UNIT = """\
# /etc/systemd/system/fleet.service, as `fleet init --systemd` prints it. See docs/operations.md.
[Unit]
Description=wireless-fleet: SIMs, machines, alerts and the technician's phone
Wants=network-online.target
After=network-online.target postgresql.service
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={program} serve --config {config}
Restart=always
RestartSec=2
# the first start after an upgrade may wait for the database
TimeoutStartSec=10min
TimeoutStopSec=30

User=fleet
Group=fleet
# modems
SupplementaryGroups=dialout
StateDirectory=fleet
StateDirectoryMode=0700
Environment=FLEET_DATA_DIR=%S/fleet
WorkingDirectory=%S/fleet
UMask=0077
# a file for each device that is connected
LimitNOFILE=65536

NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
DevicePolicy=closed
DeviceAllow=char-ttyUSB rw
DeviceAllow=char-ttyACM rw
DeviceAllow=char-ttyS rw
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
"""

PROGRAM = Path("/opt/fleet/bin/fleet")
CONFIG = Path("/etc/fleet/fleet.toml")


def unit(program: Path = PROGRAM, config: Path = CONFIG) -> str:
    """The unit that runs `program` with `config`; both are absolute paths."""
    return UNIT.format(program=program, config=config)


def notify(state: str) -> None:
    """Tell systemd `READY=1` or `STOPPING=1` (sd_notify(3)); nothing where it did not start this process."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
        sending.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)
