"""`fleet modem ussd`: codes such as *100#."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from cli.modem.line import Port, require_sim, sentences, with_modem
from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers import Modem, Ussd


def ussd(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Such as *100#, in quotes.")],
    port: Port,
    reply: Annotated[
        list[str] | None, typer.Option("--reply", metavar="TEXT", help="Answer a menu with this; may be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """Ask the network by a code and print what it says. It takes up to two minutes.

    Example: fleet modem ussd "*100#" --port /dev/ttyUSB2
    """
    out = Output(json)
    said = asyncio.run(with_modem(port, lambda modem: _ask(modem, out, code, reply or [])))
    wanted = said.state.name == "REPLY_WANTED"
    next_step = "answer with --reply TEXT" if wanted else ""
    out.done({"text": said.text, "reply_wanted": wanted}, *(said.text or "(no text)").splitlines(), next=next_step)


async def _ask(modem: "Modem", out: Output, code: str, replies: list[str]) -> "Ussd":
    from modem_drivers import ModemError

    await require_sim(modem)
    out.status("Waiting for the network …")
    try:
        with sentences():
            said = await modem.ussd.request(code)
            for reply in replies:
                said = await modem.ussd.reply(reply)
        return said
    finally:  # also after Ctrl-C: else the network keeps the dialogue open
        out.status("")
        with suppress(ModemError):
            await modem.ussd.cancel()
