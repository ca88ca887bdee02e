"""`fleet modem send` and `listen`: texts through one modem."""

import asyncio
import secrets
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import Failed, Partial, Usage
from cli.modem.line import Port, require_sim, with_modem
from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers import Modem, Stored
    from modem_drivers.pdu import StatusReport


def send(
    to: Annotated[str, typer.Argument(metavar="TO", help="The number, +49… or a short code.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text; long ones travel in parts.")],
    port: Port,
    json: Json = False,
) -> None:
    """Send a text.

    Prints the references that its delivery reports will bear.

    Example: fleet modem send +4915112345678 "Cooling fault at site 4" --port /dev/ttyUSB2
    """
    out = Output(json)
    references = asyncio.run(with_modem(port, lambda modem: _send(modem, out, to, text)))
    listed, many = ", ".join(map(str, references)), "s" * (len(references) > 1)
    out.done(
        {"to": to, "parts": len(references), "references": references},
        f"Sent to {to} in {len(references)} part{many}, reference{many} {listed}.",
    )


def listen(
    port: Port,
    json: Json = False,
    count: Annotated[
        int, typer.Option(metavar="N", min=0, help="End after so many texts; 0 goes on until Ctrl-C.")
    ] = 0,
) -> None:
    """Print texts and delivery reports as they come.

    A text is deleted from the modem once it is printed. Parts of a long text are printed one by one.

    Example: fleet modem listen --port /dev/ttyUSB2
    """
    asyncio.run(with_modem(port, lambda modem: _listen(modem, Output(json), count)))


async def _send(modem: "Modem", out: Output, to: str, text: str) -> list[int]:
    from modem_drivers import PduError, Sent, Unknown

    first, concat = secrets.randbelow(256), secrets.randbelow(256)
    try:
        parts = modem.sms.compose(to, text, first_reference=first, concat_reference=concat)
    except PduError as error:
        raise Usage(str(error)) from error
    await require_sim(modem)
    await modem.session.command("+CMGF=0")
    references: list[int] = []
    for part in parts:
        out.status(f"Sending part {part.part} of {part.parts} …" if part.parts > 1 else "Sending …")
        try:
            outcome = await modem.sms.submit(part)
        except asyncio.CancelledError:  # Ctrl-C
            out.status("")
            out.note("The text may or may not have left; ask the receiver first.")
            raise
        out.status("")
        if isinstance(outcome, Sent):
            references.append(outcome.reference)
            continue
        kind = Partial if references else Failed
        where = f" at part {part.part} of {part.parts}" if part.parts > 1 else ""
        if isinstance(outcome, Unknown):
            raise kind(f"the text may or may not have left{where}: {outcome.reason}; ask the receiver first")
        why = f"{outcome.text} ({outcome.code.words})" if outcome.code is not None else outcome.text
        raise kind(f"expected the network to take the text, got {why}{where}; see `fleet modem info`")
    return references


async def _listen(modem: "Modem", out: Output, count: int) -> None:
    seen = 0
    enough = asyncio.Event()

    async def message(stored: "Stored") -> None:
        nonlocal seen
        out.line(*_told(stored))
        seen += 1
        if seen == count:
            enough.set()

    async def report(report: "StatusReport") -> None:
        became = "delivered" if report.delivered else "pending" if report.pending else "failed"
        data = {"report": report.reference, "to": str(report.recipient), "became": became}
        out.line(data, f"report {report.reference} to {report.recipient}: {became}")

    await require_sim(modem)
    modem.sms.on_message, modem.sms.on_report = message, report
    await modem.sms.start()
    ends = [asyncio.create_task(event.wait()) for event in (enough, modem.closed)]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
    if modem.reason is not None:
        raise modem.reason
    await modem.session.command("AT")  # the last text's deletion stands before this in the queue


def _told(stored: "Stored") -> tuple[dict[str, Any], str]:
    deliver = stored.deliver
    sender, text = str(deliver.sender), deliver.text
    at = deliver.timestamp.isoformat() if deliver.timestamp is not None else None
    data: dict[str, Any] = {"from": sender, "text": text, "at": at}
    part = ""
    if deliver.concat is not None:
        data |= {"part": deliver.concat.part, "parts": deliver.concat.parts, "reference": deliver.concat.reference}
        part = f" ({deliver.concat.part}/{deliver.concat.parts})"
    if text is None:
        data["data"] = (deliver.data or b"").hex()
    return data, f"{sender}{part}: {text if text is not None else data['data']}"
