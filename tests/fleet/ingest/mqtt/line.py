"""A session and all it has asked for so far, for tests of what may happen on a connection."""

from dataclasses import dataclass, field

from fleet.ingest.mqtt.effects import Delivery, Effects, Release, Welcome
from fleet.ingest.mqtt.limits import LIMITS, Limits
from fleet.ingest.mqtt.session import Session
from tests.fleet.ingest.mqtt.client import acked, answers, connect

TELEMETRY, EVENTS, COMMANDS = "devices/m1/telemetry", "devices/m1/events", "devices/m1/commands"
CONNACK = b"\x20\x02\x00\x00"


@dataclass
class Line:
    """A session and all it has asked for so far."""

    limits: Limits = LIMITS
    now: float = 0.0
    stored: list[bytes] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    sent: bytes = b""
    closed: str | None = None
    faults: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.session = Session(self.now, self.limits)

    def did(self, effects: Effects) -> Effects:
        assert self.closed is None or effects == Effects(), "a closed connection does nothing"
        self.stored += [delivery.payload for delivery in effects.deliveries if isinstance(delivery, Delivery)]
        self.released += [one.packet_id for one in effects.deliveries if isinstance(one, Release)]
        self.sent += effects.send
        self.refused += effects.refused
        self.faults += effects.fault
        self.closed = self.closed or effects.close
        return effects

    def receive(self, *packets: bytes) -> Effects:
        return self.did(self.session.receive(b"".join(packets), self.now))

    def committed(self, count: int, *refused: int) -> Effects:
        return self.did(self.session.committed(count, self.now, refused))

    def admit(self, present: bool = False, unreleased: dict[int, bytes] | None = None) -> Effects:
        return self.did(self.session.admit(Welcome("m1", "c1", present, {}, unreleased or {}), self.now))

    def packets(self) -> list[tuple[int, bytes]]:
        """What was sent after CONNACK."""
        return answers(self.sent)[1:]

    def acks(self) -> list[int]:
        return acked(answers(self.sent))


def why(line: Line, now: float) -> str:
    """Why the connection is overdue."""
    overdue = line.session.overdue(now)
    return overdue.text if overdue else ""


def opened(limits: Limits = LIMITS) -> Line:
    line = Line(limits)
    line.receive(connect())
    line.admit()
    assert line.sent == CONNACK
    return line


def opened_v5(limits: Limits = LIMITS, told: bytes = b"\0", **options: object) -> Line:
    line = Line(limits)
    line.receive(connect(level=5, told=told, **options))  # type: ignore[arg-type]
    line.admit()
    assert line.sent[:1] == b"\x20"
    assert line.sent[3] == 0
    return line
