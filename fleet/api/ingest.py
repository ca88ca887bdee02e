"""POST /v1/devices/{name}/telemetry and /events: the way in over HTTP. GET /v1/dead-letters: what nobody could read."""

import base64
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from fleet.api.access import Device, FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.api.problems import problem
from fleet.ingest.decoders import Format
from fleet.ingest.one import store
from fleet.ingest.pipeline import MAX_PAYLOAD, Inbound, Pipeline
from fleet.ingest.senders import Sender
from fleet.telemetry import queries
from fleet.telemetry.models import DeadLetter, Kind

MAX_BODY = 2 * MAX_PAYLOAD
"""Bytes; what is a little too long becomes a dead letter, what is longer than this is not read at all."""

router = APIRouter(tags=["ingest"])


class DeadLetterView(BaseModel):
    """A payload that could not be read, and why."""

    number: int
    device: str
    way: str
    topic: str
    reason: str
    payload: str
    """As text; bytes that are no UTF-8 show as U+FFFD."""
    payload_base64: str
    received_at: datetime


def pipeline(request: Request) -> Pipeline:
    """The pipeline of the running service."""
    return cast(Pipeline, request.app.state.pipeline)


Ingest = Annotated[Pipeline, Depends(pipeline)]


@router.post("/v1/devices/{name}/telemetry", status_code=HTTPStatus.NO_CONTENT)
async def post_telemetry(request: Request, name: str, device: Device, ingest: Ingest) -> Response:
    """Store what the device `name` reports, in JSON or CBOR; 204 means: on disk. With the device's own token."""
    return await _store(request, device, ingest, Kind.TELEMETRY)


@router.post("/v1/devices/{name}/events", status_code=HTTPStatus.NO_CONTENT)
async def post_events(request: Request, name: str, device: Device, ingest: Ingest) -> Response:
    """Store events of the device `name`, in JSON or CBOR; 204 means: on disk. With the device's own token."""
    return await _store(request, device, ingest, Kind.EVENT)


@router.get("/v1/dead-letters")
async def list_dead_letters(fleet: FleetContext, operator: Operator, asked: PagingQuery) -> Page[DeadLetterView]:
    """Payloads of devices that nobody could read, the newest first."""
    before = asked.after_number()
    rows = await fleet.database.read(lambda tx: queries.dead_letters(tx, operator.account_id, before, asked.limit + 1))
    return page([_view(row) for row in rows], asked, lambda row: str(row.number))


async def _store(request: Request, device: Sender, ingest: Pipeline, kind: Kind) -> Response:
    payload = await _body(request)
    if payload is None:
        return problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"expected a payload of at most {MAX_PAYLOAD} bytes, got more than {MAX_BODY}: send less at once",
        )
    await store(ingest, Inbound(device, "http", kind, request.url.path, payload, _format(request)))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _format(request: Request) -> Format:
    """CBOR where the device says so; else JSON, whatever its HTTP client calls it."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Format.CBOR if said == Format.CBOR.value else Format.JSON


async def _body(request: Request) -> bytes | None:
    """The body; None when it is too long to be read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _view(row: DeadLetter) -> DeadLetterView:
    return DeadLetterView(
        number=row.seq or 0,
        device=row.device_name,
        way=row.way,
        topic=row.topic,
        reason=row.reason,
        payload=row.payload.decode(errors="replace"),
        payload_base64=base64.b64encode(row.payload).decode(),
        received_at=row.received_at,
    )
