"""AT command lines, cut into commands (ITU-T V.250 clauses 5.2 to 5.4)."""

import re
from dataclasses import dataclass
from typing import Literal

Operation = Literal["run", "read", "test", "set"]

_BASIC = re.compile(r"(&?[A-Z])(\d*)(\?|=\??[^;]*)?")
_EXTENDED = re.compile(r"([+^$#*%!\\][A-Z0-9]+)(=\?|\?|=)?")


@dataclass(frozen=True, slots=True)
class Request:
    """One command of a line: name with its sign, what is asked, arguments without quotes and as they came."""

    name: str
    operation: Operation
    arguments: tuple[str, ...] = ()
    raw: str = ""

    def argument(self, index: int, default: str = "") -> str:
        """The argument at this place, or the default where it is left out."""
        given = self.arguments[index] if index < len(self.arguments) else ""
        return given or default


def parse_line(text: str) -> list[Request] | None:
    """The commands of a line behind "AT"; None when it is none."""
    requests: list[Request] = []
    rest = text.strip()
    while rest:
        if rest[0] == ";" or rest[0] == " ":
            rest = rest[1:]
            continue
        head = rest.upper()
        if head[0] == "D":
            requests.append(Request("D", "set", (rest[1:],)))
            return requests
        if extended := _EXTENDED.match(head):
            body, rest = _until_semicolon(rest[extended.end() :])
            sign = extended[2]
            if sign != "=" and body.strip():
                return None
            requests.append(_request(extended[1], sign, body))
        elif basic := _BASIC.match(head):
            rest = rest[basic.end() :]
            if basic[3]:  # S0=1, E?
                sign, body = ("?", "") if basic[3] == "?" else ("=", basic[3][1:])
                requests.append(_request(basic[1] + basic[2], sign, body))
            else:
                requests.append(Request(basic[1], "run", (basic[2],)))
        else:
            return None
    return requests


def split_arguments(body: str) -> tuple[str, ...]:
    """Comma-separated arguments; quotes are taken off and protect commas."""
    if '"' not in body:
        return tuple(part.strip() for part in body.split(","))
    arguments: list[str] = []
    current = ""
    quoted = False
    for char in body:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            arguments.append(current)
            current = ""
        elif quoted or char != " ":
            current += char
    return (*arguments, current)


def _request(name: str, sign: str | None, body: str) -> Request:
    if sign == "=?":
        return Request(name, "test")
    if sign == "?":
        return Request(name, "read")
    if sign == "=":
        return Request(name, "set", split_arguments(body), body.strip())
    return Request(name, "run")


def _until_semicolon(text: str) -> tuple[str, str]:
    quoted = False
    for index, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == ";" and not quoted:
            return text[:index], text[index + 1 :]
    return text, ""
