"""`fleet modem list`: which modems are plugged in."""

import asyncio
from typing import TYPE_CHECKING, Any

from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers import Port


def list_(json: Json = False) -> None:
    """Show the modems at USB, and who each is where its port is free.

    Any of PORT, usb:SOCKET and imei:IMEI names a modem to the other commands and in fleet.toml.

    Example: fleet modem list
    """
    rows = asyncio.run(_rows())
    columns = {"PORT": "port", "SOCKET": "socket", "USB": "usb", "MODEL": "model", "IMEI": "imei", "STATE": "state"}
    Output(json).table(rows, columns, empty="No known modem at USB; others are used by naming their port.")


async def _rows() -> list[dict[str, Any]]:
    from modem_drivers import at_ports

    return list(await asyncio.gather(*map(_row, at_ports())))


async def _row(port: "Port") -> dict[str, Any]:
    from modem_drivers import Modem, ModemError, PortBusy

    row: dict[str, Any] = {
        "port": port.device,
        "stable": port.stable,
        "socket": port.socket,
        "usb": f"{port.vendor:04x}:{port.product:04x}",
        "model": port.profile.name if port.profile else None,
        "imei": None,
    }
    try:
        modem = await Modem.open(port.device)
    except PortBusy as error:
        return row | {"state": f"in use by {error.holder or 'another program'}"}
    except ModemError as error:
        return row | {"state": str(error)}
    await modem.close()
    return row | {"model": modem.info.model, "imei": modem.info.imei, "state": "free"}
