"""`fleet alerts`, whole screens."""

import json
from textwrap import dedent

from tests.cli.conftest import Service, Shell, raised


def test_list_is_a_table_tabs_or_a_document(story: Shell, service: Service) -> None:
    raised(service)
    assert story.terminal("alerts list --state raised").out == dedent("""\
        RULE  DEVICE  STATE   SEVERITY  SUMMARY              RAISED                CLEARED
        warm  vm-01   raised  major     temperature 6.2 > 5  2026-03-01 12:00:00Z
        """)
    assert story.pipe("alerts list").out == "warm\tvm-01\traised\tmajor\ttemperature 6.2 > 5\t2026-03-01 12:00:00Z\t\n"
    (alert,) = json.loads(story.pipe("alerts list --json").out)
    assert (alert["rule"], alert["device"], alert["why"]) == ("warm", "vm-01", {"value": 6.2})


def test_list_chooses_by_state_and_device(story: Shell, service: Service) -> None:
    raised(service)
    assert story.pipe("alerts list --device vm-02").out == ""
    assert story.pipe("alerts list --state cleared").out == ""
    assert story.pipe("alerts list --device vm-01").out != ""
    story.refused("alerts list --state broken", "state")


def test_an_open_alert_is_shown_with_its_machine(story: Shell, service: Service) -> None:
    raised(service)
    shown = story.terminal("devices show vm-01").out
    assert shown.endswith(
        "Open alerts\n"
        "RULE  SEVERITY  SUMMARY              SINCE\n"
        "warm  major     temperature 6.2 > 5  2026-03-01 12:00:00Z\n"
    )
