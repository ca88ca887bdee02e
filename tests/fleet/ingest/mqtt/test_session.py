"""One connection as a pure machine: what may happen on it, in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.effects import Delivery, Effects
from fleet.ingest.mqtt.limits import Limits
from fleet.ingest.mqtt.session import State
from fleet.telemetry.models import Kind
from tests.fleet.ingest.mqtt.client import (
    DISCONNECT,
    PINGREQ,
    answers,
    connect,
    publish,
    subscribe,
    unsubscribe,
)
from tests.fleet.ingest.mqtt.line import COMMANDS, CONNACK, EVENTS, TELEMETRY, Line, opened, why


def test_a_publish_is_acknowledged_only_after_its_commit() -> None:
    line = opened()
    effects = line.receive(publish(TELEMETRY, b"1", 7), publish(EVENTS, b"2", 8), publish(TELEMETRY, b"3"))
    assert [(one.kind, one.topic, one.payload) for one in effects.deliveries if isinstance(one, Delivery)] == [
        (Kind.TELEMETRY, TELEMETRY, b"1"),
        (Kind.EVENT, EVENTS, b"2"),
        (Kind.TELEMETRY, TELEMETRY, b"3"),
    ]
    assert line.acks() == []
    line.committed(1)
    assert line.acks() == [7]
    line.committed(2)
    assert line.acks() == [7, 8]


def test_acknowledgements_leave_in_the_order_of_arrival_a_subscription_among_them() -> None:
    line = opened()
    line.receive(publish(TELEMETRY, b"1", 1), subscribe(2, (COMMANDS, 1)))
    line.did(line.session.subscribed(0.0))
    assert answers(line.sent)[1:] == [], "the SUBACK waits for the publish before it"
    line.receive(publish(TELEMETRY, b"2", 3))
    line.committed(2)
    assert [first for first, _ in answers(line.sent)] == [0x20, 0x40, 0x90, 0x40]


def test_retain_is_accepted_and_means_nothing() -> None:
    line = opened()
    packet = bytearray(publish(TELEMETRY, b"1", 7))
    packet[0] |= 0x01
    line.receive(bytes(packet))
    line.committed(1)
    assert (line.stored, line.acks(), line.faults) == ([b"1"], [7], 0)


def test_a_repeat_on_the_live_connection_is_stored_and_acknowledged_twice() -> None:
    line = opened()
    line.receive(publish(TELEMETRY, b"1", 7))
    line.receive(publish(TELEMETRY, b"1", 7, dup=True))
    line.committed(2)
    assert (line.stored, line.acks()) == ([b"1", b"1"], [7, 7])


def test_publish_and_disconnect_in_one_segment_still_stores() -> None:
    line = opened()
    line.receive(publish(TELEMETRY, b"1", 7), publish(TELEMETRY, b"2"), DISCONNECT)
    assert line.stored == [b"1", b"2"]
    assert line.closed is None, "it ends after the commit"
    line.committed(2)
    assert line.acks() == [7]
    assert line.closed == "the client disconnected"


def test_connect_publish_disconnect_in_one_segment_waits_for_the_decision() -> None:
    line = Line()
    effects = line.receive(connect(), publish(TELEMETRY, b"1", 7), DISCONNECT)
    assert effects.login is not None
    assert (effects.login.user_name, effects.login.password) == ("m1", b"secret")
    assert (line.stored, line.session.reading) == ([], False)
    line.admit()
    assert (line.stored, line.sent) == ([b"1"], CONNACK)
    line.committed(1)
    assert (line.acks(), line.closed) == ([7], "the client disconnected")


def test_nothing_behind_a_refused_connect_counts() -> None:
    line = Line()
    line.receive(connect(), publish(TELEMETRY, b"1", 7))
    line.did(line.session.refuse(Reason.BAD_USER_NAME_OR_PASSWORD, "wrong token"))
    assert (line.stored, line.sent, line.closed) == ([], b"\x20\x02\x00\x04", "wrong token")
    assert line.receive(publish(TELEMETRY, b"2", 8)) == Effects()
    assert line.admit() == Effects()


def test_a_session_that_was_there_is_said_to_be_present() -> None:
    line = Line()
    line.receive(connect(clean=False))
    line.admit(present=True)
    assert line.sent == b"\x20\x02\x01\x00"


def test_a_malformed_packet_leaves_the_good_ones_before_it_valid() -> None:
    line = opened()
    line.receive(publish(TELEMETRY, b"1", 7), b"\xf0\x00", publish(TELEMETRY, b"2", 8))
    assert (line.stored, line.closed, line.faults) == ([b"1"], None, 1)
    line.committed(1)
    assert line.acks() == [7]
    assert line.faults == 1
    assert line.closed is not None
    assert "0xf0" in line.closed


@pytest.mark.parametrize(
    "bad",
    [
        publish("devices/m2/telemetry", b"x", 8),
        publish("devices/m1/commands", b"x", 8),
        publish("devices/m1/telemetry/x", b"x", 8),
    ],
)
def test_a_forbidden_publish_ends_the_connection_after_what_came_before_is_acknowledged(bad: bytes) -> None:
    line = opened()
    line.receive(publish(TELEMETRY, b"1", 7), bad, publish(TELEMETRY, b"2", 9))
    assert (line.stored, line.closed) == ([b"1"], None)
    line.committed(1)
    assert (line.acks(), line.stored) == ([7], [b"1"])
    assert line.closed is not None
    assert line.closed.startswith("expected a publish")


def test_subscriptions_get_one_answer_a_filter_and_are_kept_before_it() -> None:
    line = opened()
    effects = line.receive(subscribe(5, (COMMANDS + "/#", 2), ("#", 1), (COMMANDS, 0)), publish(EVENTS, b"1"))
    assert effects.subscriptions == ((COMMANDS + "/#", 1), (COMMANDS, 0))
    assert (line.session.reading, line.stored) == (False, [])
    line.did(line.session.subscribed(0.0))
    assert answers(line.sent)[1:] == [(0x90, b"\x00\x05\x01\x80\x00")]
    assert line.stored == [b"1"], "what was held back is taken up"
    line.committed(1)
    effects = line.receive(unsubscribe(6, COMMANDS, "unknown"))
    assert effects.subscriptions == ((COMMANDS + "/#", 1),)
    line.did(line.session.subscribed(0.0))
    assert answers(line.sent)[2:] == [(0xB0, b"\x00\x06")]


def test_more_subscriptions_than_allowed_are_refused() -> None:
    line = opened(Limits(subscriptions=2))
    line.receive(subscribe(1, *[(f"{COMMANDS}/{n}", 0) for n in range(3)]))
    line.did(line.session.subscribed(0.0))
    assert answers(line.sent)[1:] == [(0x90, b"\x00\x01\x00\x00\x80")]


def test_a_ping_is_answered_at_once_though_a_commit_is_outstanding() -> None:
    line = opened()
    line.receive(publish(TELEMETRY, b"1", 7), PINGREQ)
    assert answers(line.sent)[1:] == [(0xD0, b"")]


def test_no_more_is_read_than_may_wait() -> None:
    line = opened(Limits(window=3))
    line.receive(*[publish(TELEMETRY, b"%d" % n, n) for n in range(1, 9)])
    assert (len(line.stored), line.session.reading) == (3, False)
    line.committed(2)
    assert (line.stored, line.session.reading) == ([b"1", b"2", b"3", b"4", b"5"], False)
    line.committed(3)
    line.committed(3)
    assert (line.acks(), line.session.reading) == (list(range(1, 9)), True)


def test_no_more_bytes_are_taken_than_may_wait() -> None:
    line = opened(Limits(window_size=100))
    line.receive(*[publish(TELEMETRY, bytes(60), n) for n in range(1, 5)])
    assert (len(line.stored), line.session.reading) == (2, False)


def test_a_second_connect_ends_the_connection() -> None:
    line = opened()
    line.receive(connect())
    assert line.closed is not None
    assert "0x10" in line.closed


@pytest.mark.parametrize("first", [publish(TELEMETRY, b"1", 7), PINGREQ, b"GET / HTTP/1.1\r\n", b"\x16\x03\x01"])
def test_whatever_is_not_connect_first_is_closed_without_an_answer(first: bytes) -> None:
    line = Line()
    line.receive(first)
    assert (line.sent, line.closed is not None, line.stored) == (b"", True, [])


def test_another_version_is_told_so() -> None:
    line = Line()
    line.receive(connect(level=6))
    assert line.sent == b"\x20\x02\x00\x01"
    assert line.closed is not None
    assert "3.1.1" in line.closed


def test_a_connect_over_its_limit_is_closed_before_it_is_whole() -> None:
    line = Line()
    line.receive(b"\x10\xff\xff\x03")
    assert line.closed is not None
    assert "4096" in line.closed


def test_a_packet_of_200_megabytes_is_closed_before_its_body() -> None:
    line = opened()
    line.receive(bytes.fromhex("3080c2d75f"))
    assert line.closed is not None
    assert "at most 131072 bytes" in line.closed


def test_ending_discards_what_waits() -> None:
    line = opened()
    line.receive(publish(TELEMETRY, b"1", 7))
    line.did(line.session.end("storage failed", Reason.QUOTA_EXCEEDED))
    assert (line.closed, line.acks()) == ("storage failed", [])
    assert line.committed(1) == Effects()
    assert line.session.end("again", Reason.QUOTA_EXCEEDED) == Effects()


def test_keep_alive_is_one_and_a_half_times_what_the_client_said() -> None:
    line = Line()
    line.receive(connect(keep_alive=10))
    line.admit()
    assert line.session.overdue(15.0) is None
    assert "keep-alive" in why(line, 15.1)
    line.now = 15.0
    line.receive(PINGREQ)
    assert line.session.overdue(30.0) is None
    assert line.session.overdue(30.1) is not None


def test_no_keep_alive_means_for_ever() -> None:
    line = Line()
    line.receive(connect(keep_alive=0))
    line.admit()
    assert line.session.overdue(1e9) is None


def test_a_connect_that_does_not_come_is_overdue() -> None:
    line = Line()
    line.now = 9.0
    line.receive(connect()[:-1])
    assert line.session.overdue(10.0) is None
    assert "CONNECT" in why(line, 10.1)


def test_a_commit_that_does_not_come_is_overdue_but_a_slow_one_is_no_silence() -> None:
    line = Line()
    line.receive(connect(keep_alive=1))
    line.admit()
    line.now = 1.0
    line.receive(publish(TELEMETRY, b"1", 1), publish(TELEMETRY, b"2", 2))
    assert line.session.overdue(16.0) is None
    assert "commit" in why(line, 16.1)
    line.now = 14.0
    line.committed(1)
    assert line.session.overdue(29.0) is None, "progress was made"


def test_time_in_which_nothing_was_read_is_no_silence() -> None:
    line = opened(Limits(window=1))
    line.session._keep_alive = 1.5
    line.receive(publish(TELEMETRY, b"1", 1))
    line.now = 10.0
    line.committed(1)
    assert line.session.overdue(11.5) is None
    assert line.session.overdue(11.6) is not None


GOOD = st.sampled_from([
    publish(TELEMETRY, b"a", 1), publish(EVENTS, b"b", 2), publish(TELEMETRY, b"c"), PINGREQ, DISCONNECT,
    subscribe(3, (COMMANDS, 1), ("#", 0)), unsubscribe(4, COMMANDS), b"\x40\x02\x00\x01",
])  # fmt: skip
BAD = st.binary(max_size=40) | st.sampled_from([publish("other", b"x", 9), connect(), b"\x30\xff\xff\xff\x7f"])


def play(chunks: list[bytes]) -> Line:
    """Bring in the chunks; commit and store at once whatever is asked; the end of the story."""
    line = Line(Limits(window=4))
    for chunk in chunks:
        pending = [line.receive(chunk)]
        while pending:
            effects = pending.pop(0)
            if effects.login is not None:
                pending.append(line.admit())
            if effects.deliveries:
                pending.append(line.committed(len(effects.deliveries)))
            if effects.subscriptions is not None:
                pending.append(line.did(line.session.subscribed(0.0)))
    return line


@given(st.lists(GOOD | BAD, max_size=12), st.lists(st.integers(1, 60)))
def test_however_a_stream_is_divided_the_same_is_stored_and_answered(packets: list[bytes], cuts: list[int]) -> None:
    stream = connect() + b"".join(packets)
    whole, single = play([stream]), play([stream[at : at + 1] for at in range(len(stream))])
    chunks, at = [], 0
    for size in [*cuts, len(stream)]:
        chunks.append(stream[at : at + size])
        at += size
    for other in (single, play(chunks)):
        assert (other.stored, other.closed, other.acks()) == (whole.stored, whole.closed, whole.acks())
        assert sorted(answers(other.sent)) == sorted(answers(whole.sent))
    assert whole.session.state in (State.OPEN, State.CLOSED)
