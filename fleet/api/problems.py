"""Every refusal as application/problem+json (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fleet import inputs
from fleet.api.access import note_denial
from fleet.api.refusals import UNKNOWN
from fleet.errors import FleetError, TooMany, Unauthorized, Unavailable

RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "Refused: `detail` says what was expected, what came and what to do.",
        "content": {
            "application/problem+json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                    },
                }
            }
        },
    }
}
"""What the OpenAPI document says of refusals."""

REFUSED: dict[int, str] = {401: "unauthorized", 403: "denied", 429: "too_many"}
"""Statuses that are counted, and how the metric names them."""


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem body: `detail` is one sentence for a person."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every exception of a handler with a problem."""

    @app.exception_handler(FleetError)
    async def refused(request: Request, error: FleetError) -> JSONResponse:
        if error.status in REFUSED:
            note_denial(request, error)
        if isinstance(error, Unauthorized):
            error = _unknown(request, error)
        if error.status in REFUSED:
            request.app.state.context.metrics.api_refusals.labels(REFUSED[error.status]).inc()
        headers = {}
        if isinstance(error, Unavailable | TooMany):
            headers["Retry-After"] = str(max(1, round(error.retry_after)))
        if isinstance(error, Unauthorized):
            headers["WWW-Authenticate"] = "Bearer"
        return problem(error.status, str(error), headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = inputs.place(first, ignored=("body", "query", "path"))
        return problem(HTTPStatus.BAD_REQUEST, inputs.wrong(first, where, "correct it"))

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        detail = str(error.detail)
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = f"expected a path of this API, got {request.url.path[:80]!r}: see /docs"
        elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            detail = f"expected another method for this path, got {request.method}: the header Allow names them"
        return problem(error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def fault(_request: Request, _error: Exception) -> JSONResponse:
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "expected to answer, got a fault of the service: its log shows it, report it with that",
        )


def _unknown(request: Request, error: Unauthorized) -> Unauthorized | TooMany:
    """Count a call without a valid token; what to answer."""
    state = request.app.state
    address = request.client.host if request.client else ""
    wait = state.refusals.count(f"address {address}", UNKNOWN, state.context.clock.monotonic())
    if not wait:
        return error
    return TooMany(f"{error}; that was wrong {UNKNOWN} times in a minute", wait)
