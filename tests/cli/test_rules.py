"""`fleet rules`, whole screens."""

import json
from textwrap import dedent

import pytest

from tests.cli.conftest import Service, Shell


def test_add_says_what_happened_and_what_is_next(story: Shell) -> None:
    assert story.terminal("rules add cold --point temperature --at-or-below 1 --clear-above 2 --policy cooling") == (
        0,
        "Added rule cold on every machine: temperature ≤ 1, clears > 2.\n",
        "Next: see what it finds with `fleet alerts list`\n",
    )


def test_list_is_a_table_tabs_or_a_document(story: Shell) -> None:
    assert story.terminal("rules list").out == dedent("""\
        NAME   CONDITION                             SEVERITY  DEVICE  POLICY   ENABLED
        empty  event sold_out                        minor     vm-02   cooling  yes
        warm   temperature > 5 for 60 s, clears ≤ 4  major     every   cooling  yes
        """)
    assert story.pipe("rules list").out.splitlines()[0] == "empty\tevent sold_out\tminor\tvm-02\tcooling\tyes"
    assert [rule["name"] for rule in json.loads(story.pipe("rules list --json").out)] == ["empty", "warm"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--above 5 --policy none", "expected the name of a policy, got 'none'"),
        ("--above 5 --clear-below 9 --policy cooling", "at or below the level 5"),
        ("--above 5 --policy cooling --device vm-99", "vm-99"),
        ("--above 5 --policy cooling --severity dire", "severity"),
    ],
)
def test_refusals_come_in_the_services_words(story: Shell, options: str, words: str) -> None:
    story.refused(f"rules add warm2 --point temperature {options}", words)


def test_options_that_contradict_one_another_are_refused_here(shell: Shell, service: Service) -> None:
    for options, words in (
        ("", "expected --event CODE, or --point NAME with one of --above, --at-or-above, --below and --at-or-below"),
        ("--point t", "got 0 levels and the point t"),
        ("--above 5", "got 1 levels and no point"),
        ("--point t --above 5 --below 1", "got 2 levels"),
        ("--event sold_out --point t", "expected a rule on a point or on an event, got both"),
        ("--event sold_out --above 5", "expected a rule on a point or on an event, got both"),
        ("--point t --above nan", "expected a finite number, got nan: correct --above"),
        ("--point t --above 5 --clear-above 4", "expected --clear-below beside --above, got --clear-above"),
        ("--point t --at-or-below 5 --clear-below 4", "expected --clear-above beside --at-or-below"),
    ):
        screen = shell.pipe(f"rules add warm --policy p {options}")
        assert (screen.code, screen.out) == (2, "")
        assert words in screen.err
