"""Who may do what over HTTP, and what is kept of those who may not."""

from datetime import timedelta

import httpx2
import pytest
from sqlmodel import Session

from fleet.api.refusals import DENIED, UNKNOWN
from fleet.auth import user_tokens, users
from fleet.auth.models import UserCreate
from fleet.auth.roles import UserRole
from fleet.devices import service as devices
from tests.fleet.yard import Yard

TECHNICIAN = {"name": "ben", "phone": "+12025550199"}


def token_of(yard: Yard, name: str, role: UserRole) -> dict[str, str]:
    """The header of a new user's token, good for a day."""

    def write(tx: Session) -> str:
        user = users.add(tx, yard.operator, yard.clock.now(), UserCreate(name=name, role=role))
        return user_tokens.issue(tx, yard.operator, yard.clock.now(), user, "test", timedelta(days=1))[1]

    return {"Authorization": f"Bearer {yard.write(write)}"}


def device_token(yard: Yard) -> dict[str, str]:
    def write(tx: Session) -> str:
        device = devices.get(tx, yard.account_id, "vm-04")
        return devices.rotate_token(tx, yard.operator, yard.clock.now(), device)

    return {"Authorization": f"Bearer {yard.write(write)}"}


@pytest.mark.parametrize(
    ("role", "reads", "adds", "administers"),
    [
        (UserRole.VIEWER, 200, 403, 403),
        (UserRole.OPERATOR, 200, 201, 403),
        (UserRole.ADMIN, 200, 201, 200),
    ],
)
async def test_each_role_may_what_the_table_says(
    yard: Yard, client: httpx2.AsyncClient, role: UserRole, reads: int, adds: int, administers: int
) -> None:
    headers = token_of(yard, "ana", role)
    assert (await client.get("/v1/devices", headers=headers)).status_code == reads
    assert (await client.post("/v1/technicians", headers=headers, json=TECHNICIAN)).status_code == adds
    assert (await client.get("/v1/users", headers=headers)).status_code == administers


async def test_what_a_user_does_is_audited_under_their_name(yard: Yard, client: httpx2.AsyncClient) -> None:
    headers = token_of(yard, "ana", UserRole.OPERATOR)
    await client.post("/v1/technicians", headers=headers, json=TECHNICIAN)
    (entry,) = yard.audit("technician.added")
    assert (entry.actor, entry.role) == ("ana", "operator")


async def test_a_denied_act_is_audited_and_changes_nothing(yard: Yard, client: httpx2.AsyncClient) -> None:
    headers = token_of(yard, "ana", UserRole.VIEWER)
    answer = await client.post("/v1/devices/vm%2D04/token", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert answer.json()["detail"] == (
        "expected the role operator or more for POST /v1/devices/{name}/token, got viewer of operator ana: ask an admin"
    )
    (entry,) = yard.audit("access.denied")
    assert (entry.actor, entry.subject) == ("ana", "POST /v1/devices/{name}/token")
    assert entry.facts == {"needed": "operator", "role": "viewer", "path": "/v1/devices/vm-04/token"}
    assert len(yard.audit("token.issued")) == 3, "of the device, the operator, ana"


async def test_a_token_that_expired_is_told_so_and_audited(yard: Yard, client: httpx2.AsyncClient) -> None:
    headers = token_of(yard, "ana", UserRole.ADMIN)
    yard.clock.advance(timedelta(days=1))
    answer = await client.get("/v1/devices", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "expired at 2026-01-02 00:00Z" in answer.json()["detail"]
    (entry,) = yard.audit("access.denied")
    assert "expired" in entry.facts["why"]


async def test_a_device_is_denied_what_people_do(yard: Yard, client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/devices", headers=device_token(yard))
    assert answer.status_code == 403
    (entry,) = yard.audit("access.denied")
    assert (entry.actor, entry.role, entry.facts["needed"]) == ("vm-04", "device", "viewer")


async def test_a_device_that_speaks_for_another_is_audited(yard: Yard, client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/devices/vm-05/telemetry", headers=device_token(yard), content="{}")
    assert answer.status_code == 403
    (entry,) = yard.audit("access.denied")
    assert (entry.actor, entry.facts["needed"]) == ("vm-04", "device vm-05")


async def test_who_does_not_stop_is_told_to_wait_and_fills_no_disk(yard: Yard, client: httpx2.AsyncClient) -> None:
    headers = token_of(yard, "ana", UserRole.VIEWER)
    statuses = [(await client.get("/v1/users", headers=headers)).status_code for _ in range(DENIED + 2)]
    assert statuses == [403] * DENIED + [429] * 2
    assert len(yard.audit("access.denied")) == DENIED
    (noted,) = yard.context.denials.rest()
    assert (noted.times, noted.noted.denial.actor.name) == (2, "ana"), "the ones beyond are counted"  # type: ignore[union-attr]
    assert (await client.get("/v1/devices", headers=headers)).status_code == 200, "what is allowed is not held up"


async def test_unknown_tokens_are_counted_and_slowed_but_nobody_beside_them(
    yard: Yard, client: httpx2.AsyncClient
) -> None:
    wrong = {"Authorization": "Bearer 0123"}
    answers = [await client.get("/v1/devices", headers=wrong) for _ in range(UNKNOWN + 1)]
    assert [answer.status_code for answer in answers] == [401] * UNKNOWN + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert (await client.get("/v1/devices")).status_code == 200
    assert yard.metric("fleet_api_refusals_total", reason="unauthorized") == UNKNOWN
    assert yard.metric("fleet_api_refusals_total", reason="too_many") == 1
    (noted,) = yard.context.denials.rest()
    assert (noted.times, noted.noted.denial.actor) == (UNKNOWN + 1, None), "written apart, a row for all of them"
