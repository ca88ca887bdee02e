"""aiocoap's lower layers, made quick, and safe against strangers: what nobody can read, and more than can be kept.

aiocoap remembers each request and its answer for 247 s without a bound, and lets what a datagram breaks while it is
decoded fall through to the event loop. Beyond the bounds here a request is dropped as if the network had lost it:
a device that waits for an answer sends it again, later and later.
"""

import socket
from collections.abc import Callable, Hashable
from typing import Any

from aiocoap import Context
from aiocoap.message import Direction, Message
from aiocoap.messagemanager import MessageManager
from aiocoap.numbers.codes import EMPTY
from aiocoap.numbers.types import ACK, CON, NON, RST
from aiocoap.pipe import run_driving_pipe
from aiocoap.transports.udp6 import MessageInterfaceUDP6, UDP6EndpointAddress

from fleet.ingest.coap.recent import Recent

UNDER_WAY = 2000
"""Requests that are worked on, and as many answers that wait to be acknowledged."""
BACKLOG = 8
"""Answers that may wait for one sender to acknowledge the one before: past it, its new requests are dropped."""
HEADER = 4
"""Bytes before the token (RFC 7252 §3)."""
LONGEST_TOKEN = 8


class Library(Context):  # type: ignore[misc]  # aiocoap is not typed
    """What aiocoap's layers hand requests to: straight to the site, which answers its own errors.

    aiocoap's own names each task by its whole request, which takes longer than to read it.
    """

    def render_to_pipe(self, pipe: Any) -> None:
        """Let the site answer."""
        run_driving_pipe(pipe, self.serversite.render_to_pipe(pipe))


class Messages(MessageManager):  # type: ignore[misc]
    """Message ids and retransmissions."""

    def __init__(self, token_manager: Any, now: Callable[[], float], under_way: Callable[[], int]) -> None:
        """`under_way`: how many requests are worked on."""
        super().__init__(token_manager)
        self._now, self._under_way = now, under_way
        self.recent = Recent()

    def dispatch_message(self, message: Any) -> None:
        """Take in a message, unless it is a new request and too much is under way."""
        if message.code.is_request() and self._overloaded(message.remote) and _key(message) not in self.recent:
            return
        super().dispatch_message(message)

    def send_message(self, message: Any, messageerror_monitor: Any) -> None:
        """Send an answer, by itself where its request is acknowledged already."""
        super().send_message(message, messageerror_monitor)
        if message.mtype in (CON, NON):
            self.remember(message.request, message)

    def remember(self, request: Any, response: Any) -> None:
        """From now on a retransmission of `request` gets this answer, in its acknowledgement.

        An answer of its own is given up after 93 s without an acknowledgement (§4.8.2), with those that wait behind it.
        """
        if request.mtype is CON and request.opt.no_response is None:
            answer = Message(
                code=response.code, payload=response.payload, _mtype=ACK, _mid=request.mid, _token=request.token
            )
            answer.opt = response.opt
            self.recent.answered(_key(request), answer.encode())

    def _overloaded(self, remote: Any) -> bool:
        return (
            self._under_way() >= UNDER_WAY
            or len(self._active_exchanges) >= UNDER_WAY
            or len(self._backlogs.get(remote, ())) >= BACKLOG
        )

    def _deduplicate_message(self, message: Any) -> bool:
        key = _key(message)
        if self.recent.is_new(key, self._now()):
            return False
        answer = self.recent.answer(key)
        if message.mtype is CON and answer is not None:
            self.message_interface.send_bytes(answer, message.remote)
        return True

    def _store_response_for_duplicates(self, message: Any) -> None:
        if message.mtype in (ACK, RST):  # only these carry the id of the request
            self.recent.answered(_key(message), message.encode())


class Address(UDP6EndpointAddress):  # type: ignore[misc]
    """Who sent a datagram, and which of the host's addresses it went to."""

    @property
    def is_multicast_locally(self) -> bool:
        """As aiocoap's, without a parse of the address's text for every answer."""
        local = b"" if self.pktinfo is None else self.pktinfo[:16]
        return local[:1] == b"\xff" or (local[:12] == _MAPPED and 224 <= local[12] < 240)


class Wire(MessageInterfaceUDP6):  # type: ignore[misc]
    """The socket."""

    @classmethod
    async def on(cls, bound: socket.socket, messages: Messages, log: Any, loop: Any) -> "Wire":
        """On a socket that is bound already."""
        wire: Wire = await cls._create_transport_endpoint(bound, messages, log, loop)
        return wire

    def datagram_msg_received(self, data: bytes, ancdata: Any, flags: int, address: Any) -> None:
        """Decode and hand on what arrived; nothing a datagram holds gets past here as an exception."""
        local = next((found for level, kind, found in ancdata if (level, kind) == _PKTINFO), None)
        remote = Address(address, self, pktinfo=local)
        try:
            if len(data) >= HEADER and data[0] & 0x0F > LONGEST_TOKEN:
                raise ValueError("token too long")
            message = Message.decode(data, remote)
        except Exception:  # whatever decoding runs into, the datagram is none
            self._refuse(data, remote)
            return
        message.direction = Direction.INCOMING
        message.truncated = bool(flags & socket.MSG_TRUNC)
        try:
            self._ctx.dispatch_message(message)
        except Exception:
            self.log.exception("a fault while a message was taken in")

    def send_bytes(self, data: bytes, remote: Any) -> None:
        """Send what was sent before once more."""
        self.transport.sendmsg(data, _ancillary(remote), 0, remote.sockaddr)

    def _refuse(self, data: bytes, remote: Any) -> None:
        """A confirmable message with a format error is reset, anything else ignored (RFC 7252 §4.2, §3)."""
        if len(data) >= HEADER and data[0] >> 4 == (1 << 2 | CON):
            reset = Message(code=EMPTY, _mtype=RST, _mid=int.from_bytes(data[2:4], "big"))
            self.send_bytes(reset.encode(), remote)


def _key(message: Any) -> Hashable:
    """What a message and its retransmissions have in common."""
    return message.remote.sockaddr, message.mid


_MAPPED = bytes(10) + b"\xff\xff"
"""Before an IPv4 address in IPv6 (RFC 4291 §2.5.5.2)."""
_PKTINFO = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO)


def _ancillary(remote: Any) -> list[tuple[int, int, bytes]]:
    """Answer from the address that was asked: matters on a host with several."""
    return [] if remote.pktinfo is None else [(*_PKTINFO, remote.pktinfo)]
