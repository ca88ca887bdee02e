"""/v1/technicians: the people who are offered work."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from fleet.api.access import FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.escalation import wording
from fleet.oncall import service
from fleet.oncall.models import Technician, TechnicianCreate

router = APIRouter(prefix="/v1/technicians", tags=["technicians"])


class TechnicianView(BaseModel):
    """A technician; `phone` is E.164, an inactive one is never asked."""

    name: str
    phone: str
    company: str
    language: str
    active: bool


@router.post("", status_code=status.HTTP_201_CREATED)
async def add_technician(fleet: FleetContext, operator: Operator, wanted: TechnicianCreate) -> TechnicianView:
    """Add a technician; `language` is one that texts are written in."""
    wording.check_language(wanted.language)
    now = fleet.clock.now()
    return _view(await fleet.database.write(lambda tx: service.add(tx, operator, now, wanted)))


@router.get("")
async def list_technicians(fleet: FleetContext, operator: Operator, asked: PagingQuery) -> Page[TechnicianView]:
    """Technicians by name."""
    rows = await fleet.database.read(
        lambda tx: service.listed(tx, operator.account_id, asked.after or "", asked.limit + 1)
    )
    return page([_view(row) for row in rows], asked, lambda item: item.name)


def _view(technician: Technician) -> TechnicianView:
    return TechnicianView(**technician.model_dump(include=set(TechnicianView.model_fields)))
