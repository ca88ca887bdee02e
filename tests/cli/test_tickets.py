"""`fleet tickets`, whole screens."""

import json
from datetime import timedelta
from textwrap import dedent

import pytest

from tests.cli.conftest import Service, Shell, raised


def test_a_ticket_from_opened_to_resolved(story: Shell, service: Service) -> None:
    raised(service)
    assert story.terminal("tickets list").out == dedent("""\
        NUMBER  STATE  DEVICE  SEVERITY  SUMMARY              TECHNICIAN  OPENED
        1       open   vm-01   major     temperature 6.2 > 5              2026-03-01 12:00:00Z
        """)
    assert story.terminal("tickets accept 1 --technician ana") == (
        0, "Ticket 1 is ana's.\n", "Next: when the work is done: fleet tickets resolve 1\n",
    )  # fmt: skip
    service.clock.advance(timedelta(minutes=20))
    assert story.terminal('tickets resolve 1 --note "fan replaced"') == (
        0, "Ticket 1 is resolved.\n", "Next: fleet tickets show 1\n",
    )  # fmt: skip
    assert story.terminal("tickets show 1").out == dedent("""\
        ticket      1
        state       resolved
        device      vm-01
        summary     temperature 6.2 > 5
        severity    major
        policy      cooling
        technician  ana
        opened      2026-03-01 12:00:00Z
        accepted    2026-03-01 12:00:00Z
        resolved    2026-03-01 12:20:00Z

        Alerts
        RULE  STATE   SUMMARY              RAISED                CLEARED
        warm  raised  temperature 6.2 > 5  2026-03-01 12:00:00Z

        What happened
        AT                    WHAT             BY              FACTS
        2026-03-01 12:00:00Z  ticket.opened    fleet (rules)   device vm-01, rule warm, summary temperature
                                                               6.2 > 5
        2026-03-01 12:00:00Z  ticket.accepted  operator (api)  technician ana
        2026-03-01 12:20:00Z  ticket.resolved  operator (api)  evidence (note fan replaced)
        """)
    shown = json.loads(story.pipe("tickets show 1 --json").out)
    assert (shown["state"], shown["technician"], len(shown["timeline"])) == ("resolved", "ana", 3)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tickets show 9", "expected the number of a ticket, got 9"),
        ("tickets resolve 1", "1"),
        ("tickets accept 1 --technician nobody", "nobody"),
        ("tickets accept 1 --technician ana", "1"),
        ("tickets list --state broken", "state"),
    ],
)
def test_refusals_come_in_the_services_words(story: Shell, service: Service, line: str, words: str) -> None:
    raised(service)
    assert story.pipe("tickets resolve 1").code == 0
    story.refused(line, words)


@pytest.mark.parametrize("noun", ["technicians", "policies", "rules", "alerts", "tickets", "texts"])
def test_empty_lists_say_so_on_a_terminal_only(shell: Shell, service: Service, noun: str) -> None:
    screen = shell.terminal(f"{noun} list")
    assert (screen.code, screen.out) == (0, "")
    assert screen.err.startswith("No ")
    assert shell.pipe(f"{noun} list") == (0, "", "")
    assert shell.pipe(f"{noun} list --json") == (0, "[]\n", "")
