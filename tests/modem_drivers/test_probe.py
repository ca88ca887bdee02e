"""AT ports are found by USB identity in a sysfs tree."""

from pathlib import Path

import pytest

from modem_drivers.errors import PortMissing
from modem_drivers.probe import at_ports, device_at, list_ports
from modem_drivers.profiles import EC25


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    (tmp_path / "class" / "tty").mkdir(parents=True)
    (tmp_path / "by-path").mkdir()
    return tmp_path


def plug(sysfs: Path, socket: str, vendor: str, product: str, ports: dict[int, str]) -> None:
    """A USB device whose interfaces are these ttys, as the kernel shows it."""
    device = sysfs / "devices" / "usb1" / socket
    device.mkdir(parents=True)
    (device / "idVendor").write_text(f"{vendor}\n")
    (device / "idProduct").write_text(f"{product}\n")
    for interface, name in ports.items():
        port = device / f"{socket}:1.{interface}" / name
        (port / "tty" / name).mkdir(parents=True)
        (port.parent / "bInterfaceNumber").write_text(f"{interface:02x}\n")
        (port / "tty" / name / "device").symlink_to(port)
        (sysfs / "class" / "tty" / name).symlink_to(port / "tty" / name)


def test_two_modems_are_told_apart_by_socket_and_interface(sysfs: Path) -> None:
    plug(sysfs, "1-1.2", "2c7c", "0125", {0: "ttyUSB4", 1: "ttyUSB5", 2: "ttyUSB6", 3: "ttyUSB7"})
    plug(sysfs, "1-1.1", "2c7c", "0125", {0: "ttyUSB0", 1: "ttyUSB1", 2: "ttyUSB9", 3: "ttyUSB3"})
    plug(sysfs, "1-2", "0403", "6001", {0: "ttyUSB2"})
    found = at_ports(sysfs, sysfs / "by-path")
    assert [(port.device, port.socket) for port in found] == [("/dev/ttyUSB9", "1-1.1"), ("/dev/ttyUSB6", "1-1.2")]
    assert all(port.profile is EC25 for port in found)
    every = list_ports(sysfs, sysfs / "by-path")
    assert len(every) == 9
    [converter] = [port for port in every if port.socket == "1-2"]
    assert (converter.vendor, converter.product, converter.profile, converter.is_at) == (0x0403, 0x6001, None, False)


def test_a_modem_is_found_by_where_it_is_plugged_in_whatever_its_port_is_called(sysfs: Path) -> None:
    plug(sysfs, "1-1.2", "2c7c", "0125", {0: "ttyUSB4", 2: "ttyUSB6"})
    by_path = sysfs / "by-path"
    assert device_at("usb:1-1.2", sysfs, by_path) == "/dev/ttyUSB6"
    assert device_at("/dev/ttyUSB0", sysfs, by_path) == "/dev/ttyUSB0"
    with pytest.raises(PortMissing, match=r"usb:1-1\.1.*no known modem is plugged in there"):
        device_at("usb:1-1.1", sysfs, by_path)


def test_the_stable_name_is_given_where_there_is_one(sysfs: Path) -> None:
    plug(sysfs, "1-1", "2c7c", "0125", {2: "ttyUSB2"})
    (sysfs / "ttyUSB2").write_text("")
    link = sysfs / "by-path" / "pci-0000-usb-0:1:1.2-port0"
    link.symlink_to(sysfs / "ttyUSB2")
    [port] = at_ports(sysfs, sysfs / "by-path")
    assert port.stable == str(link)


def test_ports_that_are_not_usb_are_left_out(sysfs: Path) -> None:
    (sysfs / "class" / "tty" / "tty0").mkdir()
    (sysfs / "class" / "tty" / "ttyS0" / "device").mkdir(parents=True)
    assert list_ports(sysfs, sysfs / "by-path") == []


def test_a_system_without_sysfs(tmp_path: Path) -> None:
    assert list_ports(tmp_path / "none", tmp_path / "none") == []
