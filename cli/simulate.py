"""`fleet simulate`: hardware that needs no hardware."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import Failed, Usage
from cli.options import DataDir, Json
from cli.output import Output

if TYPE_CHECKING:
    from hw_fixtures.network import Text

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
def modem(
    link: Annotated[Path, typer.Option(metavar="PATH", help="Where the modem appears, as a link to a terminal.")],
    model: Annotated[str, typer.Option(metavar="MODEL", help="Which modem it is.")] = "quectel-ec25",
    cmgs_latency: Annotated[float, typer.Option(metavar="S", min=0, help="Seconds the network takes a text.")] = 0,
    number: Annotated[str, typer.Option(metavar="NUMBER", help="The SIM's phone number.")] = "+15550199",
    pin: Annotated[str | None, typer.Option(metavar="PIN", help="The SIM asks for this PIN.")] = None,
    iccid: Annotated[str, typer.Option(metavar="ICCID", help="The SIM's ICCID.")] = "8988300000000000013",
    imsi: Annotated[str, typer.Option(metavar="IMSI", help="The SIM's IMSI.")] = "001010000000001",
    imei: Annotated[str, typer.Option(metavar="IMEI", help="The modem's IMEI.")] = "867698040000005",
    network: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Share one network: a socket; the first modem serves it.")
    ] = None,
    json: Json = False,
) -> None:
    """Serve a simulated modem on a pseudo-terminal until Ctrl-C. Every number it texts is a phone.

    Each text that reaches a phone is printed as `+NUMBER: text`; a phone that is called answers and prints what it
    hears. On standard input, `reply +NUMBER 41A` makes that phone answer the last text it got, `press +NUMBER 1` press
    a key, `call +NUMBER` call the modem, and `fault silence 30` makes the modem fail; `help` lists every line.
    Modems started with the same --network, each with its own --number, text and call one another and the same phones;
    they end with the first of them.

    Example: fleet simulate modem --model quectel-ec25 --link /tmp/modem0
    """
    from hw_fixtures.modem import console, workbench
    from hw_fixtures.network.sharing import WorldError

    out = Output(json)

    def texted(phone: str, text: "Text") -> None:
        data = {"to": phone, "from": text.sender, "text": text.text, "at": text.at.isoformat()}
        out.line(data, f"{phone}: {text.text}")

    def called(phone: str, what: str) -> None:
        out.line({"phone": phone, "call": what}, f"{phone} {what}")

    try:
        plan = workbench.plan(
            model, number=number, pin=pin, iccid=iccid, imsi=imsi, imei=imei, cmgs_latency=cmgs_latency
        )
        who = f"{plan.model.manufacturer} {plan.model.model}"
        said = f"{who} at {link}, number {number}; `help` lists what can be typed, Ctrl-C ends it."
        told = console.Told(texted, called, out.note)
        served = console.serve(plan, link, shared=network, ready=lambda: out.note(said), told=told)
        asyncio.run(served)
    except WorldError as error:
        raise Failed(str(error)) from error
    except (LookupError, ValueError) as error:
        raise Usage(str(error)) from error
    except FileExistsError:
        raise Usage(f"expected a free path for --link, {link} exists; remove it or name another") from None
    except OSError as error:
        raise Usage(f"expected to make a link at {link}, got: {error.strerror}; name another with --link") from error


@app.command()
def machines(
    count: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="How many machines.")] = 1,
    mqtt: Annotated[str, typer.Option(metavar="URL", help="mqtt://HOST:PORT [the service's own].")] = "",
    interval: Annotated[float, typer.Option(metavar="S", min=0.01, help="Seconds between two reports of one.")] = 10.0,
    name_prefix: Annotated[str, typer.Option(metavar="TEXT", help="Names are this and a number.")] = "vm-",
    credentials: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of name,token: simulate these, register none.")
    ] = None,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Run virtual vending machines over MQTT until Ctrl-C. Those the service lacks are registered.

    On standard input, `fail vm-01` stops a compressor, `repair vm-01` mends it; likewise sell-out, refill, open, close.

    Example: fleet simulate machines --count 12 --interval 5
    """
    from cli import machines

    whom, at = machines.find(count, name_prefix, credentials, mqtt, data_dir)
    machines.run(Output(json), whom, at, interval)


@app.command()
def provider(
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="Where it listens; 0 takes a free one.")
    ] = 0,
    pending: Annotated[float, typer.Option(metavar="S", min=0, help="Seconds an activation takes.")] = 5,
    token: Annotated[str, typer.Option(metavar="TOKEN", help="What its customer shows.")] = "sandbox",  # noqa: S107
    secret: Annotated[str, typer.Option(metavar="SECRET", help="It signs its callbacks with this; none without.")] = "",
    json: Json = False,
) -> None:
    """Serve a connectivity provider to rehearse with until Ctrl-C. It forgets everything at the end.

    Example: fleet simulate provider --port 8090 --pending 10
    """
    from hw_fixtures.providers import sandbox

    out = Output(json)

    async def serve() -> None:
        async with sandbox.serve(sandbox.Sandbox(token, secret=secret, pending=pending), port=port) as url:
            out.line({"url": url}, f"Sandbox provider at {url}; Ctrl-C ends it.")
            out.note(f'In fleet.toml:\n  [[provider]]\n  name = "sandbox"\n  url = "{url}"')
            await asyncio.get_running_loop().create_future()

    try:
        asyncio.run(serve())
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise Usage(f"expected port {port} to be free, got: {reason}; choose another with --port") from error
