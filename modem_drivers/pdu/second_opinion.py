"""What smspdudecoder reads in a PDU, to compare with. The only file that knows it.

It reads DELIVER and SUBMIT. It is known to be wrong where septets stand behind a header (a letter too many or
too few), for names of seven letters (an "@" too many), for message-waiting schemes, for shift tables, and for
surrogate pairs cut in two.
"""

from collections.abc import Mapping
from io import StringIO
from typing import Any

from smspdudecoder.fields import SMSDeliver, SMSSubmit

from modem_drivers.errors import PduError
from modem_drivers.pdu.decode import DELIVER, SUBMIT, message_type

Opinion = Mapping[str, object]
"""Field names in smspdudecoder's words, nested ones joined by dots."""

# What it and bitstring leak for input they do not expect.
_LEAKS = (ValueError, IndexError, KeyError, TypeError, AssertionError, OverflowError, AttributeError)


def second_opinion(pdu: str) -> Opinion:
    """Every field smspdudecoder reads in a PDU (hex, SMSC first). Raises PduError for what it cannot read."""
    kind = message_type(pdu)
    reader = {DELIVER: SMSDeliver, SUBMIT: SMSSubmit}.get(kind) if kind is not None else None
    if reader is None:
        raise PduError("expected an SMS-DELIVER or SMS-SUBMIT PDU, which smspdudecoder reads, got another type")
    try:
        found: dict[str, Any] = reader.decode(StringIO(pdu.strip()))
    except _LEAKS as error:
        raise PduError(f"smspdudecoder cannot read it: {type(error).__name__}: {error}") from error
    return dict(_flat(found, ""))


def _flat(value: Any, name: str) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        return [pair for at, inner in enumerate(value) for pair in _flat(inner, f"{name}.{at}")]
    return [(name, value)]
