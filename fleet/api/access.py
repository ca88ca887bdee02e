"""Who calls and whether they may: the one place where the API asks."""

from typing import Annotated, cast
from urllib.parse import quote

from fastapi import Depends, Header, Request

from fleet import audit
from fleet.api.permissions import LEAST
from fleet.api.refusals import DENIED, Refusals
from fleet.audit import Actor, Way
from fleet.auth import callers
from fleet.auth.callers import Caller
from fleet.auth.roles import UserRole
from fleet.context import Context
from fleet.denials import VERB, Denial
from fleet.errors import Denied, FleetError, TooMany, Unauthorized
from fleet.ingest.senders import Sender, authenticate


def context(request: Request) -> Context:
    """The parts of the running service."""
    return cast(Context, request.app.state.context)


FleetContext = Annotated[Context, Depends(context)]


def bearer(authorization: Annotated[str, Header()] = "") -> str:
    """The bearer token of the request; raises Unauthorized."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("expected the header 'Authorization: Bearer <token>', got none: send the token")
    return token.strip()


Bearer = Annotated[str, Depends(bearer)]


async def operator(request: Request, fleet: FleetContext, token: Bearer) -> Actor:
    """The person or program that calls, if the table of permissions lets them; raises Unauthorized, Denied, TooMany."""
    needed = LEAST.get(verb(request), UserRole.ADMIN)
    now = fleet.clock.now()
    caller = await fleet.database.read(lambda tx: callers.prove(tx, token, now))
    if caller.may(needed):
        return caller.actor
    await _record_denial(request, fleet, caller, needed)
    if caller.refusal:
        raise Unauthorized(caller.refusal)
    raise Denied(
        f"expected the role {needed} or more for {verb(request)}, got {caller.role or 'none'} "
        f"of {caller.actor.role} {caller.actor.name}: ask an admin"
    )


Operator = Annotated[Actor, Depends(operator)]


async def sender(request: Request, fleet: FleetContext, token: Bearer, name: str) -> Sender:
    """The device that calls; raises Unauthorized, Denied, TooMany."""
    try:
        return await fleet.database.read(lambda tx: authenticate(tx, name, token))
    except (Unauthorized, Denied):
        now = fleet.clock.now()
        caller = await fleet.database.read(lambda tx: callers.prove(tx, token, now))  # a token nobody knows ends here
        await _record_denial(request, fleet, caller, f"device {name[:64]}")
        raise


Device = Annotated[Sender, Depends(sender)]


def verb(request: Request) -> str:
    """What is asked, as the table of permissions names it: `GET /v1/devices/{name}`."""
    return f"{request.method} {request.scope['route'].path}"


async def _record_denial(request: Request, fleet: Context, caller: Caller, needed: str) -> None:
    """Audit a denied act, on disk before it is answered; raises TooMany for one who does not stop trying."""
    refusals = cast(Refusals, request.app.state.refusals)
    request.state.denied = caller.actor
    wait = refusals.count(f"token {caller.token_id}", DENIED, fleet.clock.monotonic())
    if wait:
        raise TooMany(
            f"expected at most {DENIED} denied calls of {caller.actor.name!r} in a minute, got more: "
            "stop what calls, and ask an admin",
            wait,
        )
    now = fleet.clock.now()
    facts = {"needed": needed, "role": caller.role or caller.actor.role, "path": quote(request.url.path)[:200]}
    if caller.refusal:
        facts["why"] = caller.refusal
    await fleet.database.write(lambda tx: audit.record(tx, caller.actor, now, VERB, verb(request), **facts))
    request.state.audited = True


def note_denial(request: Request, error: FleetError) -> None:
    """Take note of a denied act that is not audited by itself: of a stranger, or of one who does not stop trying."""
    if getattr(request.state, "audited", False):
        return
    fleet, actor = context(request), getattr(request.state, "denied", None)
    address = request.client.host if request.client else ""
    asked = verb(request) if "route" in request.scope else request.method
    claimed = str(request.path_params.get("name", ""))
    denial = Denial(Way.API, actor, address, asked, str(error), claimed, quote(request.url.path))
    fleet.denials.note(denial, fleet.clock.now(), fleet.clock.monotonic())
