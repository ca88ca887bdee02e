"""docs/modem_drivers.md names for each fault the scenario that shows it, and the scenarios of faults are all named."""

import ast
import re

import pytest

from tests.docs.test_configuration import PAGE as CONFIGURATION

ROOT = CONFIGURATION.parents[1]
PAGE = CONFIGURATION.with_name("modem_drivers.md")
SCENARIOS = ROOT / "tests/scenarios"
WANTED = (
    "CMS 38", "CMS 500", "CMS 332", "silent 30 s", "silent 90 s", "no prompt", "at the prompt", "after the PDU", "idle",
    "echo", "garbage", "between `+CMGS` and OK", "before the prompt", "inside a CMGR, CMGD or CMGL", "2 inbound",
    "20 inbound", "kill -9", "sits at its prompt", "delivery report", "late, and twice", "emoji, out", "emoji, in",
    "out of order", "a name as the sender", "Turkish, Spanish, Portuguese", "memory full", "PIN wrong",
)  # fmt: skip


def scenarios() -> dict[str, str]:
    """Test → the file it is in."""
    found = {}
    for path in SCENARIOS.rglob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found[node.name] = path.read_text()
    return found


def rows() -> dict[str, list[str]]:
    """Fault → the scenarios its row names."""
    section = PAGE.read_text().split("\n## What it survives\n")[1].split("\n## ")[0]
    table = [re.split(r" *\| *", line)[1:-1] for line in section.splitlines() if line.startswith("| ")]
    assert table[0][0] == "fault"
    assert table[0][-1] == "scenario"
    assert {len(row) for row in table} == {len(table[0])}
    return {row[0]: re.findall(r"`(test_[^`]+)`", row[-1]) for row in table[1:]}


def test_each_fault_names_scenarios_that_exist() -> None:
    exist = scenarios()
    for fault, named in rows().items():
        assert named, f"{fault}: no scenario"
        for name in named:
            test, _, case = name.rstrip("]").partition("[")
            assert test in exist, f"{fault}: there is no {test}"
            assert not case or case in exist[test], f"{fault}: {test} has no case {case}"


@pytest.mark.parametrize("fault", WANTED)
def test_no_fault_is_forgotten(fault: str) -> None:
    assert any(fault in row for row in rows())


def test_the_page_forgets_no_file_of_faults() -> None:
    exist = scenarios()
    named = {exist[name.partition("[")[0]] for tests in rows().values() for name in tests}
    for path in (SCENARIOS / "faults").glob("test_*.py"):
        assert path.read_text() in named, f"{path.name} is not in the table of {PAGE.name}"
