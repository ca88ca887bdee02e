"""Commands that keep a value."""

import re
from typing import TYPE_CHECKING

from hw_fixtures.modem.errors import CmeRefusal
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

_GROUP = re.compile(r"\(([^)]*)\)")


def setting(modem: "SimulatedModem", request: Request) -> list[str]:
    """Show, describe or change a setting; values the model does not take are refused with CME 50."""
    row = modem.model.settings[request.name]
    value = modem.settings[request.name]
    if request.operation == "read":
        return [f"{request.name}: {row.read.format(value)}"]
    if request.operation == "test":
        return [f"{request.name}: {row.test}"]
    if request.operation == "run":
        modem.settings[request.name] = row.value
        return []
    if not allowed(row.test, request.arguments) or request.raw.startswith(row.refuses):
        raise CmeRefusal(50)
    modem.settings[request.name] = merged(value, request.raw)
    return [f"{request.name}: {row.reply}"] if row.reply else []


def allowed(test: str, arguments: tuple[str, ...]) -> bool:
    """Whether numbers stay within the ranges that the test command shows; words are not judged."""
    groups = _GROUP.findall(test)
    if not groups or '"' in test:
        return True
    if len(arguments) > len(groups):
        return request_may_add(test)
    return all(not given or _within(group, given) for group, given in zip(groups, arguments, strict=False))


def request_may_add(test: str) -> bool:
    """Commands such as AT+CUSD take free text behind their number."""
    return test.count("(") == 1


def merged(before: str, raw: str) -> str:
    """The new value; places left out keep what they had."""
    old, new = before.split(","), raw.split(",")
    if '"' in before or '"' in raw or len(new) > len(old):
        return raw if len(old) > 1 or '"' in before else new[0]
    return ",".join([given or kept for given, kept in zip(new, old, strict=False)] + old[len(new) :])


def _within(group: str, given: str) -> bool:
    if not group:
        return True
    for part in group.split(","):
        low, _, high = part.partition("-")
        if given.isascii() and given.isdigit() and int(low) <= int(given) <= int(high or low):
            return True
    return False
