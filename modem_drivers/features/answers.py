"""Reading a response's lines: the value behind the prefix, wherever the modem puts it."""

import re
from typing import Final

from modem_drivers.at import params
from modem_drivers.at.unsolicited import named
from modem_drivers.errors import UnexpectedReply
from modem_drivers.session import Response

_IDENTITY: Final = re.compile(r"[0-9][0-9A-F -]{5,}", re.IGNORECASE)
"""What an IMSI, IMEI and ICCID have in common, padding and all."""


def value(response: Response, command: str) -> str:
    """The last line without prefix and quotes; the last, as an unsolicited twin may stand before it.

    Raises UnexpectedReply where there is no line.
    """
    if not response.lines:
        raise UnexpectedReply(f"AT{command}", "a line with a value", "none")
    return params.unquote(told(response)[-1])


def identity(response: Response, command: str) -> str:
    """Like `value`, the last line that can be an identity number: any word that nobody knows counts as a bare line."""
    numbers = [found for found in map(params.unquote, told(response)) if _IDENTITY.fullmatch(found)]
    return numbers[-1] if numbers else value(response, command)


def told(response: Response) -> list[str]:
    """What stands behind each line's prefix."""
    return [text if name is not line else line for line in response.lines for name, text in (named(line),)]


def rows(response: Response) -> list[list[str]]:
    """Each line's fields without prefix and quotes."""
    return [params.values(named(line)[1]) for line in response.lines]


def last_row(response: Response, command: str, fields: int) -> list[str]:
    """The last line's fields; raises UnexpectedReply where they are fewer than `fields`."""
    found = rows(response)
    if not found or len(found[-1]) < fields:
        got = response.lines[-1] if response.lines else "none"
        raise UnexpectedReply(f"AT{command}", f"a line with {fields} values", got)
    return found[-1]
