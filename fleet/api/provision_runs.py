"""/v1/provision-runs: the run of a provision; the bench does its steps and posts the results."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import Session

from fleet.api.access import FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.devices.models import Device
from fleet.sims import bench, runs
from fleet.sims.models import ProvisionRun, RunState
from fleet.sims.provisioning import BENCH, Step

router = APIRouter(prefix="/v1/provision-runs", tags=["sims"])


class RunWanted(BaseModel):
    """A device to provision; `pin` where its SIM is locked and the inventory does not hold it."""

    device: str
    provider: str
    apn: str
    pin: str = ""


class StepDone(BaseModel):
    """A step of the bench: its `result`, or in `error` one sentence on why it could not be done."""

    step: Step
    result: dict[str, Any] = {}
    error: str = ""


class RunView(BaseModel):
    """Where a run stands: `next` is the step it waits for, `by` whose move it is (`bench` or `service`)."""

    id: UUID
    device: str
    provider: str
    apn: str
    iccid: str
    imei: str
    state: RunState
    next: Step | None
    by: str
    pin: str
    """Answers to the bench for the step `unlock` alone: the PIN to try, once."""
    error: str
    created_at: datetime
    updated_at: datetime


@router.post("", status_code=HTTPStatus.CREATED)
async def start_run(fleet: FleetContext, operator: Operator, wanted: RunWanted) -> RunView:
    """Begin to provision a device, or go on with the run that is under way for it."""
    now = fleet.clock.now()

    def act(tx: Session) -> RunView:
        run = runs.start(
            tx, operator, now, fleet.sealer,
            device=wanted.device, provider=wanted.provider, apn=wanted.apn, pin=wanted.pin,
        )  # fmt: skip
        return _view(tx, run, bench.pin_to_try(tx, fleet.sealer, run))

    return await fleet.database.write(act)


@router.get("")
async def list_runs(
    fleet: FleetContext, operator: Operator, asked: PagingQuery, state: RunState | None = None
) -> Page[RunView]:
    """Runs in the order they began."""

    def read(tx: Session) -> list[RunView]:
        rows = runs.listing(tx, operator.account_id, asked.after, asked.limit + 1, state)
        return [_view(tx, run) for run in rows]

    return page(await fleet.database.read(read), asked, lambda run: str(run.id))


@router.get("/{run_id}")
async def show_run(fleet: FleetContext, operator: Operator, run_id: UUID) -> RunView:
    """One run."""
    return await fleet.database.read(lambda tx: _view(tx, runs.get(tx, operator.account_id, run_id)))


@router.post("/{run_id}/steps")
async def report_step(fleet: FleetContext, operator: Operator, run_id: UUID, done: StepDone) -> RunView:
    """Report a step of the bench; the answer says what comes next."""
    now = fleet.clock.now()
    providers = [provider.name for provider in fleet.settings.provider]

    def act(tx: Session) -> RunView:
        run = runs.get(tx, operator.account_id, run_id)
        if done.error:
            bench.trouble(tx, now, run, done.step, done.error)
        else:
            bench.report(tx, operator, now, fleet.sealer, providers, run, done.step, done.result)
        return _view(tx, run, bench.pin_to_try(tx, fleet.sealer, run))

    return await fleet.database.write(act)


def _view(tx: Session, run: ProvisionRun, pin: str = "") -> RunView:
    step = runs.next_step(tx, run) if run.state is RunState.RUNNING else None
    return RunView(
        **run.model_dump(include=set(RunView.model_fields) & set(ProvisionRun.model_fields)),
        device=tx.get_one(Device, run.device_id).name,
        next=step,
        by="" if step is None else "bench" if step in BENCH else "service",
        pin=pin,
    )
