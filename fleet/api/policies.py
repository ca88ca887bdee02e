"""/v1/policies: whom to ask, in which order, for how long."""

from fastapi import APIRouter, status
from pydantic import BaseModel
from sqlmodel import Session

from fleet.api.access import FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.escalation import service
from fleet.escalation.models import Policy, PolicyCreate

router = APIRouter(prefix="/v1/policies", tags=["policies"])


class StepView(BaseModel):
    """Ask this technician, who has so many seconds to answer once the text has left."""

    technician: str
    timeout_s: int


class PolicyView(BaseModel):
    """A policy; the steps are gone through `rounds` times."""

    name: str
    rounds: int
    steps: list[StepView]


@router.post("", status_code=status.HTTP_201_CREATED)
async def add_policy(fleet: FleetContext, operator: Operator, wanted: PolicyCreate) -> PolicyView:
    """Add a policy."""
    now = fleet.clock.now()
    return await fleet.database.write(lambda tx: _view(tx, service.add_policy(tx, operator, now, wanted)))


@router.get("")
async def list_policies(fleet: FleetContext, operator: Operator, asked: PagingQuery) -> Page[PolicyView]:
    """Policies by name."""

    def read(tx: Session) -> list[PolicyView]:
        rows = service.listed(tx, operator.account_id, asked.after or "", asked.limit + 1)
        return [_view(tx, row) for row in rows]

    return page(await fleet.database.read(read), asked, lambda item: item.name)


def _view(tx: Session, policy: Policy) -> PolicyView:
    steps = [
        StepView(technician=technician.name, timeout_s=step.timeout_s) for step, technician in service.steps(tx, policy)
    ]
    return PolicyView(name=policy.name, rounds=policy.rounds, steps=steps)
