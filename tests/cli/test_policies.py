"""`fleet policies`, whole screens."""

import json
from textwrap import dedent

import pytest

from tests.cli.conftest import Service, Shell


def test_add_says_what_happened_and_what_is_next(shell: Shell, service: Service) -> None:
    shell.pipe("technicians add ana --phone +12025550123")
    assert shell.terminal("policies add cooling --step ana:300") == (
        0,
        "Added policy cooling: ana for 300 s.\n",
        "Next: use it in a rule: fleet rules add NAME --point temperature --above 5 --policy cooling\n",
    )


def test_list_is_a_table_tabs_or_a_document(story: Shell) -> None:
    assert story.terminal("policies list").out == dedent("""\
        NAME     ROUNDS  STEPS
        cooling  2       ana for 300 s, then ben for 120 s
        """)
    assert story.pipe("policies list").out == "cooling\t2\tana for 300 s, then ben for 120 s\n"
    assert json.loads(story.pipe("policies list --json").out) == [
        {
            "name": "cooling",
            "rounds": 2,
            "steps": [{"technician": "ana", "timeout_s": 300}, {"technician": "ben", "timeout_s": 120}],
        }
    ]


def test_a_step_names_a_technician_who_exists(story: Shell) -> None:
    story.refused("policies add other --step nobody:300", "nobody")


@pytest.mark.parametrize("step", ["ana", "ana:", ":300", "ana:5m", "ana:-1"])
def test_a_step_that_is_none_is_refused_here(shell: Shell, service: Service, step: str) -> None:
    assert shell.pipe(f"policies add cooling --step {step}") == (
        2, "", f"fleet: expected a step such as ana:300 (seconds), got {step!r}: correct --step\n",
    )  # fmt: skip
