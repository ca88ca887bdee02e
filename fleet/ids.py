"""Identifiers: UUIDv7 for rows, names for things people type, E.164 for phones."""

import os
import re
import time
from uuid import UUID

import phonenumbers

from fleet.errors import Invalid

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def uuid7(unix_ms: int | None = None) -> UUID:
    """A new UUIDv7 (RFC 9562 §5.7): sorts by its millisecond of creation, 74 random bits behind it."""
    stamp = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    random = int.from_bytes(os.urandom(10), "big")
    value = (
        (stamp & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 62 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    )
    return UUID(int=value)


def check_name(value: str, what: str) -> str:
    """`value` if it can name a thing in topics, URLs and files; raises Invalid."""
    if not NAME.fullmatch(value):
        raise Invalid(
            f"expected {what} of 1 to 64 letters, digits, '.', '_' or '-' that begins with a letter or digit, "
            f"got {value[:80]!r}: choose another"
        )
    return value


def check_phone(value: str) -> str:
    """`value` as E.164 (`+` and at most 15 digits); raises Invalid for what is no phone number."""
    try:
        parsed = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise Invalid(f"expected a phone number in E.164 such as +12025550123, got {value[:40]!r}: correct the number")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
