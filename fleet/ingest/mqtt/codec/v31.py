"""MQTT 3.1 (`MQIsdp`, protocol level 3), which old modem firmware still speaks: 3.1.1 but for these differences.

- A repeated SUBSCRIBE, UNSUBSCRIBE or PUBREL has the DUP flag (§2.1 of the specification of 2010).
- A filter cannot be refused: it is granted, and nothing is ever sent on it (§3.8).
- A client id has 1 to 23 characters (§3.1); `login` sees to that.
"""

from collections.abc import Sequence

from fleet.ingest.mqtt.codec import v311
from fleet.ingest.mqtt.codec.packets import Packet
from fleet.ingest.mqtt.codec.reasons import REFUSAL
from fleet.ingest.mqtt.codec.v311 import (
    DUP,
    PINGRESP,
    PUBLISH,
    PUBREL,
    REFUSES,
    SUBSCRIBE,
    UNSUBSCRIBE,
    connack,
    disconnect,
    puback,
    pubcomp,
    publish,
    pubrec,
    refused,
    unsuback,
)

__all__ = [
    "FIRST_BYTES", "PINGRESP", "REFUSES",
    "connack", "decode", "disconnect", "puback", "pubcomp", "publish", "pubrec", "refused", "suback", "unsuback",
]  # fmt: skip

CLIENT_ID = 23
"""Characters a client id may have."""

FIRST_BYTES = v311.FIRST_BYTES | {SUBSCRIBE | DUP, UNSUBSCRIBE | DUP, PUBREL | DUP}
"""What a client may begin a packet with."""


def decode(first: int, body: bytes) -> Packet:
    """The packet with this first byte (one of FIRST_BYTES) and body; raises Malformed."""
    return v311.decode(first if first & 0xF0 == PUBLISH else first & ~DUP, body)


def suback(identifier: int, codes: Sequence[int]) -> bytes:
    """SUBACK: a refused filter looks granted with QoS 0."""
    return v311.suback(identifier, [0 if code >= REFUSAL else code for code in codes])
