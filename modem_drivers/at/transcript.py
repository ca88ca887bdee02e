r"""Transcripts: what a program and a modem said to one another, as text in two columns.

    # AT transcript 1
    AT+CSQ\r                       | \r\n+CSQ: 20,99\r\n\r\nOK\r\n

A row is what was written at once and everything read until the next was. Secrets are masked. Pure.
"""

from dataclasses import dataclass
from typing import Final

from modem_drivers.at.secrets import mask

HEADING: Final = "# AT transcript 1"

_WIDTH: Final = 32
_ESCAPES: Final = {"\\": "\\\\", "\r": "\\r", "\n": "\\n", "\t": "\\t", "|": "\\x7c"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One row."""

    sent: bytes
    received: bytes


def dumps(exchanges: list[Exchange]) -> str:
    """The transcript's text, secrets masked."""
    rows = [f"{_shown(row.sent):<{_WIDTH}} | {_shown(row.received)}".rstrip() for row in exchanges]
    return "\n".join([HEADING, *rows]) + "\n"


def loads(text: str) -> list[Exchange]:
    """The rows of a transcript; raises ValueError, naming the line, for what is none."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != HEADING:
        raise ValueError(f"expected {HEADING!r} in the first line, got {lines[0][:40] if lines else ''!r}")
    found = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip() or line.startswith("#"):
            continue
        sent, bar, received = line.partition("|")
        if not bar:
            raise ValueError(f"expected two columns with | between them in line {number}, got {line[:40]!r}")
        try:
            found.append(Exchange(_read(sent), _read(received)))
        except ValueError:
            raise ValueError(f"expected ASCII with \\r, \\n, \\xNN in line {number}, got {line[:40]!r}") from None
    return found


def _shown(data: bytes) -> str:
    text = mask(data.decode("latin-1"))
    shown = "".join(_ESCAPES.get(char) or (char if " " <= char <= "~" else f"\\x{ord(char):02x}") for char in text)
    if shown.endswith(" "):  # editors cut it
        shown = f"{shown[:-1]}\\x20"
    return f"\\x{ord(shown[0]):02x}{shown[1:]}" if shown[:1] in (" ", "#") else shown


def _read(column: str) -> bytes:
    return column.strip(" ").encode("ascii").decode("unicode_escape").encode("latin-1")
