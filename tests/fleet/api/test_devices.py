"""/v1/devices over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from fleet.api.app import create_app
from fleet.auth.service import issue_operator_token
from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.secrets import Sealer
from fleet.settings import Settings
from tests.conftest import account_of, operator_of


@pytest.fixture
async def api(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[AsyncClient]:
    """An operator's client."""
    operator = operator_of(account_of(database, clock))
    token, _ = database.write_now(lambda tx: issue_operator_token(tx, operator, clock.now()))
    app = create_app(Context(Settings(), database, clock, Sealer.from_file(tmp_path / "key")))
    headers = {"Authorization": f"Bearer {token}"}
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://fleet", headers=headers) as client:
        yield client


async def add(api: AsyncClient, name: str, **more: str) -> Any:
    response = await api.post("/v1/devices", json={"name": name, **more})
    assert response.status_code == 201
    return response.json()


async def test_a_device_is_added_listed_and_shown(api: AsyncClient) -> None:
    added = await add(api, "vm-01", model="Gem", site="north")
    assert added["name"] == "vm-01"
    assert len(added["token"]) == 32
    expected = {
        "name": "vm-01",
        "model": "Gem",
        "site": "north",
        "created_at": "2026-01-01T00:00:00Z",
        "last_seen_at": None,
        "sim": None,
    }
    assert (await api.get("/v1/devices")).json() == {"items": [expected], "next": None}
    shown = (await api.get("/v1/devices/vm-01")).json()
    assert shown == {**expected, "points": [], "alerts": []}


async def test_the_list_is_paged_by_name(api: AsyncClient) -> None:
    for name in ("b", "a", "c"):
        await add(api, name)
    first = (await api.get("/v1/devices", params={"limit": 2})).json()
    assert [item["name"] for item in first["items"]] == ["a", "b"]
    rest = (await api.get("/v1/devices", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([item["name"] for item in rest["items"]], rest["next"]) == (["c"], None)


async def test_a_token_is_rotated(api: AsyncClient) -> None:
    added = await add(api, "vm-01")
    rotated = await api.post("/v1/devices/vm-01/token")
    assert rotated.status_code == 201
    assert rotated.json()["token"] != added["token"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/v1/devices", {"name": "vm-01"}, 409, "got 'vm-01', which exists"),
        ("POST", "/v1/devices", {"name": "a/b"}, 400, "expected a device name"),
        ("POST", "/v1/devices", {"name": "x" * 65}, 400, "expected a device name"),
        ("POST", "/v1/devices", {}, 400, "as name"),
        ("POST", "/v1/devices", {"name": "vm-02", "site": "a\x00b"}, 400, "without the character U+0000"),
        ("POST", "/v1/devices", {"name": "vm-02", "model": "m" * 201}, 400, "model"),
        ("GET", "/v1/devices/none", None, 404, "expected the name of a device, got 'none'"),
        ("GET", "/v1/devices/a%00b", None, 400, "expected text without the character U+0000"),
        ("POST", "/v1/devices/none/token", None, 404, "expected the name of a device, got 'none'"),
        ("GET", "/v1/devices?cursor=!", None, 400, "expected a cursor"),
    ],
)
async def test_what_cannot_be_is_a_problem_in_one_sentence(
    api: AsyncClient, method: str, path: str, body: Any, status: int, words: str
) -> None:
    await add(api, "vm-01")
    response = await api.request(method, path, json=body)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert words in response.json()["detail"]


async def test_without_a_token_nobody_gets_in(api: AsyncClient) -> None:
    response = await api.get("/v1/devices", headers={"Authorization": ""})
    assert response.status_code == 401
