"""`fleet technicians`, whole screens."""

import json
from textwrap import dedent

import pytest

from tests.cli.conftest import Service, Shell


def test_add_says_what_happened_and_what_is_next(shell: Shell, service: Service) -> None:
    assert shell.terminal("technicians add ana --phone +12025550123") == (
        0,
        "Added technician ana, +12025550123.\n",
        "Next: name them in a policy: fleet policies add NAME --step ana:300\n",
    )


def test_list_is_a_table_tabs_or_a_document(story: Shell) -> None:
    assert story.terminal("technicians list").out == dedent("""\
        NAME  PHONE         COMPANY    LANGUAGE  ACTIVE
        ana   +12025550123  Cold Care  en        yes
        ben   +12025550124             en        yes
        """)
    assert story.pipe("technicians list").out == "ana\t+12025550123\tCold Care\ten\tyes\nben\t+12025550124\t\ten\tyes\n"
    assert [person["name"] for person in json.loads(story.pipe("technicians list --json").out)] == ["ana", "ben"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("technicians add cleo --phone 12345", "expected a phone number in E.164"),
        ("technicians add ana --phone +12025550125", "ana"),
        (
            "technicians add cleo --phone +12025550125 --language xx",
            "expected a language that texts are written in (en)",
        ),
    ],
)
def test_refusals_come_in_the_services_words(story: Shell, line: str, words: str) -> None:
    story.refused(line, words)
