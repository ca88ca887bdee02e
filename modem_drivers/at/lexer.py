"""Bytes from a modem become lines. Pure; the same bytes give the same lines however they are cut."""

from typing import Final

PROMPT: Final = ">"
"""The line that stands for the modem's prompt for a message (3GPP TS 27.005 clause 3.5.1)."""

MAX_LINE: Final = 8192
"""Longest line kept, in bytes. The longest honest ones are answers to AT+COPS=? and AT+CLAC (2-3 kB)."""

_EDGE_NOISE: Final = bytes(range(0x21)) + bytes(range(0x7F, 0x100))


class Lexer:
    """Cuts a byte stream into lines; keeps at most MAX_LINE bytes between calls.

    Empty lines vanish, and with them the difference between CR LF, CR CR LF, CR and LF. NULs are removed;
    blanks and bytes outside printable ASCII are stripped from a line's edges. A line past MAX_LINE is
    dropped whole and counted in `overlong`.
    """

    __slots__ = ("_skipping", "_tail", "overlong")

    def __init__(self) -> None:
        self._tail = b""
        self._skipping = False
        self.overlong = 0

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes. A prompt has no line end: it is a line as soon as it is seen."""
        if b"\0" in data:
            data = data.replace(b"\0", b"")
        *ended, tail = (self._tail + data).replace(b"\r", b"\n").split(b"\n")
        lines: list[str] = []
        for part in ended:
            if part and (rest := self._cut(part, lines)):
                lines.append(rest.rstrip(_EDGE_NOISE).decode("latin-1"))
            self._skipping = False
        self._tail = self._cut(tail, lines) if tail else b""
        return lines

    def _cut(self, part: bytes, lines: list[str]) -> bytes:
        """What remains of `part` once prompts at its beginning are lines and too much of it is dropped."""
        if self._skipping:
            return b""
        part = part.lstrip(_EDGE_NOISE)
        while part.startswith(b">"):
            lines.append(PROMPT)
            part = part[1:].lstrip(_EDGE_NOISE)
        if len(part) > MAX_LINE:
            self.overlong += 1
            self._skipping = True
            return b""
        return part
