"""/v1/sims: the inventory, and what is asked of a SIM's provider."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from fleet import inputs
from fleet.api.access import FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.audit import Actor
from fleet.context import Context
from fleet.errors import FleetError
from fleet.sims import imports, service
from fleet.sims.imports import MAX_ROWS, Imported
from fleet.sims.models import Desired, Effective, Reason, Sim, SimImport

router = APIRouter(prefix="/v1", tags=["sims"])

SLICE = 25
"""SIMs changed in one transaction: what devices report is not kept waiting for hundreds of them."""

Change = Callable[[Session, Context, Actor, str, str], tuple[Sim, bool]]
"""(transaction, context, who, ICCID, provider) → the SIM and whether anything changed."""


class SimView(BaseModel):
    """A SIM: what is wanted, what is, and why they differ."""

    iccid: str
    imsi: str
    msisdn: str
    provider: str
    desired: Desired
    effective: Effective
    reason: Reason
    detail: str
    created_at: datetime
    updated_at: datetime


class SimShown(SimView):
    """One SIM, and the machine it is bound to (empty: none)."""

    device: str


class ActivationWanted(BaseModel):
    """`provider`: who sells the SIM, where the inventory does not say."""

    provider: str = ""


class Import(BaseModel):
    """Rows to import."""

    sims: Annotated[list[SimImport], Field(max_length=MAX_ROWS)]
    dry_run: bool = False
    """True: say what would become of each row, change nothing."""


class ImportResult(BaseModel):
    """The outcome of each row, in order."""

    results: list[Imported]


class Many(BaseModel):
    """SIMs to change, by ICCID."""

    iccids: Annotated[list[str], Field(max_length=MAX_ROWS)]
    provider: str = ""


class Changed(BaseModel):
    """One SIM's outcome: `changed`, `unchanged`, or `refused` with a sentence."""

    iccid: str
    outcome: str
    detail: str = ""


class ManyResult(BaseModel):
    """The outcome for each SIM, in order."""

    results: list[Changed]


@router.post("/sims", status_code=HTTPStatus.CREATED)
async def add_sim(fleet: FleetContext, operator: Operator, wanted: SimImport) -> SimView:
    """Add one SIM; 409 where one with its ICCID exists."""
    now, known = fleet.clock.now(), _providers(fleet)
    return view(await fleet.database.write(lambda tx: imports.add_one(tx, operator, now, fleet.sealer, known, wanted)))


@router.post("/sims:import")
async def import_sims(fleet: FleetContext, operator: Operator, wanted: Import) -> ImportResult:
    """Add many SIMs; a row that cannot be added stops no other, and one that is there already is unchanged."""
    now, known, rows = fleet.clock.now(), _providers(fleet), wanted.sims
    if wanted.dry_run:
        results = await fleet.database.read(lambda tx: imports.judge(tx, operator, fleet.sealer, known, rows)[0])
    else:
        results = await fleet.database.write(lambda tx: imports.add(tx, operator, now, fleet.sealer, known, rows))
    return ImportResult(results=results)


@router.get("/sims")
async def list_sims(
    fleet: FleetContext,
    operator: Operator,
    asked: PagingQuery,
    desired: Desired | None = None,
    effective: Effective | None = None,
    provider: str | None = None,
    iccid: Annotated[str, Query(pattern=inputs.ICCID_BEGINNING)] = "",
) -> Page[SimView]:
    """SIMs by ICCID; `iccid` is how it begins."""

    def read(tx: Session) -> list[SimView]:
        rows = service.listing(
            tx, operator.account_id, asked.after, asked.limit + 1,
            desired=desired, effective=effective, provider=provider, iccid=iccid,
        )  # fmt: skip
        return [view(sim) for sim in rows]

    return page(await fleet.database.read(read), asked, lambda sim: sim.iccid)


@router.get("/sims/{iccid}")
async def show_sim(fleet: FleetContext, operator: Operator, iccid: str) -> SimShown:
    """One SIM."""

    def read(tx: Session) -> SimShown:
        sim = service.get(tx, operator.account_id, iccid)
        return SimShown(**view(sim).model_dump(), device=service.machine_of(tx, sim.account_id, sim.iccid))

    return await fleet.database.read(read)


@router.post("/sims/{iccid}/activate", status_code=HTTPStatus.ACCEPTED)
async def activate_sim(
    fleet: FleetContext, operator: Operator, iccid: str, wanted: ActivationWanted | None = None
) -> SimView:
    """Have a SIM brought into service; `effective` tells when it is."""
    provider = wanted.provider if wanted else ""
    return view(await fleet.database.write(lambda tx: _activate(tx, fleet, operator, iccid, provider)[0]))


@router.post("/sims/{iccid}/suspend", status_code=HTTPStatus.ACCEPTED)
async def suspend_sim(fleet: FleetContext, operator: Operator, iccid: str) -> SimView:
    """Have a SIM taken out of service; `effective` tells when it is."""
    return view(await fleet.database.write(lambda tx: _suspend(tx, fleet, operator, iccid, "")[0]))


@router.post("/sims:activate")
async def activate_many(fleet: FleetContext, operator: Operator, wanted: Many) -> ManyResult:
    """The same for many; one that cannot be activated stops no other."""
    return await _many(fleet, operator, wanted, _activate)


@router.post("/sims:suspend")
async def suspend_many(fleet: FleetContext, operator: Operator, wanted: Many) -> ManyResult:
    """The same for many; one that cannot be suspended stops no other."""
    return await _many(fleet, operator, wanted, _suspend)


def view(sim: Sim) -> SimView:
    """The SIM as the API shows it: never its PIN."""
    return SimView.model_validate(sim, from_attributes=True)


def _providers(fleet: Context) -> list[str]:
    return [configured.name for configured in fleet.settings.provider]


def _activate(tx: Session, fleet: Context, actor: Actor, iccid: str, provider: str) -> tuple[Sim, bool]:
    sim = service.get(tx, actor.account_id, iccid)
    return sim, service.activate(tx, actor, fleet.clock.now(), sim, _providers(fleet), provider)


def _suspend(tx: Session, fleet: Context, actor: Actor, iccid: str, _provider: str) -> tuple[Sim, bool]:
    sim = service.get(tx, actor.account_id, iccid)
    return sim, service.suspend(tx, actor, fleet.clock.now(), sim)


async def _many(fleet: Context, actor: Actor, wanted: Many, change: Change) -> ManyResult:
    def act(tx: Session, iccids: list[str]) -> list[Changed]:
        results = []
        for iccid in iccids:
            try:
                sim, changed = change(tx, fleet, actor, iccid, wanted.provider)
                results.append(Changed(iccid=sim.iccid, outcome="changed" if changed else "unchanged"))
            except FleetError as error:
                results.append(Changed(iccid=iccid[:40], outcome="refused", detail=str(error)))
        return results

    results: list[Changed] = []
    for start in range(0, len(wanted.iccids), SLICE):
        some = wanted.iccids[start : start + SLICE]
        results += await fleet.database.write(partial(act, iccids=some))
    return ManyResult(results=results)
