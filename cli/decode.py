"""`fleet modem decode`: what a PDU says, field by field, without a modem."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from modem_drivers.pdu import Deliver, StatusReport, SubmitPdu


def decode(
    pdu: Annotated[str, typer.Argument(metavar="PDU", help="Hexadecimal, beginning with the SMSC, as modems show it.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Every field with its clause, and what smspdudecoder reads.")
    ] = False,
    json: Json = False,
) -> None:
    """Read the PDU of a text or a delivery report.

    Example: fleet modem decode 00040891515510100000621102210000000DB45810F47683DA79D03D9C07 --explain
    """
    from modem_drivers.pdu import decode as read

    data = _facts(read(pdu))
    out = Output(json)
    if not explain:
        out.fields(data, {name.replace("_", " "): value for name, value in data.items() if value not in (None, False)})
        return
    fields, theirs = _explained(pdu), _opinion(pdu)
    if json:
        out.document({**data, "fields": fields, "smspdudecoder": theirs})
        return
    out.heading("3GPP TS 23.040")
    out.table(fields, {"FIELD": "name", "OCTETS": "octets", "MEANING": "meaning", "CLAUSE": "clause"})
    out.heading("smspdudecoder")
    rows = [{"name": f"smspdudecoder {name}" if not out.terminal else name, "value": theirs[name]} for name in theirs]
    out.table(rows, {"FIELD": "name", "VALUE": "value"})


def _facts(found: "Deliver | SubmitPdu | StatusReport") -> dict[str, Any]:
    """The message as plain values."""
    from modem_drivers.pdu import Deliver, StatusReport

    if isinstance(found, StatusReport):
        return {
            "type": "status report",
            "of": str(found.recipient),
            "reference": found.reference,
            "status": found.words,
            "sent": _iso(found.timestamp),
            "done": _iso(found.discharged),
        }
    data: dict[str, Any] = {}
    if isinstance(found, Deliver):
        data |= {"type": "deliver", "from": str(found.sender), "at": _iso(found.timestamp)}
    else:
        data |= {"type": "submit", "to": str(found.recipient), "reference": found.reference}
    data |= {"text": found.text, "data": found.data.hex() if found.text is None and found.data is not None else None}
    if found.concat is not None:
        data |= {"part": found.concat.part, "parts": found.concat.parts, "concat_reference": found.concat.reference}
    if found.ports is not None:
        data |= {"to_port": found.ports.destination, "from_port": found.ports.source}
    return data | {"flash": found.flash, "silent": found.silent}


def _explained(pdu: str) -> list[dict[str, str]]:
    from modem_drivers.pdu.explain import explain

    return [
        {"name": field.name, "octets": field.octets, "meaning": field.meaning, "clause": field.clause}
        for field in explain(pdu)
    ]


def _opinion(pdu: str) -> dict[str, str | None]:
    """smspdudecoder's fields; one named "error" where it cannot read the PDU."""
    from modem_drivers.pdu import PduError
    from modem_drivers.pdu.second_opinion import second_opinion

    try:
        return {name: None if value is None else str(value) for name, value in second_opinion(pdu).items()}
    except PduError as error:
        return {"error": str(error)}


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
