"""/v1/alerts: what is and was wrong, with the readings that show it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import Session

from fleet.alerts import store
from fleet.alerts.models import Alert, AlertState
from fleet.api.access import FleetContext, Operator
from fleet.api.names import names
from fleet.api.paging import Page, PagingQuery, page
from fleet.devices import service as devices
from fleet.devices.models import Device
from fleet.ids import check_name

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


class AlertView(BaseModel):
    """One episode. `raised_at` and `cleared_at` are event times; `why` and `evidence` the readings behind them."""

    id: UUID
    rule: str
    device: str
    severity: str
    state: AlertState
    summary: str
    raised_at: datetime
    why: dict[str, Any]
    cleared_at: datetime | None
    evidence: dict[str, Any] | None


@router.get("")
async def list_alerts(
    fleet: FleetContext, operator: Operator, asked: PagingQuery, state: AlertState | None = None, device: str = ""
) -> Page[AlertView]:
    """Alerts, newest first; only those in `state`, only those of `device`."""
    before = asked.after_id()
    if device:
        check_name(device, "a device name")

    def read(tx: Session) -> list[AlertView]:
        device_id = devices.get(tx, operator.account_id, device).id if device else None
        limit = asked.limit + 1
        return views(tx, store.latest(tx, operator.account_id, before, limit, state=state, device_id=device_id))

    return page(await fleet.database.read(read), asked, lambda row: str(row.id))


def views(tx: Session, alerts: list[Alert]) -> list[AlertView]:
    """What the API says of alerts."""
    machines = names(tx, Device, (alert.device_id for alert in alerts))
    return [
        AlertView(
            rule=alert.rule_name,
            device=machines[alert.device_id],
            **alert.model_dump(include=set(AlertView.model_fields) - {"rule", "device"}),
        )
        for alert in alerts
    ]
