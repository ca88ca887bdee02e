"""What a request must be before anything of the API looks at it: short enough, and JSON that a database can hold.

Bodies that their handlers read themselves, because devices and providers send them, pass untouched.
"""

import re
from http import HTTPStatus

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet.api.problems import problem

MAX_BODY = 4 * 1024 * 1024
"""Bytes: an import of as many SIMs as one call takes, four times over."""
OWN_LIMITS = re.compile(r"/v1/(devices/[^/]+/(telemetry|events)|providers/[^/]+/callback)")
"""Paths whose handlers read the body, up to limits of their own."""
TEXT_WITH_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NUL = "expected text without the character U+0000, got one that holds it: remove it"
INTEGERS = range(-(2**63), 2**63)
JSON = re.compile(r"application/([\w.+-]+\+)?json\s*(;.*)?", re.IGNORECASE)


class Bodies:
    """The application behind this check."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, refuse it or hand it on."""
        if scope["type"] == "http" and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            return await problem(HTTPStatus.BAD_REQUEST, NUL)(scope, receive, send)
        if scope["type"] != "http" or OWN_LIMITS.fullmatch(scope["path"]):
            return await self._app(scope, receive, send)
        body = await read(receive, MAX_BODY)
        if body is None:
            status, fault = (
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"expected a body of at most {MAX_BODY} bytes, got more: send less at once",
            )
        else:
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            status, fault = check(headers.get(b"content-type", ""), body)
        if fault or body is None:
            return await problem(status, fault)(scope, receive, send)
        return await self._app(scope, replay(body, receive), send)


def check(content_type: str, body: bytes) -> tuple[HTTPStatus, str]:
    """The status and the sentence with which `body` is refused; no sentence for one that is well."""
    if not body:
        return HTTPStatus.OK, ""
    if not JSON.fullmatch(content_type.strip()):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, (
            f"expected a body of Content-Type application/json, got {content_type[:60]!r}: send JSON and say so"
        )
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return HTTPStatus.BAD_REQUEST, f"expected JSON in UTF-8, got: {error}; correct the body"
    if TEXT_WITH_NUL.search(body):
        return HTTPStatus.BAD_REQUEST, NUL
    if not _integers_fit(found):
        return HTTPStatus.BAD_REQUEST, "expected integers of at most 64 bits, got a longer one: correct it"
    return HTTPStatus.OK, ""


async def read(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None when it is longer than `limit` bytes, or its sender left."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """`receive` as it was before `body` was read from it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again


def _integers_fit(found: object) -> bool:
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, int) and one not in INTEGERS:
            return False
    return True
