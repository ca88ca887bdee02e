"""Identity and time of a message."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.telemetry.messages import used_time
from fleet.telemetry.models import Quality
from tests.fleet.telemetry.build import NOW_MS, WINDOW, message

ACCOUNT = UUID(int=1)


def test_the_devices_own_id_is_the_identity_whatever_the_content() -> None:
    one, other = message(ACCOUNT, {"a": 1}, identifier="7"), message(ACCOUNT, {"a": 2}, identifier="7")
    assert one.identity == other.identity
    assert one.digest != other.digest


def test_without_an_id_time_and_content_are_the_identity() -> None:
    one = message(ACCOUNT, {"a": 1, "b": 2})
    assert one.identity == message(ACCOUNT, {"b": 2, "a": 1}).identity, "the order of values is no content"
    assert one.identity != message(ACCOUNT, {"a": 1, "b": 3}).identity
    assert one.identity != message(ACCOUNT, {"a": 1, "b": 2}, device_ms=NOW_MS + 1).identity


def test_with_neither_every_message_is_new() -> None:
    one, other = message(ACCOUNT, device_ms=None), message(ACCOUNT, device_ms=None)
    assert one.digest == other.digest
    assert one.identity != other.identity


def test_an_event_is_no_telemetry_of_the_same_time() -> None:
    assert message(ACCOUNT, {"a": "on"}).digest != message(ACCOUNT, event=("a", "on")).digest


@pytest.mark.parametrize("value", [1.0, True, "1"])
def test_values_of_different_kinds_differ(value: float | bool | str) -> None:
    assert message(ACCOUNT, {"a": 1}).digest != message(ACCOUNT, {"a": value}).digest


@pytest.mark.parametrize(
    ("device_ms", "used_ms", "quality"),
    [
        (None, NOW_MS, Quality.MISSING),
        (NOW_MS - 5, NOW_MS - 5, Quality.DEVICE),
        (NOW_MS - WINDOW.past_ms, NOW_MS - WINDOW.past_ms, Quality.DEVICE),
        (NOW_MS - WINDOW.past_ms - 1, NOW_MS, Quality.IMPLAUSIBLE),
        (NOW_MS + WINDOW.ahead_ms, NOW_MS + WINDOW.ahead_ms, Quality.DEVICE),
        (NOW_MS + WINDOW.ahead_ms + 1, NOW_MS, Quality.IMPLAUSIBLE),
        (0, NOW_MS, Quality.IMPLAUSIBLE),
    ],
)
def test_the_time_that_counts(device_ms: int | None, used_ms: int, quality: Quality) -> None:
    assert used_time(device_ms, NOW_MS, WINDOW) == (used_ms, quality)


@given(st.none() | st.integers(-(2**70), 2**70), st.integers(0, 2**45))
def test_the_time_that_counts_is_never_outside_the_window(device_ms: int | None, received_ms: int) -> None:
    used_ms, _ = used_time(device_ms, received_ms, WINDOW)
    assert -WINDOW.past_ms <= used_ms - received_ms <= WINDOW.ahead_ms
