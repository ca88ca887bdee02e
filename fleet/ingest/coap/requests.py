"""Answers one CoAP request: who sends it, is it whole, is it stored. Only 2.04 promises anything."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from aiocoap import Message
from aiocoap.numbers import codes
from aiocoap.numbers.optionnumbers import OptionNumber as Option

from fleet.audit import Way
from fleet.context import Context
from fleet.errors import Denied, FleetError, Unauthorized, Unavailable
from fleet.ingest.coap.blocks import Block, Blocks, Incomplete, Malformed, TooLarge
from fleet.ingest.decoders import Format
from fleet.ingest.mqtt.topics import LEAVES
from fleet.ingest.one import store
from fleet.ingest.pipeline import MAX_PAYLOAD, Inbound, Pipeline
from fleet.ingest.senders import Sender, authenticate, denial, known
from fleet.telemetry.models import Kind

FORMATS = {None: Format.JSON, 50: Format.JSON, 60: Format.CBOR}
"""By Content-Format (RFC 7252 §12.3, RFC 8949 §9.4); without one it is JSON."""
UNDERSTOOD = frozenset(
    {Option.URI_HOST, Option.URI_PORT, Option.URI_PATH, Option.CONTENT_FORMAT, Option.URI_QUERY, Option.ACCEPT}
    | {Option.BLOCK1, Option.BLOCK2}
)
"""Critical options; a request with another one is refused (§5.4.1)."""
PROXYING = frozenset({Option.PROXY_URI, Option.PROXY_SCHEME})
BLOCK_EXPONENT = 6
"""Blocks of 1024 bytes are asked for (2 to the power of this, plus 4); 7 means nothing on UDP."""
DIAGNOSTIC = 400
"""Bytes of the sentence in a refusal (§5.5.2): it fits a datagram whatever the request was."""
STATUS = {
    400: codes.BAD_REQUEST,
    401: codes.UNAUTHORIZED,
    403: codes.FORBIDDEN,
    404: codes.NOT_FOUND,
    503: codes.SERVICE_UNAVAILABLE,
}
"""CoAP's word for the status of a FleetError."""
BLOCK_STATUS = {
    Malformed: codes.BAD_REQUEST,
    Incomplete: codes.REQUEST_ENTITY_INCOMPLETE,
    TooLarge: codes.REQUEST_ENTITY_TOO_LARGE,
}

log = logging.getLogger(__name__)


class Refused(Exception):
    """The request is answered with `code`."""

    def __init__(self, code: Any, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Target(NamedTuple):
    """What a path names."""

    device: str
    kind: Kind


class Requests:
    """What aiocoap hands every request to."""

    def __init__(self, context: Context, pipeline: Pipeline) -> None:
        self._context, self._pipeline = context, pipeline
        self._blocks = Blocks()
        self._under_way: set[asyncio.Task[Any]] = set()
        self.closing = False
        self.unheard: Callable[[Any, Any], None] = lambda _request, _response: None
        """Gets a request and its answer where aiocoap will not send it: it stopped waiting for it."""

    async def render_to_pipe(self, pipe: Any) -> None:
        """Answer the request of `pipe`."""
        request = pipe.request
        task = asyncio.create_task(self._answer(request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            response = await asyncio.shield(task)
        except asyncio.CancelledError:  # the sender's next request with the same token, or its network, cancels this
            task.add_done_callback(lambda done: None if done.cancelled() else self.unheard(request, done.result()))
            raise
        if request.opt.no_response is not None:  # RFC 7967
            response.opt.no_response = request.opt.no_response
        self._context.metrics.coap_answers.labels(response.code.dotted).inc()
        pipe.add_response(response, is_last=True)

    def under_way(self) -> int:
        """How many requests are worked on."""
        return len(self._under_way)

    async def answered(self) -> None:
        """Return when no request is worked on."""
        while self._under_way:
            await asyncio.wait(self._under_way)
        await asyncio.sleep(0)  # those who waited for them hand the answers on

    async def _answer(self, request: Any) -> Any:
        try:
            return await self._handle(request)
        except Refused as error:
            response = Message(code=error.code, payload=_sentence(error))
        except FleetError as error:
            response = Message(code=STATUS.get(error.status, codes.INTERNAL_SERVER_ERROR), payload=_sentence(error))
            if isinstance(error, Unavailable):
                response.opt.max_age = max(1, round(error.retry_after))
        except (Incomplete, TooLarge, Malformed) as error:
            response = Message(code=BLOCK_STATUS[type(error)], payload=_sentence(error))
            if isinstance(error, TooLarge):
                response.opt.size1 = MAX_PAYLOAD
        except Exception:
            log.exception("a request failed")
            response = Message(code=codes.INTERNAL_SERVER_ERROR)
        if request.opt.block1 is not None:
            response.opt.block1 = request.opt.block1
        elif request.truncated:  # too long for a datagram, not for the service: in blocks it may come
            response.opt.block1 = (0, False, BLOCK_EXPONENT)
        return response

    async def _handle(self, request: Any) -> Any:
        target = _target(request)
        form = _format(request)
        if self.closing:
            raise Unavailable("expected a service that runs, got one that stops: send it again in a moment", 5)
        sender = await self._sender(request, target)
        if request.truncated:
            raise TooLarge(f"expected at most 1024 bytes in a datagram, got more: send blocks of {MAX_PAYLOAD} in all")
        payload = self._whole(request, (sender.device_id, target.kind, form))
        if payload is None:
            return Message(code=codes.CONTINUE, block1=request.opt.block1)
        await store(self._pipeline, Inbound(sender, "coap", target.kind, _path(request), payload, form))
        return Message(code=codes.CHANGED, block1=request.opt.block1)

    async def _sender(self, request: Any, target: Target) -> Sender:
        """Who sends it; raises Unauthorized and Denied, of which it takes note."""
        try:
            token = _token(request)
            return await self._context.database.read(lambda tx: authenticate(tx, target.device, token))
        except (Unauthorized, Denied) as error:
            address = str(request.remote.sockaddr[0]).removeprefix("::ffff:")
            asked = f"POST {_path(request)}"
            denied = denial(Way.COAP, known(error), address, asked, str(error), target.device)
            self._context.denials.note(denied, self._context.clock.now(), self._context.clock.monotonic())
            raise

    def _whole(self, request: Any, identity: tuple[Any, ...]) -> bytes | None:
        """The payload, None while blocks are missing."""
        block = request.opt.block1
        if block is None:
            return bytes(request.payload)
        if block.size_exponent > BLOCK_EXPONENT:
            raise Malformed("expected blocks of 16 to 1024 bytes, got a reserved size")
        if (request.opt.size1 or 0) > MAX_PAYLOAD:
            raise TooLarge(f"expected a payload of at most {MAX_PAYLOAD} bytes, got more: send less at once")
        key = (request.remote.sockaddr, request.opt.request_tag, *identity)
        part = Block(block.block_number, block.more, block.size)
        return self._blocks.add(key, part, request.payload, self._context.clock.monotonic())


def _target(request: Any) -> Target:
    numbers = {option.number for option in request.opt.option_list()}
    if numbers & PROXYING:
        raise Refused(codes.PROXYING_NOT_SUPPORTED, "expected a request to this service, got one to a proxy")
    path = request.opt.uri_path
    if len(path) != 3 or path[0] != "devices" or path[2] not in LEAVES:
        raise Refused(codes.NOT_FOUND, "expected /devices/{id}/telemetry or /devices/{id}/events, got another path")
    if request.code is not codes.POST:
        raise Refused(codes.METHOD_NOT_ALLOWED, "expected POST, got another method")
    foreign = sorted(number for number in numbers if number.is_critical() and number not in UNDERSTOOD)
    if foreign:
        raise Refused(codes.BAD_OPTION, f"expected no critical option that is not understood, got number {foreign[0]}")
    return Target(path[1], LEAVES[path[2]])


def _path(request: Any) -> str:
    return "/" + "/".join(request.opt.uri_path)


def _format(request: Any) -> Format:
    said = request.opt.content_format
    form = FORMATS.get(None if said is None else int(said))
    if form is None:
        raise Refused(
            codes.UNSUPPORTED_CONTENT_FORMAT, "expected content format 50 (JSON) or 60 (CBOR), got another one"
        )
    return form


def _token(request: Any) -> str:
    for query in request.opt.uri_query:
        name, _, value = query.partition("=")
        if name == "t" and value:
            return str(value)
    raise Unauthorized("expected the device's token as query t, got none: add ?t=TOKEN")


def _sentence(error: Exception) -> bytes:
    return str(error).encode()[:DIAGNOSTIC].decode(errors="ignore").encode()
