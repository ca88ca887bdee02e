"""One socket: carries bytes to the session and its effects out. Decides nothing."""

import asyncio
import logging
import socket
from collections import deque
from typing import Protocol, cast

from fleet.errors import Unavailable
from fleet.ingest.mqtt.codec.packets import Connect
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.effects import Delivery, Denied, Effects, Release
from fleet.ingest.mqtt.login import Admitted, Refused
from fleet.ingest.mqtt.session import GOODBYE, Session, State
from fleet.ingest.pipeline import Inbound, Item, Pipeline
from fleet.telemetry.messages import Packet

FLUSH = 5.0
"""Seconds for a peer to take the last bytes sent to it before the socket is thrown away."""

log = logging.getLogger(__name__)


class Owner(Protocol):
    """What a connection needs of its endpoint."""

    pipeline: Pipeline

    def now(self) -> float: ...
    def opened(self, connection: "Connection") -> None: ...
    def closed(self, connection: "Connection") -> None: ...
    def left(self, connection: "Connection") -> None: ...
    def log_in(self, connection: "Connection", connect: Connect) -> None: ...
    def keep(self, connection: "Connection", subscriptions: tuple[tuple[str, int], ...]) -> None: ...
    def count(self, label: str, times: int = 1) -> None: ...
    def deny(self, connection: "Connection", denied: Denied) -> None: ...


class Connection(asyncio.Protocol):
    """A client's connection, and the receiver of what became of its payloads."""

    __slots__ = (
        "_choked", "_handed_over", "_left", "_owner", "_paused", "_transport",
        "address", "admitted", "connect", "session",
    )  # fmt: skip

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._paused = self._choked = self._left = False
        self._handed_over: deque[Item] = deque()
        """What the pipeline has, where the client can hear that one of them was refused."""
        self.session = Session(owner.now())
        self.address = ""
        self.connect: Connect | None = None
        self.admitted: Admitted | None = None

    # what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if peer else ""
        wire = transport.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # for clients without a keep-alive of MQTT
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        self._apply(self.session.receive(data, self._owner.now()))

    def pause_writing(self) -> None:
        self._choked = True  # it does not take our answers: take no more of its questions
        self._set_reading()

    def resume_writing(self) -> None:
        self._choked = False
        self._set_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._owner.closed(self)
        self._leave()

    # what the endpoint calls

    @property
    def open(self) -> bool:
        """False once the socket is gone; what came before is still worked off."""
        return self._transport is not None

    def admit(self, admitted: Admitted) -> None:
        """The CONNECT is accepted."""
        self.admitted = admitted
        self._apply(self.session.admit(admitted.welcome, self._owner.now()))

    def refuse(self, error: Refused | Unavailable) -> None:
        """The CONNECT is refused."""
        reason = error.reason if isinstance(error, Refused) else Reason.SERVER_UNAVAILABLE
        self._apply(self.session.refuse(reason, str(error)))

    def subscribed(self) -> None:
        """The subscriptions are kept."""
        self._apply(self.session.subscribed(self._owner.now()))

    def end(self, text: str, reason: Reason) -> None:
        """Close now, whatever waits."""
        self._apply(self.session.end(text, reason))

    # what the pipeline calls

    def committed(self, count: int) -> None:
        refused: tuple[int, ...] = ()
        if self._handed_over:
            items = [self._handed_over.popleft() for _ in range(count)]
            refused = tuple(at for at, item in enumerate(items) if item.letter is not None)
        self._apply(self.session.committed(count, self._owner.now(), refused))

    def failed(self, reason: str, *, superseded: bool = False) -> None:
        self._owner.count("taken_over" if superseded else "storage")
        self.end(reason, Reason.SESSION_TAKEN_OVER if superseded else Reason.QUOTA_EXCEEDED)

    def _apply(self, effects: Effects) -> None:
        transport = self._transport
        if effects.login is not None:
            self.connect = effects.login
            self._owner.log_in(self, effects.login)
        if effects.deliveries:
            self._hand_over(effects.deliveries)
        if effects.send and transport is not None:
            transport.write(effects.send)
        if effects.refused:
            self._owner.count("topic", effects.refused)
        for denied in effects.denied:
            self._owner.deny(self, denied)
        if effects.fault:
            self._owner.count("protocol")
        if effects.close is not None:
            self._close(effects.close)
        if effects.subscriptions is not None:
            self._owner.keep(self, effects.subscriptions)
        self._set_reading()
        self._leave()

    def _hand_over(self, deliveries: list[Delivery | Release]) -> None:
        admitted, pipeline, refuses = self.admitted, self._owner.pipeline, self.session.refuses
        if admitted is None:
            return
        sender, session_id, holder = admitted.sender, admitted.session_id, admitted.id
        for one in deliveries:
            if isinstance(one, Release):
                item = pipeline.release(sender, "mqtt", Packet(session_id, one.packet_id, holder=holder), self)
            else:
                packet = Packet(session_id, one.packet_id, one.digest, holder=holder) if one.packet_id else None
                inbound = Inbound(sender, "mqtt", one.kind, one.topic, one.payload, one.format)
                item = pipeline.take(inbound, self, packet, refuses=refuses)
            if refuses:
                self._handed_over.append(item)

    def _leave(self) -> None:
        """Tell the owner when the socket is gone and what came on it is worked off: once, after it was let in."""
        if self._transport is None and not self._left and self.session.settled:
            self._left = self.admitted is not None
            self._owner.left(self)

    def _close(self, reason: str) -> None:
        level = logging.DEBUG if reason == GOODBYE else logging.INFO
        log.log(
            level,
            "%s %s: connection closed: %s",
            self.address,
            self.admitted.sender.name if self.admitted else "-",
            reason,
        )
        transport = self._transport
        if transport is not None:
            transport.close()
            if transport.get_write_buffer_size():
                asyncio.get_running_loop().call_later(FLUSH, transport.abort)

    def _set_reading(self) -> None:
        """Read from the socket exactly while what comes can be taken in."""
        full = self.session.state is State.OPEN and self._owner.pipeline.full
        wanted = self.session.reading and not self._choked and not full
        transport = self._transport
        if full:
            self._owner.pipeline.when_relieved(self._set_reading)
        if transport is None or transport.is_closing() or wanted is not self._paused:
            return
        self._paused = not wanted
        if wanted:
            transport.resume_reading()
        else:
            transport.pause_reading()
