"""`fleet modem at`: any command."""

import asyncio
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from cli.modem.line import Port, sentences, with_modem
from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers import Modem, Response


def at(
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="With or without AT, such as +CSQ.")],
    port: Port,
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="S", min=0.1, help="Seconds it may take [by command].")
    ] = None,
    json: Json = False,
) -> None:
    """Send one command and print its answer. It is sent as it is: some commands cost money or reset the modem.

    Example: fleet modem at '+QENG="servingcell"' --port /dev/ttyUSB2
    """
    from modem_drivers.at.secrets import mask

    async def send(modem: "Modem") -> "Response":
        with sentences():
            return await modem.session.command(command, timeout=timeout)

    response = asyncio.run(with_modem(port, send))
    lines = [line for pair in zip_longest(response.lines, response.pdus) for line in pair if line is not None]
    Output(json).done({"command": mask(command), "lines": lines}, *lines, "OK")
