"""Where MQTT 3.1 differs from 3.1.1."""

from fleet.ingest.mqtt.codec import v31
from fleet.ingest.mqtt.codec.connect import decode_connect
from fleet.ingest.mqtt.codec.dialects import DIALECTS
from fleet.ingest.mqtt.codec.packets import Publish, PubRel, Subscribe, Unsubscribe
from tests.fleet.ingest.mqtt.client import connect, publish, pubrel, subscribe, unsubscribe


def test_its_connect_has_another_name() -> None:
    found = decode_connect(connect(name="MQIsdp", level=3)[2:])
    assert (found.level, found.client_id, DIALECTS[found.level]) == (3, "c1", v31)


def test_what_is_repeated_has_the_dup_flag() -> None:
    for packet, expected in (
        (subscribe(7, ("a", 1)), Subscribe(7, (("a", 1),))),
        (unsubscribe(7, "a"), Unsubscribe(7, ("a",))),
        (pubrel(7), PubRel(7)),
    ):
        for first in (packet[0], packet[0] | 0x08):
            assert first in v31.FIRST_BYTES
            assert v31.decode(first, packet[2:]) == expected
    assert v31.decode(0x3A, publish("a", b"x", 7)[2:]) == Publish("a", b"x", 1, 7, False, True)


def test_a_refused_filter_looks_granted() -> None:
    assert v31.suback(10, [1, 0x87]) == bytes.fromhex("9004000a0100")
