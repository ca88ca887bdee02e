"""`fleet modem record`: a transcript of a modem, for a report or a test."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import Usage
from cli.modem.info import facts
from cli.modem.line import Port, sentences
from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers import Modem, Transport


def record(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the transcript goes.")],
    port: Port,
    commands: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND…", help="Send these too, such as '+CGDCONT?'.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a transcript of a modem, for a report or a test.

    What it and this program say to one another while it is identified and asked what it can do.
    PINs and passwords are masked; IMEI, ICCID, IMSI and cell are not. Nothing is sent to anybody.

    Example: fleet modem record ec25.txt --port /dev/ttyUSB2 -- '+QENG="servingcell"'
    """
    if file.exists():
        raise Usage(f"expected a new file, {file} exists; name another")
    if not os.access(file.parent, os.W_OK):  # asked before the modem is: nothing is lost
        raise Usage(f"expected a folder to write to at {file.parent}, got none; name another file")
    from modem_drivers import open_port
    from modem_drivers.at.transcript import dumps
    from modem_drivers.probe import device_at
    from modem_drivers.transport import Recorder

    recorder = Recorder(open_port(device_at(port)))
    try:
        asyncio.run(_visit(recorder, commands or []))
    finally:
        if recorder.exchanges:  # of a modem that fails too: that is when a transcript is wanted
            file.write_text(dumps(recorder.exchanges), "utf-8")
    exchanges = len(recorder.exchanges)
    Output(json).done({"file": str(file), "exchanges": exchanges}, f"{exchanges} commands and answers in {file}.")


async def _visit(line: "Transport", commands: list[str]) -> None:
    from modem_drivers import Modem

    modem = await Modem.open(line)
    try:
        await tour(modem, commands)
    finally:
        await modem.close()


async def tour(modem: "Modem", commands: list[str]) -> None:
    """What is harmless to ask; then these commands, refused or not."""
    from modem_drivers import CommandRefused

    await facts(modem)
    await modem.capabilities()
    for command in commands:
        with sentences(), suppress(CommandRefused):
            await modem.session.command(command)
