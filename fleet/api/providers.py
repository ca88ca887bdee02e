"""POST /v1/providers/{name}/callback: a connectivity provider tells that a SIM has changed."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from sqlmodel import Session

from fleet.api.access import FleetContext
from fleet.auth.service import default_account
from fleet.errors import Invalid, NotFound
from fleet.sims import providers, service

router = APIRouter(prefix="/v1/providers", tags=["sims"])

MAX_BODY = 64 * 1024


@router.post("/{name}/callback", status_code=HTTPStatus.NO_CONTENT)
async def callback(fleet: FleetContext, name: str, request: Request) -> None:
    """Signed by the provider, and recent; it only has the SIM's state read now, so a repeat does no harm."""
    configured = next((provider for provider in fleet.settings.provider if provider.name == name), None)
    if configured is None:
        raise NotFound(f"expected the name of a configured provider, got {name[:80]!r}: correct the callback's URL")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Invalid(f"expected a callback of at most {MAX_BODY} bytes, got more: it is not the provider's")
    now = fleet.clock.now()
    iccid = providers.read_callback(configured, request.headers, bytes(body), now)

    def told(tx: Session) -> None:
        service.told(tx, now, default_account(tx, now).id, name, iccid)

    await fleet.database.write(told)
