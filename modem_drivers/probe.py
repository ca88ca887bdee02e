"""Finds modems' AT ports on this machine by USB identity, never by port name (Linux sysfs)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modem_drivers.errors import PortMissing
from modem_drivers.profiles import Profile, profile_for_usb

SYSFS: Final = Path("/sys")
BY_PATH: Final = Path("/dev/serial/by-path")
BY_SOCKET: Final = "usb:"
BY_IMEI: Final = "imei:"
"""What addresses begin with that name a modem by where it is plugged in, or by itself."""


@dataclass(frozen=True, slots=True)
class Port:
    """One serial port of a USB device.

    `socket` is where it is plugged in (such as `1-1.2`) and stays the same while names change; `stable` is
    the device file by socket where the system keeps one; `profile` is None for a device that is not known
    to be a modem.
    """

    device: str
    vendor: int
    product: int
    interface: int
    socket: str
    stable: str | None
    profile: Profile | None

    @property
    def is_at(self) -> bool:
        """Whether this is a known modem's AT port."""
        return self.profile is not None and self.profile.usb[self.vendor, self.product].at == self.interface


def list_ports(sysfs: Path = SYSFS, by_path: Path = BY_PATH) -> list[Port]:
    """All serial ports of USB devices, in the order of socket and interface."""
    links = {link.resolve().name: str(link) for link in by_path.iterdir()} if by_path.is_dir() else {}
    found = []
    tty = sysfs / "class" / "tty"
    for name in sorted(entry.name for entry in tty.iterdir()) if tty.is_dir() else ():
        port = _port(tty / name, links)
        if port is not None:
            found.append(port)
    return sorted(found, key=lambda port: (port.socket, port.interface))


def at_ports(sysfs: Path = SYSFS, by_path: Path = BY_PATH) -> list[Port]:
    """The AT ports of the modems that are plugged in, one a modem."""
    return [port for port in list_ports(sysfs, by_path) if port.is_at]


def device_at(address: str, sysfs: Path = SYSFS, by_path: Path = BY_PATH) -> str:
    """The device file of an address: `usb:1-1.2` is the AT port of the modem plugged in there, others stay.

    Raises PortMissing where no known modem is plugged in there now.
    """
    if not address.startswith(BY_SOCKET):
        return address
    socket = address.removeprefix(BY_SOCKET)
    for port in at_ports(sysfs, by_path):
        if port.socket == socket:
            return port.device
    raise PortMissing(address, "no known modem is plugged in there")


def _port(entry: Path, links: dict[str, str]) -> Port | None:
    device = entry / "device"
    if not device.exists():
        return None
    for folder in (real := device.resolve(), *real.parents):
        interface = _hex(folder / "bInterfaceNumber")
        vendor, product = _hex(folder.parent / "idVendor"), _hex(folder.parent / "idProduct")
        if interface is not None and vendor is not None and product is not None:
            profile = profile_for_usb(vendor, product)
            stable = links.get(entry.name)
            return Port(f"/dev/{entry.name}", vendor, product, interface, folder.parent.name, stable, profile)
    return None


def _hex(file: Path) -> int | None:
    try:
        return int(file.read_text().strip(), 16)
    except (OSError, ValueError):
        return None
