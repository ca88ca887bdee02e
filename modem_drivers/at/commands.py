"""The command catalogue: for each AT command which lines are its answer and how long it may take.

The four forms have 3GPP's names: Exec `+CIMI`, Read `+CSQ?`, Write `+CFUN=1`, Test `+CPMS=?`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Flag, auto
from types import MappingProxyType
from typing import Final

DEFAULT_TIMEOUT: Final = 5.0
"""Seconds. Quectel's manual says 0.3 for most commands; busy modems are seen to need ten times that."""

CTRL_Z: Final = b"\x1a"
"""Ends a message after the prompt and sends it (3GPP TS 27.005 clause 3.5.1). Never used to recover."""


class Form(Flag):
    """The forms of a command."""

    EXEC = auto()
    READ = auto()
    WRITE = auto()
    TEST = auto()


ALL: Final = Form.EXEC | Form.READ | Form.WRITE | Form.TEST
NONE: Final = Form(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one command.

    `answers` are the forms that bring information lines; `bare` those whose lines may lack the prefix;
    `prefixes` are those of its lines that are not the command's name; `timeout` in seconds.
    """

    timeout: float = DEFAULT_TIMEOUT
    answers: Form = ALL
    bare: Form = NONE
    prefixes: tuple[str, ...] = ()
    pdu: bool = False
    dials: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command line, ready to be written, with what its answer looks like.

    `payload` is written at the prompt and includes its own end. `name` is safe to log: no arguments.
    """

    name: str
    line: bytes
    prefixes: frozenset[str] = frozenset()
    bare: bool = False
    pdu: bool = False
    dials: bool = False
    read: bool = False
    payload: bytes | None = None
    timeout: float = DEFAULT_TIMEOUT


_SET: Final = Form.READ | Form.TEST
_PLAIN: Final = Entry(bare=Form.EXEC | Form.WRITE)
_ANY_LINE: Final = Entry(bare=ALL)

STANDARD: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "": Entry(timeout=2, answers=NONE),  # AT alone
        "E": Entry(answers=NONE),
        "V": Entry(answers=NONE),
        "Z": Entry(answers=NONE),
        "I": Entry(bare=ALL),
        "D": Entry(timeout=90, answers=NONE, dials=True),
        "A": Entry(timeout=90, answers=NONE, dials=True),
        "H": Entry(timeout=90, answers=NONE),
        "+CMEE": Entry(answers=_SET),
        "+CGMI": _PLAIN,
        "+CGMM": _PLAIN,
        "+CGMR": _PLAIN,
        "+CGSN": _PLAIN,
        "+CIMI": _PLAIN,
        "+CCID": _PLAIN,
        "+ICCID": _PLAIN,
        "+CPIN": Entry(answers=_SET, bare=Form.READ),
        "+CLCK": Entry(),
        "+CPWD": Entry(answers=_SET),
        "+CPINR": Entry(),
        "+CRSM": Entry(timeout=20),
        "+CFUN": Entry(timeout=20, answers=_SET),
        "+CREG": Entry(answers=_SET),
        "+CGREG": Entry(answers=_SET),
        "+CEREG": Entry(answers=_SET),
        "+CSQ": Entry(),
        "+CESQ": Entry(),
        "+COPS": Entry(timeout=180, answers=_SET),
        "+CGDCONT": Entry(answers=_SET),
        "+CGATT": Entry(timeout=140, answers=_SET),
        "+CGACT": Entry(timeout=150, answers=_SET),
        "+CGPADDR": Entry(),
        "+CGCONTRDP": Entry(),
        "+CGAUTH": Entry(answers=_SET),
        "+CPSMS": Entry(answers=_SET),
        "+CSMS": Entry(),
        "+CMGF": Entry(answers=_SET),
        "+CSCS": Entry(answers=_SET),
        "+CSCA": Entry(answers=_SET),
        "+CNMI": Entry(answers=_SET),
        "+CPMS": Entry(timeout=10),
        "+CMGS": Entry(timeout=120),
        "+CMGR": Entry(timeout=10, pdu=True),
        "+CMGL": Entry(timeout=60, pdu=True),
        "+CMGD": Entry(timeout=25, answers=_SET),
        "+CNMA": Entry(answers=_SET),
        "+CHUP": Entry(timeout=90, answers=Form.TEST),
        "+CLCC": Entry(),
        "+CEER": Entry(bare=Form.EXEC),
        "+CLIP": Entry(timeout=15, answers=_SET),
        "+CRC": Entry(answers=_SET),
        "+COLP": Entry(timeout=15, answers=_SET),
        "+CVHU": Entry(answers=_SET),
        "+VTS": Entry(timeout=10, answers=Form.TEST),
        "+CUSD": Entry(timeout=20, answers=_SET),
    }
)
"""The commands this library sends, 3GPP TS 27.007, TS 27.005 and ITU-T V.250."""

_SHAPE: Final = re.compile(
    r"(?:AT)?([+^#$*!%_@][A-Z](?:[A-Z]|[0-9]+(?=[A-Z]))*|[&\\]?[A-Z]*)(=\?|\?|=|)", re.IGNORECASE
)
"""A command's name and form. Figures stand inside names (+C5GREG); at the end they may be a mistyped PIN."""
_UNKNOWN: Final = _ANY_LINE


class Catalogue:
    """Command lines become commands; a vendor's entries come before the standard ones."""

    def __init__(self, vendor: Mapping[str, Entry] | None = None) -> None:
        self._entries = {**STANDARD, **(vendor or {})}
        self._made: dict[str, Command] = {}

    def command(self, text: str, *, payload: bytes | None = None, timeout: float | None = None) -> Command:
        """The command for `text`, with or without its leading AT: `+CSQ`, `+CMGS=23`, `+COPS=3,2;+COPS?`.

        A command the catalogue does not know may answer with any line. Raises ValueError for text that
        holds a line end or other control characters, or that is not ASCII.
        """
        if not (text.isascii() and (text.isprintable() or not text)):
            raise ValueError("expected a command of printable ASCII characters on one line")
        body = text[2:] if text[:2].upper() == "AT" else text
        kind = _kind(body)
        command = self._made.get(kind)
        if command is None:
            command = self._make(kind)
            if not command.dials and ";" not in kind:
                self._made[kind] = command
        line = f"AT{body}\r".encode("ascii")
        return replace(command, line=line, payload=payload, timeout=command.timeout if timeout is None else timeout)

    def _make(self, kind: str) -> Command:
        """All of a command but its line."""
        parts = [self._part(part) for part in _compound(kind)]
        return Command(
            name="AT" + ";".join(name for name, _, _ in parts),
            line=b"",
            prefixes=frozenset(
                prefix
                for name, form, entry in parts
                if form in entry.answers and name
                for prefix in (name, *entry.prefixes)
            ),
            bare=any(form in entry.bare for _, form, entry in parts),
            pdu=any(entry.pdu and form is not Form.TEST for _, form, entry in parts),
            dials=any(entry.dials for _, _, entry in parts),
            read=any(form is Form.READ for _, form, _ in parts),
            timeout=sum(entry.timeout for _, _, entry in parts),
        )

    def _part(self, text: str) -> tuple[str, Form, Entry]:
        match = _SHAPE.match(text)
        name, tail = (match[1].upper(), match[2]) if match else (text, "")
        if name[:1] in ("E", "V", "D", "Z", "A", "H", "I"):
            name = name[:1]
        form = {"=?": Form.TEST, "?": Form.READ, "=": Form.WRITE}.get(tail, Form.EXEC)
        return name, form, self._entries.get(name, _UNKNOWN)


def _kind(body: str) -> str:
    """What of a command line decides all but the line itself; never its arguments, which may be secret."""
    head, equals, arguments = body.partition("=")
    return body if arguments == "?" or ";" in body else head + equals


def _compound(body: str) -> list[str]:
    """The commands joined by `;` outside quotes, as ITU-T V.250 clause 5.4.5.1 allows."""
    if ";" not in body:
        return [body]
    pieces = body.split('"')
    outside = "\0".join(piece if at % 2 else piece.replace(";", "\n") for at, piece in enumerate(pieces))
    return [part for part in outside.replace("\0", '"').split("\n") if part]
