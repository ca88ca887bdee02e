"""/v1/rules: the conditions under which a device is wrong."""

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import Session

from fleet.api.access import FleetContext, Operator
from fleet.api.names import names
from fleet.api.paging import Page, PagingQuery, page
from fleet.escalation.models import Policy
from fleet.escalation.service import get_policy
from fleet.ids import check_name
from fleet.rules import service
from fleet.rules.kinds import Spec
from fleet.rules.models import Rule, RuleCreate, Severity

router = APIRouter(prefix="/v1/rules", tags=["rules"])


class RuleView(BaseModel):
    """A rule; `device` is empty where it is for every device."""

    name: str
    spec: Spec
    severity: Severity
    policy: str
    device: str
    enabled: bool
    created_at: datetime


@router.post("", status_code=HTTPStatus.CREATED)
async def add_rule(fleet: FleetContext, operator: Operator, wanted: RuleCreate) -> RuleView:
    """Add a rule; it is evaluated from the next message on."""

    def write(tx: Session) -> RuleView:
        policy = get_policy(tx, operator.account_id, check_name(wanted.policy, "a policy name"))
        return _view(service.add(tx, operator, fleet.clock.now(), wanted, policy.id), policy.name)

    return await fleet.database.write(write)


@router.get("")
async def list_rules(fleet: FleetContext, operator: Operator, asked: PagingQuery) -> Page[RuleView]:
    """Rules by name."""

    def read(tx: Session) -> list[RuleView]:
        rules = service.page(tx, operator.account_id, asked.after, asked.limit + 1)
        policies = names(tx, Policy, (rule.policy_id for rule in rules))
        return [_view(rule, policies[rule.policy_id]) for rule in rules]

    return page(await fleet.database.read(read), asked, lambda row: row.name)


def _view(rule: Rule, policy: str) -> RuleView:
    shown = {"name", "spec", "severity", "enabled", "created_at"}
    return RuleView(policy=policy, device=rule.device_name, **rule.model_dump(include=shown))
