"""The versions of MQTT that are spoken here, by protocol level; each is a module with the same functions."""

from collections.abc import Sequence
from typing import Protocol

from fleet.ingest.mqtt.codec import v5, v31, v311
from fleet.ingest.mqtt.codec.packets import Packet, Terms
from fleet.ingest.mqtt.codec.reasons import Reason


class Dialect(Protocol):
    """How one version reads a client's packets behind CONNECT and writes a server's.

    What a version cannot say becomes the nearest thing it can, or no bytes at all.
    """

    FIRST_BYTES: frozenset[int]
    PINGRESP: bytes
    REFUSES: bool

    def decode(self, first: int, body: bytes) -> Packet: ...
    def connack(self, present: bool, reason: Reason, terms: Terms | None = None) -> bytes: ...
    def puback(self, identifier: int, reason: Reason = Reason.SUCCESS) -> bytes: ...
    def pubrec(self, identifier: int, reason: Reason = Reason.SUCCESS) -> bytes: ...
    def pubcomp(self, identifier: int, reason: Reason = Reason.SUCCESS) -> bytes: ...
    def refused(self, ack: bytes, reason: Reason) -> bytes: ...
    def suback(self, identifier: int, codes: Sequence[int]) -> bytes: ...
    def unsuback(self, identifier: int, codes: Sequence[int]) -> bytes: ...
    def disconnect(self, reason: Reason) -> bytes: ...


DIALECTS: dict[int, Dialect] = {3: v31, 4: v311, 5: v5}
