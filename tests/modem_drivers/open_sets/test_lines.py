"""Lines of other projects, read: behind whatever the line does to them."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest

from modem_drivers.at.parsers import card, contexts, operators, sleep
from modem_drivers.at.unsolicited import named
from modem_drivers.features.registration import parse_registration
from tests.modem_drivers.open_sets.mutations import cuts, doubled, interrupted
from tests.modem_drivers.open_sets.outcomes import Outcome, through
from tests.modem_drivers.open_sets.samples import HERE, SETS, rows

READERS: dict[str, Callable[[str], object]] = {
    "registration": parse_registration,
    "card.cpin": card.cpin,
    "contexts.addresses": contexts.addresses,
    "operators.selection": operators.selection,
    "sleep.cpsms": sleep.cpsms,
    "sleep.cedrx": sleep.cedrx,
}


def plain(value: Any) -> Any:
    """A structure as TOML can say it: what is None is left out."""
    if is_dataclass(value):
        told = {one.name: plain(getattr(value, one.name)) for one in fields(value)}
        return {name: one for name, one in told.items() if one is not None}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, IPv4Address | IPv6Address) else value


def heard(row: dict[str, Any], line: str) -> Iterator[Outcome]:
    """What the AT machine makes of the line as an answer, with everything that lines do to it."""
    says = f"\r\n{line}\r\n\r\nOK\r\n".encode()
    echo = f"AT{row['command']}\r".encode()
    for pieces in [*cuts(says), [doubled(says)], [echo + says], *([one] for one in interrupted(says))]:
        yield through(row, pieces).undisturbed()


@pytest.mark.parametrize("row", rows("line"))
def test_read(row: dict[str, Any]) -> None:
    read = READERS[row["reader"]]
    for line, *wanted in row["rows"]:
        assert plain(read(named(line)[1])) == (wanted[0] if wanted else None), line
        for found in heard(row, line):
            assert (found.lines, found.result, found.unsolicited) == ([line], "OK", [])


@pytest.mark.parametrize("name", SETS)
def test_every_file_says_whose_it_is(name: str) -> None:
    found = SETS[name]
    notice = (HERE / "LICENSES.md").read_text("utf-8")
    for field in ("repository", "licence", "copyright"):
        assert found[field] in notice
    tables = [row for kind in found.values() if isinstance(kind, list) for row in kind]
    assert tables
    assert all(row["from"] for row in tables)
