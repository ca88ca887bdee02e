"""Every kind of denied call, as a table: who it was, what they are answered, and the one entry it leaves."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from sqlmodel import Session

from fleet.api.app import create_app
from fleet.audit import Entry
from fleet.auth import service as auth
from fleet.auth import user_tokens, users
from fleet.auth.models import Holder, UserCreate
from fleet.auth.roles import UserRole
from fleet.denials import keep
from fleet.devices import service as devices
from fleet.settings import ProviderSettings
from fleet.sims.providers.sandbox import sign
from tests.fleet.yard import Yard

STRANGER = ("stranger", "127.0.0.1")


def of_user(role: UserRole) -> Callable[[Yard], str]:
    """The token of ana, who has this role, good for a day."""

    def token(yard: Yard) -> str:
        def write(tx: Session) -> str:
            user = users.add(tx, yard.operator, yard.clock.now(), UserCreate(name="ana", role=role))
            return user_tokens.issue(tx, yard.operator, yard.clock.now(), user, "test", timedelta(days=1))[1]

        return yard.write(write)

    return token


viewer, operator, admin = (of_user(role) for role in UserRole)


def expired(yard: Yard) -> str:
    token = admin(yard)
    yard.clock.advance(timedelta(days=1))
    return token


def revoked(yard: Yard) -> str:
    token = admin(yard)
    yard.write(
        lambda tx: user_tokens.revoke(
            tx, yard.operator, yard.clock.now(), users.get(tx, yard.account_id, "ana"), "test"
        )
    )
    return token


def disabled(yard: Yard) -> str:
    token = admin(yard)
    yard.write(lambda tx: users.disable(tx, yard.operator, yard.clock.now(), users.get(tx, yard.account_id, "ana")))
    return token


def demoted(yard: Yard) -> str:
    token = admin(yard)
    yard.write(
        lambda tx: users.set_role(
            tx, yard.operator, yard.clock.now(), users.get(tx, yard.account_id, "ana"), UserRole.VIEWER
        )
    )
    return token


def installation(yard: Yard) -> str:
    return yard.write(lambda tx: auth.issue_operator_token(tx, yard.operator, yard.clock.now()))


def former_installation(yard: Yard) -> str:
    token = installation(yard)
    installation(yard)
    return token


def machine(yard: Yard) -> str:
    now = yard.clock.now()
    return yard.write(
        lambda tx: devices.rotate_token(tx, yard.operator, now, devices.get(tx, yard.account_id, "vm-04"))
    )


def former_machine(yard: Yard) -> str:
    token = machine(yard)
    yard.write(lambda tx: auth.revoke(tx, yard.operator, yard.clock.now(), Holder.DEVICE, "vm-04"))
    return token


def unknown(_yard: Yard) -> str:
    return "0123456789abcdef" * 2


class Case(NamedTuple):
    token: Callable[[Yard], str] | None
    asked: str
    """Method and path."""
    status: int
    who: tuple[str, str]
    """Role and name of the actor."""
    words: str
    """In the facts of the entry."""
    scheme: str = "Bearer"


ANA, VM_04, OPERATOR = ("operator", "ana"), ("device", "vm-04"), ("operator", "operator")
READ, CHANGE, ADMINISTER, REPORT = (
    "GET /v1/devices", "POST /v1/devices/vm-04/token", "GET /v1/users", "POST /v1/devices/vm-04/telemetry",
)  # fmt: skip
CASES = {
    "a viewer does an operator's act": Case(viewer, CHANGE, 403, ANA, '"needed": "operator"'),
    "a viewer reads what was written to people": Case(viewer, "GET /v1/texts", 403, ANA, '"role": "viewer"'),
    "an operator does an admin's act": Case(operator, ADMINISTER, 403, ANA, '"needed": "admin"'),
    "an operator takes the broker's passwords": Case(
        operator, "POST /v1/mqtt/mosquitto-config", 403, ANA, '"needed": "admin"'
    ),
    "an admin who is one no more": Case(demoted, ADMINISTER, 403, ANA, '"role": "viewer"'),
    "a token that expired": Case(expired, READ, 401, ANA, "expired at 2026-01-02"),
    "a token that was revoked": Case(revoked, READ, 401, ANA, "one that is revoked"),
    "a user who is disabled": Case(disabled, READ, 401, ANA, "revoked"),
    "the installation's former token": Case(former_installation, READ, 401, OPERATOR, "one that is revoked"),
    "a machine does what people do": Case(machine, READ, 403, VM_04, '"needed": "viewer"'),
    "a machine reports as another": Case(
        machine, "POST /v1/devices/vm-05/events", 403, VM_04, '"needed": "device vm-05"'
    ),
    "a machine's token that was revoked": Case(former_machine, REPORT, 401, VM_04, "one that is revoked"),
    "a person reports as a machine": Case(admin, REPORT, 401, ANA, '"needed": "device vm-04"'),
    "the installation reports as a machine": Case(installation, REPORT, 401, OPERATOR, '"needed": "device vm-04"'),
    "a token nobody knows": Case(unknown, READ, 401, STRANGER, "got an unknown one"),
    "a token nobody knows, of a machine": Case(unknown, REPORT, 401, STRANGER, '"claimed": "vm-04"'),
    "no token": Case(None, READ, 401, STRANGER, "got none"),
    "no token, of a machine": Case(None, REPORT, 401, STRANGER, "got none"),
    "another scheme": Case(admin, READ, 401, STRANGER, "got none", scheme="Basic"),
}


async def entries(yard: Yard) -> list[Entry]:
    """The denied acts in the audit log, with what was only noted until now."""
    keeping = asyncio.create_task(keep(yard.context.denials, yard.database, yard.clock, yard.account_id))
    await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.wait([keeping])
    return yard.audit("access.denied")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_every_denied_call_leaves_one_entry(yard: Yard, client: httpx2.AsyncClient, case: Case) -> None:
    method, path = case.asked.split()
    token = case.token(yard) if case.token else ""
    headers = {"Authorization": f"{case.scheme} {token}".strip()}
    before = len(yard.audit("token.issued"))
    answer = await client.request(method, path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (case.status, "application/problem+json")
    (entry,) = await entries(yard)
    assert ((entry.role, entry.actor), entry.way) == (case.who, "api")
    assert entry.subject.split()[0] == method
    facts = json.dumps(entry.facts)
    assert case.words in facts
    assert path in facts
    assert not token or token not in facts
    assert len(yard.audit("token.issued")) == before, "nothing was done"


@pytest.mark.parametrize(
    ("secret", "age", "words"), [("guessed", 0, "another signature"), ("shared", 3600, "compare the clocks")]
)
async def test_a_provider_s_callback_that_proves_nothing_leaves_one_entry(
    yard: Yard, tmp_path: Path, secret: str, age: int, words: str
) -> None:
    (tmp_path / "secret").write_text("shared")
    provider = ProviderSettings(name="sandbox", url="http://127.0.0.1:9", callback_secret_file=tmp_path / "secret")
    yard.context.settings.provider.append(provider)
    body, stamp = b'{"iccid":"8988303000000000999"}', str(int(yard.clock.now().timestamp()) - age)
    headers = {"X-Sandbox-Timestamp": stamp, "X-Sandbox-Signature": sign(secret, stamp, body)}
    transport = httpx2.ASGITransport(app=create_app(yard.context))
    async with httpx2.AsyncClient(transport=transport, base_url="http://fleet") as caller:
        answer = await caller.post("/v1/providers/sandbox/callback", content=body, headers=headers)
    assert answer.status_code == 401
    (entry,) = await entries(yard)
    assert (entry.role, entry.subject, entry.facts["claimed"]) == (
        "stranger", "POST /v1/providers/{name}/callback", "sandbox",
    )  # fmt: skip
    assert words in entry.facts["why"]
