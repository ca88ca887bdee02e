"""`fleet modem info`: who a modem is, its SIM and its network."""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli.modem.line import Port, with_modem
from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers import Modem


def info(port: Port, json: Json = False) -> None:
    """Show the modem, its SIM and its network.

    Example: fleet modem info --port /dev/ttyUSB2
    """
    data = asyncio.run(with_modem(port, facts))
    shown = {key.replace("_", " "): value for key, value in data.items() if value is not None}
    if shown.get("apn") == "":
        shown["apn"] = "(the network's choice)"
    Output(json).fields(data, shown)


async def facts(modem: "Modem") -> dict[str, Any]:
    """What `info` shows; asks, and sets nothing."""
    from modem_drivers import SimState

    state = await modem.sim.state()
    data: dict[str, Any] = {**asdict(modem.info), "profile": modem.profile.name, "sim": state.name.lower()}
    if state is SimState.ABSENT:
        return data
    data["iccid"] = await modem.sim.iccid()
    retries = await modem.sim.retries()
    if retries is not None:
        data["pin_tries_left"] = retries.pin
    if state is not SimState.READY:
        return data
    registration = await modem.network.registration()
    operator = await modem.network.operator()
    signal = await modem.network.signal()
    addresses = [str(address) for context in await modem.data.contexts() for address in context.addresses]
    return data | {
        "imsi": await modem.sim.imsi(),
        "registration": registration.state.name.lower().replace("_", " "),
        "texts_possible": registration.sms_possible,
        "texts_stored": await _stored(modem),
        "operator": f"{operator.name} ({operator.numeric})" if operator else None,
        "signal_dbm": signal.rssi_dbm,
        "apn": await modem.network.apn(1),
        "address": ", ".join(addresses) or None,
    }


async def _stored(modem: "Modem") -> str | None:
    """How full its memory for texts is; None for a modem without texts."""
    from modem_drivers import CommandRefused, UnexpectedReply

    with suppress(CommandRefused, UnexpectedReply):
        storage = await modem.sms.storage()
        return f"{storage.used} of {storage.total}"
    return None
