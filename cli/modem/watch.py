"""`fleet modem monitor`: what a modem sees and says, as it happens."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.modem.line import Port, with_modem
from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers import Modem, Registration, Signal
    from modem_drivers.at.events import Unsolicited


def monitor(
    port: Port,
    every: Annotated[float, typer.Option("--every", metavar="S", min=0.1, help="Seconds between two looks.")] = 5.0,
    count: Annotated[
        int, typer.Option(metavar="N", min=0, help="End after so many lines; 0 goes on until Ctrl-C.")
    ] = 0,
    json: Json = False,
) -> None:
    """Print signal and registration whenever they change.

    And every line the modem says unasked. Nothing is set, sent or deleted.

    Example: fleet modem monitor --port /dev/ttyUSB2
    """
    asyncio.run(with_modem(port, lambda modem: _monitor(modem, Output(json), every, count)))


async def _monitor(modem: "Modem", out: Output, every: float, count: int) -> None:
    lines = 0
    enough = asyncio.Event()

    def tell(data: dict[str, Any], said: str) -> None:
        nonlocal lines
        lines += 1
        if not count or lines <= count:
            out.line(data, said)
        if lines == count:
            enough.set()

    def heard(event: "Unsolicited") -> None:
        line = f"{event.name}: {event.text}" if event.text else event.name
        tell({"line": line, "pdu": event.pdu}, f"modem         {line}{f' {event.pdu}' if event.pdu else ''}")

    modem.session.listen("", heard)
    signal = registration = None
    while not enough.is_set():
        now = await modem.network.registration()
        if now != registration:
            registration = now
            tell(*_registered(now))
        level = await modem.network.signal()
        if level != signal:
            signal = level
            tell(*_heard_at(level))
        ends = [asyncio.create_task(event.wait()) for event in (enough, modem.closed)]
        await asyncio.wait(ends, timeout=every, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        if modem.reason is not None:
            raise modem.reason


def _registered(registration: "Registration") -> tuple[dict[str, Any], str]:
    state = registration.state.name.lower().replace("_", " ")
    data = {"registration": state, "texts": registration.sms_possible, "area": registration.area}
    texts = "texts possible" if registration.sms_possible else "no texts"
    where = f", area {registration.area}, cell {registration.cell}" if registration.area else ""
    return data | {"cell": registration.cell}, f"registration  {state}, {texts}{where}"


def _heard_at(signal: "Signal") -> tuple[dict[str, Any], str]:
    levels = {
        "rssi_dbm": signal.rssi_dbm,
        "rsrp_dbm": signal.rsrp_dbm,
        "rsrq_db": signal.rsrq_db,
        "sinr_db": signal.sinr_db,
        "rscp_dbm": signal.rscp_dbm,
        "ecno_db": signal.ecno_db,
    }
    words = ", ".join(
        f"{name.split('_')[0].upper()} {value:g} {'dBm' if name.endswith('dbm') else 'dB'}"
        for name, value in levels.items()
        if value is not None
    )
    return levels, f"signal        {words or 'none'}"
