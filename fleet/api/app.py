"""The HTTP API: every feature's routes under /v1, problems, health, metrics."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from fleet.api import (
    alerts,
    audit,
    auth,
    devices,
    ingest,
    mqtt,
    offers,
    policies,
    problems,
    providers,
    provision_runs,
    rules,
    sims,
    technicians,
    texts,
    tickets,
)
from fleet.api.access import FleetContext
from fleet.api.bodies import Bodies
from fleet.api.idempotency.door import Idempotency
from fleet.api.refusals import Refusals
from fleet.context import Context
from fleet.ingest.pipeline import Pipeline

ROUTERS: list[APIRouter] = [
    audit.router,
    devices.router,
    ingest.router,
    mqtt.router,
    rules.router,
    alerts.router,
    tickets.router,
    offers.router,
    technicians.router,
    policies.router,
    texts.router,
    sims.router,
    provision_runs.router,
    providers.router,
    auth.router,
]

health = APIRouter(tags=["health"])


@health.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@health.get("/health/ready")
async def ready(fleet: FleetContext) -> dict[str, str]:
    """The database can be read; 503 otherwise."""
    await fleet.database.read(lambda tx: tx.connection().execute(text("SELECT 1")).scalar())
    return {"status": "ready"}


@health.get("/metrics")
async def metrics(fleet: FleetContext) -> Response:
    """Prometheus text."""
    return Response(generate_latest(fleet.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def create_app(
    context: Context, pipeline: Pipeline | None = None, routers: Iterable[APIRouter] = tuple(ROUTERS)
) -> FastAPI:
    """The application for `context`: health, metrics and `routers`; what devices post goes to `pipeline`."""
    app = FastAPI(
        title="wireless-fleet",
        version="1",
        summary="SIMs, machines, alerts, tickets",
        redirect_slashes=False,
        responses=problems.RESPONSES,
    )
    app.state.context = context
    app.state.pipeline = pipeline
    app.state.refusals = Refusals()
    problems.install(app)
    app.add_middleware(Idempotency, context=context)
    app.add_middleware(Bodies)
    for router in (health, *routers):
        app.include_router(router)
    return app
