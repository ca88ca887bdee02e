"""What is wrong with a value from outside, in the words of this program instead of pydantic's."""

import re
from collections.abc import Mapping
from typing import Any

SHOWN = 60
"""Characters of a wrong value that are shown."""

SECRET = re.compile("pin|token|secret|password", re.IGNORECASE)
"""Names of values that are never shown."""

ENUM = re.compile(r"<[\w.]+: ('[^']*')>")
"""How pydantic writes a member of an enum in a list."""

LINE = r"^[^\x00-\x1f\x7f]+$"
LINE_OR_NONE = r"^[^\x00-\x1f\x7f]*$"
IMSI = r"^[0-9]{6,15}$"
ICCID_BEGINNING = r"^[0-9A-F]{0,20}$"
HOST = r"^[0-9A-Za-z.:_-]+$"
PRINTABLE = r"^[!-~]*$"
BROKER_URL = r"^(mqtts?://[^/@\s]+)?$"
TOPIC_LEVEL = r"^[^/+#\s]*$"

PATTERNS = {
    LINE: "one line of text without control characters",
    LINE_OR_NONE: "one line of text without control characters",
    IMSI: "6 to 15 digits",
    ICCID_BEGINNING: "the beginning of an ICCID, up to 20 digits,",
    HOST: "a host's name or address",
    PRINTABLE: "letters, digits and signs of ASCII without blanks",
    BROKER_URL: "mqtt://HOST:PORT or mqtts://HOST:PORT",
    TOPIC_LEVEL: "a name without blanks, '/', '+' and '#'",
}
"""Every pattern that a value from outside must match → what it asks for, in words."""

EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "a name that is known here",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "path_type": "a path",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "an object",
    "json_invalid": "JSON",
    "uuid_parsing": "an id (UUID)",
    "datetime_parsing": "an ISO time",
    "datetime_from_date_parsing": "an ISO time",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} items",
    "too_long": "at most {max_length} items",
    "string_pattern_mismatch": "text of another form",
    "enum": "{expected}",
    "literal_error": "{expected}",
    "union_tag_invalid": "{expected_tags}",
}
"""pydantic's kind of error → what would have been right, with what its context holds."""


def place(error: Mapping[str, Any], ignored: tuple[str, ...] = ()) -> str:
    """Where the wrong value stands, such as `http.port`; without the leading parts that are `ignored`."""
    parts = [str(part) for part in error["loc"]]
    if len(parts) > 1 and parts[0] in ignored:
        parts = parts[1:]
    return ".".join(parts)


def wrong(error: Mapping[str, Any], where: str, do: str) -> str:
    """One sentence of one of pydantic's errors: what was expected at `where`, what came, and what to `do`."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":  # a validator of ours: its sentence is whole
        return f"{error['msg'].removeprefix('Value error, ')} ({where})"
    wording = PATTERNS.get(context.get("pattern", "")) or EXPECTED.get(kind)
    expected = ENUM.sub(r"\1", wording.format(**context)) if wording else error["msg"].removeprefix("Input should be ")
    return f"expected {expected} as {where}, got {_got(error)}: {do}"


def _got(error: Mapping[str, Any]) -> str:
    """What came, cut; by its kind alone where it is large, and not at all where it may be a secret."""
    if error["type"] in ("missing", "json_invalid"):
        return "none" if error["type"] == "missing" else "something else"
    if error["type"] == "extra_forbidden":
        return repr(str(error["loc"][-1])[:SHOWN])
    if SECRET.search(str(error["loc"][-1]) if error["loc"] else ""):
        return "something else"
    value = error.get("ctx", {}).get("tag", error["input"])
    if isinstance(value, str | int | float | bool) or value is None:
        text = repr(value) if isinstance(value, str) else str(value)
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return {"dict": "an object", "list": f"{len(value)} items"}.get(type(value).__name__, "something else")
