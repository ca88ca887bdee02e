"""/v1/devices: machines, their tokens, what they last said."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import Session, col, select

from fleet.alerts.models import Alert, AlertState
from fleet.api.access import FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.devices import service
from fleet.devices.models import Device, DeviceCreate
from fleet.telemetry import latest

router = APIRouter(prefix="/v1/devices", tags=["devices"])


class SimBinding(BaseModel):
    """The SIM and the modem a device has."""

    iccid: str
    imei: str
    bound_at: datetime


class DeviceView(BaseModel):
    """A machine."""

    name: str
    model: str
    site: str
    created_at: datetime
    last_seen_at: datetime | None
    sim: SimBinding | None


class PointView(BaseModel):
    """The newest value of a point: `at` by the time used for it, `age_s` by the service's clock."""

    name: str
    value: float | str | bool
    at: datetime
    age_s: float


class OpenAlert(BaseModel):
    """What is wrong at present."""

    rule: str
    severity: str
    summary: str
    raised_at: datetime


class DeviceDetail(DeviceView):
    """A machine with all that is known of it now."""

    points: list[PointView]
    alerts: list[OpenAlert]


class DeviceToken(BaseModel):
    """A token, shown this once."""

    name: str
    token: str


@router.post("", status_code=HTTPStatus.CREATED)
async def add_device(fleet: FleetContext, operator: Operator, wanted: DeviceCreate) -> DeviceToken:
    """Add a machine. The answer holds its token, which is stored hashed and not shown again."""
    device, token = await fleet.database.write(lambda tx: service.create(tx, operator, fleet.clock.now(), wanted))
    return DeviceToken(name=device.name, token=token)


@router.get("")
async def list_devices(fleet: FleetContext, operator: Operator, asked: PagingQuery) -> Page[DeviceView]:
    """Machines by name."""

    def read(tx: Session) -> list[DeviceView]:
        return [view(row) for row in service.machines(tx, operator.account_id, asked.after, asked.limit + 1)]

    return page(await fleet.database.read(read), asked, lambda row: row.name)


@router.get("/{name}")
async def show_device(fleet: FleetContext, operator: Operator, name: str) -> DeviceDetail:
    """One machine, its newest points, its open alerts."""
    now = fleet.clock.now()

    def read(tx: Session) -> DeviceDetail:
        machine = service.machine(tx, operator.account_id, name)
        return DeviceDetail(
            **view(machine).model_dump(), points=_points(tx, machine.device, now), alerts=_alerts(tx, machine.device)
        )

    return await fleet.database.read(read)


@router.post("/{name}/token", status_code=HTTPStatus.CREATED)
async def rotate_token(fleet: FleetContext, operator: Operator, name: str) -> DeviceToken:
    """A new token for the machine; the one before stays valid until the next rotation."""

    def write(tx: Session) -> str:
        device = service.get(tx, operator.account_id, name)
        return service.rotate_token(tx, operator, fleet.clock.now(), device)

    return DeviceToken(name=name, token=await fleet.database.write(write))


def view(machine: service.Machine) -> DeviceView:
    """What the API says of a machine."""
    device, site, binding = machine
    return DeviceView(
        name=device.name,
        model=device.model,
        site=site,
        created_at=device.created_at,
        last_seen_at=device.last_seen_at,
        sim=SimBinding(**binding.model_dump(include={"iccid", "imei", "bound_at"})) if binding else None,
    )


def _points(tx: Session, device: Device, now: datetime) -> list[PointView]:
    points = []
    for point in latest.of_device(tx, device.key):
        at = datetime.fromtimestamp(point.used_ms / 1000, UTC)
        points.append(PointView(name=point.name, value=point.value, at=at, age_s=(now - at).total_seconds()))
    return points


def _alerts(tx: Session, device: Device) -> list[OpenAlert]:
    query = (
        select(Alert)
        .where(Alert.device_id == device.id, Alert.state == AlertState.RAISED)
        .order_by(col(Alert.raised_at))
    )
    return [
        OpenAlert(rule=row.rule_name, severity=row.severity, summary=row.summary, raised_at=row.raised_at)
        for row in tx.exec(query)
    ]
