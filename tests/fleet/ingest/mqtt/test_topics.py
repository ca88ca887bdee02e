"""Which topics a device may use."""

import pytest

from fleet.ingest.mqtt.codec.packets import Subscribe
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.topics import publish_topics, subscribe, valid_filter
from fleet.telemetry.models import Kind


def test_a_device_publishes_only_its_own_telemetry_and_events() -> None:
    assert publish_topics("m1") == {"devices/m1/telemetry": Kind.TELEMETRY, "devices/m1/events": Kind.EVENT}


def asked(*filters: tuple[str, int], identified: bool = False) -> Subscribe:
    return Subscribe(1, filters, identified)


@pytest.mark.parametrize(
    "pattern",
    ["devices/m1/commands", "devices/m1/commands/#", "devices/m1/commands/+", "devices/m1/commands/+/x"],
)
def test_own_commands_may_be_subscribed(pattern: str) -> None:
    kept: dict[str, int] = {}
    assert subscribe("m1", asked((pattern, 0), (pattern, 2)), kept, 1) == [0, 1]
    assert kept == {pattern: 1}


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("#", Reason.NOT_AUTHORIZED),
        ("+/m1/commands", Reason.NOT_AUTHORIZED),
        ("devices/+/commands", Reason.NOT_AUTHORIZED),
        ("devices/m2/commands", Reason.NOT_AUTHORIZED),
        ("devices/m1/telemetry", Reason.NOT_AUTHORIZED),
        ("devices/m1/#", Reason.NOT_AUTHORIZED),
        ("devices/m1/commandsx", Reason.NOT_AUTHORIZED),
        ("$SYS/#", Reason.NOT_AUTHORIZED),
        ("/devices/m1/commands", Reason.NOT_AUTHORIZED),
        ("devices/m1/commands#", Reason.TOPIC_FILTER_INVALID),
        ("devices/m1/commands/a#", Reason.TOPIC_FILTER_INVALID),
        ("devices/m1/commands/#/a", Reason.TOPIC_FILTER_INVALID),
        ("$share/g/devices/m1/commands", Reason.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED),
        ("$share//devices/m1/commands", Reason.TOPIC_FILTER_INVALID),
        ("$share/+/devices/m1/commands", Reason.TOPIC_FILTER_INVALID),
        ("$share/g", Reason.TOPIC_FILTER_INVALID),
    ],
)
def test_everything_else_is_refused_by_name(pattern: str, reason: Reason) -> None:
    kept: dict[str, int] = {}
    assert (subscribe("m1", asked((pattern, 0)), kept, 9), kept) == ([reason], {})


def test_a_full_list_and_an_identifier_are_refused() -> None:
    kept = {"devices/m1/commands": 0}
    assert subscribe("m1", asked(("devices/m1/commands/a", 0), ("devices/m1/commands", 1)), kept, 1) == [0x97, 1]
    assert subscribe("m1", asked(("devices/m1/commands", 1), identified=True), kept, 1) == [0xA1]


@pytest.mark.parametrize(
    ("pattern", "valid"),
    [("#", True), ("a/#", True), ("+/b", True), ("a/+/#", True), ("a#", False), ("#/a", False), ("a+/b", False)],
)
def test_wildcards_fill_whole_levels(pattern: str, valid: bool) -> None:
    """The examples of MQTT 3.1.1 §4.7.1."""
    assert valid_filter(pattern) is valid
