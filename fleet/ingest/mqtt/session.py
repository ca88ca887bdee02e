"""One MQTT connection as a pure machine: bytes and events in, effects out. No I/O, no clock.

    AWAITING ──CONNECT──▶ DECIDING ──admit──▶ OPEN ──DISCONNECT, fault──▶ DRAINING ──all answered──▶ CLOSED
        └──fault──────────────┴──refuse───────────────────────────────────────────────────────────────▲

Whatever is acknowledged waits in one queue (`acks`): a publish until it is committed, a subscription until it is
stored. A fault in the stream ends the connection only after everything good before it is committed and
acknowledged. While too much waits, nothing more is read.
"""

from collections.abc import Collection, Mapping
from enum import Enum, auto
from typing import NamedTuple

from fleet.ingest.decoders import Format
from fleet.ingest.mqtt.acks import SUBSCRIPTION, Acks
from fleet.ingest.mqtt.codec.connect import FIRST_BYTES, V5, decode_connect
from fleet.ingest.mqtt.codec.dialects import DIALECTS, Dialect
from fleet.ingest.mqtt.codec.errors import MqttError, NotAllowed, ProtocolError, UnsupportedVersion
from fleet.ingest.mqtt.codec.frames import Frames
from fleet.ingest.mqtt.codec.packets import (
    LARGEST_PACKET,
    Connect,
    Disconnect,
    PingReq,
    PubAck,
    Publish,
    PubRel,
    Subscribe,
    Terms,
    Unsubscribe,
    Will,
)
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.effects import Delivery, Denied, Effects, Release, Welcome
from fleet.ingest.mqtt.limits import LIMITS, Limits
from fleet.ingest.mqtt.topics import SHOWN, foreign, publish_topics, subscribe
from fleet.ingest.mqtt.unreleased import Unreleased, digest
from fleet.telemetry.models import Kind

KEEP_ALIVE_FACTOR = 1.5
"""[MQTT-3.1.2-24]"""
GOODBYE = "the client disconnected"
"""The one reason to close that is no fault."""
PUBREC = b"\x50"
CBOR = Format.CBOR.value


class State(Enum):
    """Where a connection stands."""

    AWAITING = auto()
    DECIDING = auto()
    OPEN = auto()
    DRAINING = auto()
    CLOSED = auto()


class Overdue(NamedTuple):
    """Why a connection should be ended."""

    text: str
    reason: Reason


class Session:
    """A connection from its first byte to its last. What a method wants done it returns as Effects."""

    __slots__ = (
        "_acks", "_connect", "_device", "_dialect", "_ending", "_frames", "_heard", "_keep_alive",
        "_limits", "_packet_size", "_since", "_storing", "_topics", "_unreleased",
        "expiry", "state", "subscriptions", "will",
    )  # fmt: skip

    def __init__(self, now: float, limits: Limits = LIMITS) -> None:
        """`now`: seconds of a monotonic clock, as everywhere here."""
        self.state = State.AWAITING
        self.subscriptions: dict[str, int] = {}
        self.will: Will | None = None
        """What is still to be published should the connection end now."""
        self.expiry = 0
        """Seconds for which the session is kept after the connection."""
        self._limits = limits
        self._dialect: Dialect = DIALECTS[4]
        self._connect: Connect | None = None
        self._packet_size = LARGEST_PACKET
        self._frames = Frames(FIRST_BYTES, limits.connect_size)
        self._heard = self._since = now
        self._keep_alive = 0.0
        self._device = ""
        self._topics: Mapping[str, Kind] = {}
        self._acks = Acks()
        self._unreleased = Unreleased({})
        self._storing = False
        self._ending = Overdue(GOODBYE, Reason.SUCCESS)

    @property
    def reading(self) -> bool:
        """False while nothing more can be taken in: stop reading from the peer until it is True again."""
        if self.state is State.OPEN:
            limits, acks = self._limits, self._acks
            return not self._storing and len(acks) < limits.window and acks.size < limits.window_size
        return self.state is State.AWAITING

    @property
    def settled(self) -> bool:
        """True if nothing that has arrived is still being worked off."""
        return self.state is State.CLOSED or (self.state is State.OPEN and not self._acks)

    @property
    def refuses(self) -> bool:
        """True if the client can hear that a single message was refused."""
        return self._dialect.REFUSES

    def receive(self, data: bytes, now: float) -> Effects:
        """The peer sent `data`."""
        self._heard = now
        if self.state is State.DRAINING or self.state is State.CLOSED:
            return Effects()
        self._frames.feed(data)
        return self._advance(Effects(), now)

    def admit(self, welcome: Welcome, now: float) -> Effects:
        """The CONNECT is accepted."""
        connect = self._connect
        if self.state is not State.DECIDING or connect is None:
            return Effects()
        self.subscriptions, self._unreleased = dict(welcome.subscriptions), Unreleased(welcome.unreleased)
        self._device, self._topics = welcome.device, publish_topics(welcome.device)
        answer = self._dialect.connack(welcome.present, Reason.SUCCESS, self._terms(connect, welcome))
        if len(answer) > self._packet_size:  # [MQTT-3.1.2-24]
            return self.refuse(Reason.UNSPECIFIED, f"expected a client that takes {len(answer)} bytes, got a smaller")
        self.state, self.will = State.OPEN, connect.will
        self._heard = self._since = now
        self._frames.expect(self._dialect.FIRST_BYTES, self._limits.packet_size)
        return self._advance(Effects(send=answer), now)

    def refuse(self, reason: Reason, text: str) -> Effects:
        """The CONNECT is refused: nothing after it counts [MQTT-3.1.4-6], in 3.1.1 [MQTT-3.1.4-5]."""
        if self.state is not State.DECIDING:
            return Effects()
        self.state = State.CLOSED
        return Effects(send=self._dialect.connack(False, reason), close=text)

    def committed(self, count: int, now: float, refused: Collection[int] = ()) -> Effects:
        """The next `count` deliveries are on disk; those at the places in `refused` as dead letters."""
        if self.state is State.CLOSED:
            return Effects()  # nobody waits for an answer
        answered = self._acks.committed(count)
        for at in refused if self.refuses else ():
            waiting = answered[at]
            waiting.packet = self._dialect.refused(waiting.packet, Reason.PAYLOAD_FORMAT_INVALID)
            if waiting.packet[:1] == PUBREC:  # a refused QoS 2 message is over: its id is free
                _, waiting.frees = self._unreleased.release(int.from_bytes(waiting.packet[2:4], "big"))
        return self._resume(now)

    def subscribed(self, now: float) -> Effects:
        """The subscriptions asked to be kept are on disk."""
        self._storing = False
        self._acks.subscribed()
        return self._resume(now)

    def end(self, text: str, reason: Reason) -> Effects:
        """Close at once, whatever waits: storage failed, the client id connected anew, the service stops."""
        if self.state is State.CLOSED:
            return Effects()
        told = self._dialect.disconnect(reason) if self.state in (State.OPEN, State.DRAINING) else b""
        self.state = State.CLOSED
        self._acks.clear()
        return Effects(send=told, close=text)

    def overdue(self, now: float) -> Overdue | None:
        """Why this connection should be ended at `now`, or None. Unread silence is no fault."""
        limits = self._limits
        if self.state is State.AWAITING:
            if now - self._since > limits.connect_time:
                return Overdue(f"expected a whole CONNECT within {limits.connect_time:g} s, got none", Reason.SUCCESS)
        elif self.state is State.DECIDING or self._acks:
            if now - self._since > limits.patience:
                return Overdue(f"expected a commit within {limits.patience:g} s, got none", Reason.SERVER_BUSY)
        elif self.state is State.OPEN and self._keep_alive and now - self._heard > self._keep_alive:
            text = f"expected a packet within {self._keep_alive:g} s (keep-alive), got none"
            return Overdue(text, Reason.KEEP_ALIVE_TIMEOUT)
        return None

    def _resume(self, now: float) -> Effects:
        if self.state is State.CLOSED:
            return Effects()
        was_reading = self.reading
        effects = self._flush(Effects(), now)
        if self.state is State.OPEN and self._frames.held:
            self._advance(effects, now)
        if not was_reading:
            self._heard = now
        return effects

    def _advance(self, effects: Effects, now: float) -> Effects:
        if self.state is State.OPEN and not self._acks:
            self._since = now
        try:
            while self.reading and (frame := self._frames.next()) is not None:
                self._take(frame, effects)
        except MqttError as error:
            effects.fault = True
            if self.state is State.AWAITING:
                self._turn_away(error, effects)
            else:
                self._drain(str(error), error.reason)
        return self._flush(effects, now)

    def _turn_away(self, error: MqttError, effects: Effects) -> None:
        """Whoever does not begin with a good CONNECT gets an answer if it speaks MQTT, and none if nobody can tell."""
        self.state = State.CLOSED
        if isinstance(error, UnsupportedVersion) or error.level == V5:
            effects.send += DIALECTS.get(error.level, self._dialect).connack(False, error.reason)
        effects.close = str(error)

    def _take(self, frame: tuple[int, bytes], effects: Effects) -> None:
        if self.state is State.AWAITING:
            self._begin(decode_connect(frame[1]), effects)
            return
        packet = self._dialect.decode(*frame)
        match packet:
            case Publish():
                self._publish(packet, effects)
            case PingReq():
                effects.send += self._dialect.PINGRESP
            case PubAck():
                pass  # no command of ours is outstanding
            case PubRel():
                self._release(packet.packet_id, effects)
            case Subscribe():
                codes = subscribe(self._device, packet, self.subscriptions, self._limits.subscriptions)
                effects.denied += foreign(self._device, packet, codes)
                self._store(self._dialect.suback(packet.packet_id, codes), effects)
            case Unsubscribe():
                known = [self.subscriptions.pop(pattern, None) is not None for pattern in packet.filters]
                codes = [Reason.SUCCESS if one else Reason.NO_SUBSCRIPTION_EXISTED for one in known]
                self._store(self._dialect.unsuback(packet.packet_id, codes), effects)
            case Disconnect():
                self._leave(packet)

    def _begin(self, connect: Connect, effects: Effects) -> None:
        self._connect, self._dialect = connect, DIALECTS[connect.level]
        self._packet_size = connect.packet_size
        self.expiry = connect.expiry
        self.state = State.DECIDING
        self._since = self._heard
        effects.login = connect

    def _terms(self, connect: Connect, welcome: Welcome) -> Terms:
        """What is granted; also sets it for this connection."""
        limits, keep_alive = self._limits, connect.keep_alive
        if connect.level == V5:
            self.expiry = min(connect.expiry, limits.expiry)
            keep_alive = min(keep_alive or limits.keep_alive, limits.keep_alive)
        self._keep_alive = keep_alive * KEEP_ALIVE_FACTOR
        return Terms(
            limits.receive_maximum,
            limits.packet_size,
            self.expiry if self.expiry != connect.expiry else None,
            welcome.client_id if not connect.client_id else "",
            keep_alive if keep_alive != connect.keep_alive else None,
        )

    def _publish(self, packet: Publish, effects: Effects) -> None:
        qos, identifier, dialect = packet.qos, packet.packet_id, self._dialect
        content = digest(packet) if qos == 2 else b""
        if qos == 2 and self._unreleased.repeated(identifier, content):
            self._acks.add(dialect.pubrec(identifier), ready=True)  # behind the first, should that still wait
            return
        if qos and dialect.REFUSES and self._acks.used >= self._limits.receive_maximum:
            raise NotAllowed(
                f"expected at most {self._limits.receive_maximum} messages under way, got one more",
                Reason.RECEIVE_MAXIMUM_EXCEEDED,
            )
        answer = dialect.puback(identifier) if qos == 1 else dialect.pubrec(identifier) if qos else b""
        kind = self._topics.get(packet.topic)
        if kind is None:
            why = f"expected a publish to {' or '.join(self._topics)}"
            effects.denied.append(Denied(f"PUBLISH {packet.topic[:SHOWN]}", why))
            if not dialect.REFUSES:
                raise NotAllowed(f"{why}, got {packet.topic[:SHOWN]!r}")
            effects.refused += 1
            self._acks.add(dialect.refused(answer, Reason.NOT_AUTHORIZED), ready=True)
            return
        takes, kept = int(qos > 0), 0
        if qos == 2:
            takes = self._unreleased.take(identifier, content, self._limits.unreleased)
            kept = identifier if self.expiry else 0
        form = Format.CBOR if packet.content_type == CBOR else Format.JSON
        effects.deliveries.append(Delivery(kind, packet.topic, packet.payload, form, kept, content))
        self._acks.add(answer, len(packet.payload), takes=takes, frees=qos == 1)

    def _release(self, identifier: int, effects: Effects) -> None:
        """PUBCOMP whether the id is known or not [MQTT-4.3.3-11], once it is forgotten on disk too."""
        known, fewer = self._unreleased.release(identifier)
        answer = self._dialect.pubcomp(identifier, Reason.SUCCESS if known else Reason.PACKET_ID_NOT_FOUND)
        if self.expiry:
            effects.deliveries.append(Release(identifier))
        self._acks.add(answer, frees=fewer, ready=not self.expiry)

    def _leave(self, packet: Disconnect) -> None:
        if packet.expiry is not None:
            if packet.expiry and not self.expiry:  # (MQTT 5 §3.14.2.2.2)
                raise ProtocolError("expected no session expiry from a client that connected without one, got one")
            self.expiry = min(packet.expiry, self._limits.expiry)
        if packet.reason == Reason.SUCCESS:
            self.will = None  # [MQTT-3.14.4-3]
        self._drain(GOODBYE, Reason.SUCCESS)

    def _store(self, answer: bytes, effects: Effects) -> None:
        if len(answer) > self._packet_size:
            raise NotAllowed(
                f"expected a subscription whose answer fits in {self._packet_size} bytes, got a longer one",
                Reason.PACKET_TOO_LARGE,
            )
        effects.subscriptions = tuple(self.subscriptions.items())
        self._storing = True
        self._acks.add(answer, SUBSCRIPTION)

    def _drain(self, text: str, reason: Reason) -> None:
        self.state = State.DRAINING
        self._ending = Overdue(text, reason)

    def _flush(self, effects: Effects, now: float) -> Effects:
        answers = self._acks.flush()
        if answers is not None:
            effects.send += answers
            self._since = now
        if self.state is State.DRAINING and not self._acks:
            self.state = State.CLOSED
            text, reason = self._ending
            if text is not GOODBYE:
                effects.send += self._dialect.disconnect(reason)
            effects.close = text
        return effects
