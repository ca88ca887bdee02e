"""What a modem says without being asked: which lines carry a PDU on the next one, and what is no reply."""

import re
from typing import Final

from modem_drivers.at.results import CALL_ENDS

WITH_PDU: Final = frozenset({"+CMT", "+CDS", "+CBM"})
"""Unsolicited lines whose next line is a PDU (3GPP TS 27.005 clause 3.4.1)."""

BARE: Final = CALL_ENDS | {
    "RING",
    "RDY",
    "APP RDY",
    "^SYSSTART",
    "+PBREADY",
    "*ATREADY: 1",
    "SMS READY",
    "SMS DONE",
    "+SMS FULL",
    "PB DONE",
    "CALL READY",
    "POWERED DOWN",
    "NORMAL POWER DOWN",
    "PSM POWER DOWN",
}
"""Unsolicited lines without a prefix, in capitals. A command that expects a bare line never takes these."""

PREFIXED: Final = "+^#*$!%_@"
"""What a prefix begins with: `+` of ITU-T V.250 clause 5.4.1, the others of makers."""

WORDED: Final = frozenset({"VOICE CALL", "MISSED_CALL", "+APP PDP"})
"""Prefixes of unsolicited lines that are plain words, or hold a blank (SIMCom)."""

UNENDING: Final = frozenset({"+CUSD"})
"""Unsolicited lines whose quoted text may run over several lines (3GPP TS 27.007 clause 7.15)."""

MAX_TEXT: Final = 1024
"""Most characters of such a text; a longer one is taken as ended. The longest honest ones have 182."""

_CLOSING: Final = re.compile(r'"\s*(?:,\s*[0-9]{0,3}\s*,?)?$')
_REGISTRATION: Final = frozenset({"+CREG", "+CGREG", "+CEREG", "+C5GREG"})
_AREA: Final = re.compile(r'"|,|$|[0-9A-Fa-f]{4}|[0-9]{0,2}[A-Fa-f]')


def not_a_reply(name: str, text: str) -> bool:
    """True where a line that bears the running Read command's prefix is yet not its answer.

    Registration is both: the answer is `n,stat[,area,...]`, the unsolicited line `stat[,area,...]`, and an
    area is quoted, empty, has a letter, or four hexadecimal digits at least (3GPP TS 27.007 clause 7.2).
    """
    if name not in _REGISTRATION:
        return False
    return _AREA.match(text.partition(",")[2].lstrip()) is not None


def named(line: str) -> tuple[str, str]:
    """The prefix and the rest of a line such as `+CMTI: "ME",7`; the line itself and "" where it has none."""
    head, colon, rest = line.partition(":")
    if colon and head[:1] in PREFIXED and head and " " not in head.strip():
        return head.strip().upper(), rest.strip()
    if colon and head in WORDED:
        return head, rest.strip()
    return line, ""


def open_ended(name: str, text: str) -> bool:
    """True where such a line's quoted text goes on in the next line."""
    return name in UNENDING and '"' in text and (text.count('"') == 1 or not closes(text))


def closes(line: str) -> bool:
    """Whether a quoted text ends with this line."""
    return _CLOSING.search(line) is not None
