"""Final result codes: the one line that ends a command (ITU-T V.250 clause 5.7, 3GPP TS 27.007 clause 9)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from modem_drivers.at import wordings
from modem_drivers.at.codes import Cme, Cms


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended: `ok`, or an error with its text and, where the modem gave one, its code."""

    ok: bool
    text: str
    code: Cme | Cms | None = None


OK: Final = Result(True, "OK")

_PLAIN: Final = {
    "OK": OK,
    "ERROR": Result(False, "ERROR"),
    "ABORTED": Result(False, "ABORTED"),  # u-blox, of a command that was broken off
    "COMMAND NOT SUPPORT": Result(False, "COMMAND NOT SUPPORT"),  # SIMCom, Huawei
    "TOO MANY PARAMETERS": Result(False, "TOO MANY PARAMETERS"),  # SIMCom
    "NA": Result(False, "NA"),
}
_CALL: Final = {
    text: Result(False, text) for text in ("NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE")
}
CALL_ENDS: Final = frozenset(_CALL)
"""Results that end a dial command, and during any other command tell that a call has ended."""

_KINDS: Final[dict[str, tuple[type[Cme] | type[Cms], Callable[[str], Cme | Cms | None]]]] = {
    "CME": (Cme, wordings.cme),
    "CMS": (Cms, wordings.cms),
}
_CODED: Final = re.compile(r"\+?(CME|CMS|EXT|MODEM) ERROR\b\s*:?\s*(.*)|ERROR\s*:\s*[0-9]{1,5}$")


def final(line: str, *, dialling: bool = False) -> Result | None:
    """The result that `line` is, None where it is none. Call ends are final only when `dialling`."""
    plain = _PLAIN.get(line)
    if plain is not None:
        return plain
    if dialling:
        if line in _CALL:
            return _CALL[line]
        if line == "CONNECT" or line.startswith("CONNECT "):
            return Result(True, line)
    if "ERROR" not in line:
        return None
    match = _CODED.match(line)
    return _coded(match[1], match[2], line) if match else None


def _coded(kind: str | None, value: str, line: str) -> Result:
    if kind not in _KINDS:
        return Result(False, line)
    known, by_words = _KINDS[kind]
    if value.isascii() and value.isdigit() and len(value) <= 5:
        return Result(False, line, known(int(value)))
    return Result(False, line, by_words(value))
