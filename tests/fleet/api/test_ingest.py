"""The way in over HTTP."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import cbor2
import httpx2
import pytest

from fleet.api.app import create_app
from fleet.audit import Way, system
from fleet.auth.service import issue_operator_token
from fleet.db import Database
from fleet.errors import Unavailable
from fleet.telemetry.history import History
from fleet.telemetry.memory import MemoryHistory
from tests.fleet.ingest.service import WayIn, way_in

POINT = '{"id":"1","values":{"t":4.5}}'


@asynccontextmanager
async def api(database: Database, history: History | None = None) -> AsyncIterator[tuple[WayIn, httpx2.AsyncClient]]:
    """The API over a running pipeline with devices m1 and m2; the client has m1's token."""
    async with way_in(database, "m1", "m2", history=history) as parts:
        transport = httpx2.ASGITransport(app=create_app(parts.context, parts.pipeline))
        headers = {"Authorization": f"Bearer {parts.tokens['m1']}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://fleet", headers=headers) as client:
            yield parts, client


async def test_what_is_answered_204_is_stored(database: Database) -> None:
    async with api(database) as (parts, client):
        assert (await client.post("/v1/devices/m1/telemetry", content=POINT)).status_code == 204
        answer = await client.post("/v1/devices/m1/events", content='[{"code":"door"},{"code":"sold_out"}]')
        assert (answer.status_code, answer.content) == (204, b"")
        reports = await parts.reports()
        assert [(report.values, report.code) for report in reports] == [
            ({"t": 4.5}, ""),
            ({}, "door"),
            ({}, "sold_out"),
        ]


async def test_cbor_where_the_content_type_says_so(database: Database) -> None:
    async with api(database) as (parts, client):
        headers = {"Content-Type": "Application/CBOR; x=y"}
        body = cbor2.dumps({"id": "1", "values": {"t": 4.5}})
        assert (await client.post("/v1/devices/m1/telemetry", content=body, headers=headers)).status_code == 204
        assert [report.values for report in await parts.reports()] == [{"t": 4.5}]
        bad = await client.post("/v1/devices/m1/telemetry", content=POINT, headers=headers)
        assert (bad.status_code, "expected CBOR" in bad.json()["detail"]) == (400, True)


async def test_no_answer_before_the_commit(database: Database) -> None:
    history = MemoryHistory()
    async with api(database, history) as (_, client):
        history.gate.clear()
        post = asyncio.create_task(client.post("/v1/devices/m1/telemetry", content=POINT))
        await asyncio.sleep(0.1)
        assert not post.done()
        history.gate.set()
        assert (await post).status_code == 204


async def test_a_bad_payload_is_kept_as_a_dead_letter_and_refused(database: Database) -> None:
    async with api(database) as (parts, client):
        answer = await client.post("/v1/devices/m1/telemetry", content=b'{"values":{"t":1e400}}\xff')
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert "dead letter" in answer.json()["detail"]
        token = await database.write(
            lambda tx: issue_operator_token(tx, system(parts.account_id, Way.START), parts.context.clock.now())
        )
        headers = {"Authorization": f"Bearer {token}"}
        (letter,) = (await client.get("/v1/dead-letters", headers=headers)).json()["items"]
        assert (letter["device"], letter["way"], letter["topic"]) == ("m1", "http", "/v1/devices/m1/telemetry")
        assert base64.b64decode(letter["payload_base64"]) == b'{"values":{"t":1e400}}\xff'
        assert "out of range" in letter["reason"]


async def test_dead_letters_come_in_pages(database: Database) -> None:
    async with api(database) as (parts, client):
        for n in range(5):
            await client.post("/v1/devices/m1/telemetry", content=b"bad %d" % n)
        token = await database.write(
            lambda tx: issue_operator_token(tx, system(parts.account_id, Way.START), parts.context.clock.now())
        )
        headers, seen, cursor = {"Authorization": f"Bearer {token}"}, [], ""
        while cursor is not None:
            query = f"?limit=2&cursor={cursor}" if cursor else "?limit=2"
            found = (await client.get(f"/v1/dead-letters{query}", headers=headers)).json()
            seen += [letter["payload"] for letter in found["items"]]
            cursor = found["next"]
        assert seen == [f"bad {n}" for n in (4, 3, 2, 1, 0)]
        assert (await client.get("/v1/dead-letters")).status_code in (401, 403), "a device may not read them"


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/v1/devices/m2/telemetry", "m1", 403),
        ("/v1/devices/nobody/telemetry", "m1", 403),
        ("/v1/devices/m1/telemetry", "wrong", 401),
        ("/v1/devices/m1/telemetry", "", 401),
    ],
)
async def test_who_may_not(database: Database, path: str, token: str, status: int) -> None:
    async with api(database) as (parts, client):
        headers = {"Authorization": f"Bearer {parts.tokens.get(token, token)}"}
        answer = await client.post(path, content=POINT, headers=headers)
        assert answer.status_code == status
        assert answer.json()["detail"].startswith("expected")
        assert await parts.reports() == []


async def test_a_payload_without_end_is_not_read(database: Database) -> None:
    async with api(database) as (parts, client):
        slightly = await client.post("/v1/devices/m1/telemetry", content=POINT + " " * 65_536)
        assert slightly.status_code == 400
        much = await client.post("/v1/devices/m1/telemetry", content=b" " * 140_000)
        assert (much.status_code, much.json()["status"]) == (413, 413)
        assert await parts.reports() == []


async def test_when_storage_fails_the_device_is_told_to_come_back(database: Database) -> None:
    history = MemoryHistory()
    history.failure = Unavailable("disk full", retry_after=3)
    async with api(database, history) as (_, client):
        answer = await client.post("/v1/devices/m1/telemetry", content=POINT)
        assert (answer.status_code, int(answer.headers["Retry-After"]) >= 1) == (503, True)
        history.failure = None
        assert (await client.post("/v1/devices/m1/telemetry", content=POINT)).status_code == 204
