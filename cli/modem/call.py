"""`fleet modem call`: a call that speaks and waits for a key."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import TimedOut
from cli.modem.line import Port, require_sim, sentences, with_modem
from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers import Modem


def call(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="+49… or a short code.")],
    port: Port,
    say: Annotated[str, typer.Option("--say", metavar="TEXT", help="What the modem speaks; in English.")] = "",
    ring: Annotated[float, typer.Option("--ring", metavar="S", min=1, help="Seconds it may ring.")] = 40.0,
    wait: Annotated[float, typer.Option("--wait", metavar="S", min=0, help="Seconds to wait for a key.")] = 20.0,
    json: Json = False,
) -> None:
    """Call a number; with --say speak and wait for a key.

    The key is printed and the call hung up. A voicemail answers too: only a key proves a person.

    Example: fleet modem call +4915112345678 --say "Alarm at site 4. Press 1 to accept." --port /dev/ttyUSB2
    """
    out = Output(json)
    data = asyncio.run(with_modem(port, lambda modem: _call(modem, out, number, say, ring, wait)))
    if say and data["key"] is None:
        raise TimedOut(f"expected {number} to press a key within {wait:g} s, got none; call again with --wait")
    out.done(data, str(data["key"]) if say else f"{number} answered.")


async def _call(modem: "Modem", out: Output, number: str, text: str, ring: float, wait: float) -> dict[str, Any]:
    await require_sim(modem)
    if text:
        await modem.keys.start()  # before anybody is rung up for nothing
        with sentences():
            await modem.speech.check(text)
    with sentences():
        call = await modem.voice.dial(number)
    async with call:
        out.note(f"Calling {number}.")
        await call.answered(ring)
        out.note("Answered." if not text else "Answered; speaking.")
        key = None
        if text:
            await modem.speech.say(text)
            out.note(f"Waiting {wait:g} s for a key.")
            key = await modem.keys.next(wait)
        await call.hang_up()
    return {"to": number, "answered": True, "key": key}
