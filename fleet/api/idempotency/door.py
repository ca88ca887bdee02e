"""Where a POST with a key comes in: claimed, done, answered; or answered as before."""

import logging
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet.api.bodies import MAX_BODY, OWN_LIMITS, read, replay
from fleet.api.idempotency import store
from fleet.api.idempotency.store import Call
from fleet.api.problems import problem
from fleet.auth import callers
from fleet.context import Context
from fleet.errors import Conflict, Unauthorized, Unavailable

HEADER = "Idempotency-Key"
MAX_KEY = 255
REPLAYED = {"Idempotency-Replayed": "true"}

log = logging.getLogger(__name__)


class Idempotency:
    """The application behind this door. What devices post has an id of its own and passes by."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app, self._fleet = app, context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do a POST with a key once."""
        if scope["type"] != "http" or scope["method"] != "POST" or OWN_LIMITS.fullmatch(scope["path"]):
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        key = headers.get(HEADER)
        if key is None:
            return await self._app(scope, receive, send)
        if not 0 < len(key) <= MAX_KEY or not key.isprintable():
            sentence = f"expected an {HEADER} of 1 to {MAX_KEY} printable characters, got another: correct it"
            return await problem(HTTPStatus.BAD_REQUEST, sentence)(scope, receive, send)
        body = await read(receive, MAX_BODY) or b""  # `Bodies` has measured it
        receive = replay(body, receive)
        try:
            wanted = await self._call(scope, headers, key, body)
            known = await self._fleet.database.write(lambda tx: store.claim(tx, self._fleet.clock.now(), wanted))
        except Unauthorized:
            return await self._app(scope, receive, send)  # which refuses it
        except Conflict as conflict:
            return await problem(conflict.status, str(conflict))(scope, receive, send)
        except Unavailable as error:
            retry = {"Retry-After": str(max(1, round(error.retry_after)))}
            return await problem(error.status, str(error), retry)(scope, receive, send)
        if known is None:
            return await self._do(scope, receive, send, wanted)
        answer = self._fleet.sealer.open(known.answer or b"").encode()
        media_type = "application/json" if answer else None
        again = Response(answer, known.status or HTTPStatus.OK, REPLAYED, media_type)
        return await again(scope, receive, send)

    async def _call(self, scope: Scope, headers: Headers, key: str, body: bytes) -> Call:
        _, _, token = headers.get("Authorization", "").partition(" ")
        now = self._fleet.clock.now()
        caller = await self._fleet.database.read(lambda tx: callers.prove(tx, token.strip(), now))
        if caller.refusal:
            raise Unauthorized(caller.refusal)
        who = f"{caller.actor.role} {caller.actor.name}"
        path: str = scope["path"]
        return store.call(caller.actor.account_id, who, key, path.encode(), scope["query_string"], body)

    async def _do(self, scope: Scope, receive: Receive, send: Send, wanted: Call) -> None:
        """Do it, and keep the answer before it is given: who has it may count on getting it again."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self._app(scope, receive, hold)
        status: int = held[0]["status"]
        answer = b"".join(message.get("body", b"") for message in held[1:])
        try:
            if status < HTTPStatus.BAD_REQUEST:
                sealed = self._fleet.sealer.seal(answer.decode())
                await self._fleet.database.write(lambda tx: store.answered(tx, wanted, status, sealed))
            elif status < HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.SERVICE_UNAVAILABLE:
                await self._fleet.database.write(lambda tx: store.release(tx, wanted))
        except Unavailable as error:
            log.warning("an answer is not kept, so the same call with its key will be refused: %s", error)
        for message in held:
            await send(message)
