"""Which numbers may be texted or called."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{3,14}|[0-9]{2,8}")


def objection(number: str) -> str | None:
    """None for an international number (ITU-T E.164 clause 6.1: `+` and at most 15 digits) or a short code.

    Else a sentence that says what is wrong. A national number is refused: where it leads depends on the network in
    which the modem is.
    """
    if _NUMBER.fullmatch(number):
        return None
    return (
        "expected a phone number, with + and the country's code such as +12025550123, or a short code of 2 to 8 "
        f"digits, got {number[:40]!r}; correct the number"
    )
