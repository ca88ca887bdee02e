"""The values after an answer's prefix: `2,1,"D509",,(0-3,7)` (ITU-T V.250 clauses 5.4.2 and 5.7.3)."""

import re
from bisect import bisect
from typing import Final

_CLOSING: Final = re.compile(r'"(?=\s*(?:[,)]|$))')
"""A quote that may end a value: a name may hold others."""

MAX_RANGE: Final = 1024
"""Most numbers a range such as (0-255) may name; a wider one counts as malformed."""


def split(text: str) -> list[str]:
    """The raw fields between commas outside quotes and parentheses, blanks trimmed; [] for empty text."""
    if not text.strip():
        return []
    if '"' not in text and "(" not in text:
        return [field.strip() for field in text.split(",")]
    closing = [match.start() for match in _CLOSING.finditer(text)]
    fields: list[str] = []
    at = start = depth = 0
    fresh = True  # nothing of the value is read yet: a quote here opens it
    while at < len(text):
        char = text[at]
        if char == '"' and fresh:
            end = bisect(closing, at)
            at = closing[end] if end < len(closing) else at  # one that is never closed says nothing
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif char == "," and depth == 0:
            fields.append(text[start:at].strip())
            start = at + 1
        fresh = char in "(," or (fresh and char.isspace())
        at += 1
    fields.append(text[start:].strip())
    return fields


def values(text: str) -> list[str]:
    """The fields of `text` without their quotes; an empty field is an empty string."""
    return [unquote(field) for field in split(text)]


def unquote(field: str) -> str:
    """The field without the quotes around it; one that is missing its partner goes too."""
    return field.strip().removeprefix('"').removesuffix('"').strip()


def number(field: str) -> int | None:
    """The field as a whole number, None where it is none (or has more than 18 digits)."""
    field = unquote(field)
    digits = field.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        return None
    return int(field)


def strings(group: str) -> tuple[str, ...]:
    """The names in a group such as `("SM","ME")`, quotes and parentheses removed."""
    return tuple(value for value in values(_inside(group)) if value)


def numbers(group: str) -> frozenset[int]:
    """The numbers in a group such as `(0-2,7)`; empty where the group is malformed or too wide."""
    found: set[int] = set()
    for field in split(_inside(group)):
        low, dash, high = field.partition("-")
        first = number(low)
        last = number(high) if dash else first
        if first is None or last is None or not 0 <= last - first < MAX_RANGE:
            return frozenset()
        found.update(range(first, last + 1))
        if len(found) > MAX_RANGE:
            return frozenset()
    return frozenset(found)


def _inside(group: str) -> str:
    return group.strip().removeprefix("(").removesuffix(")")
