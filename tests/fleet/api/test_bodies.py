"""Hostile requests: whatever is sent, the answer is a problem in one sentence and the service goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from fleet.api.bodies import MAX_BODY
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import Database
from fleet.secrets import Sealer
from fleet.settings import Settings
from tests.cli.conftest import serving
from tests.conftest import UNSAFE
from tests.fleet.yard import Yard

RULE = '{"name": "r", "policy": "day", "spec": {"kind": "threshold", "point": "t", "raise_when": "above", "level": %s}}'
JSON = "application/json"


@pytest.mark.parametrize(
    ("content_type", "body", "status", "words"),
    [
        ("text/plain", '{"name": "x"}', 415, "expected a body of Content-Type application/json, got 'text/plain'"),
        ("application/x-www-form-urlencoded", "name=x", 415, "got 'application/x-www-form-urlencoded'"),
        ("", '{"name": "x"}', 415, "got ''"),
        ("application/jsonp", "{}", 415, "got 'application/jsonp'"),
        (JSON, '{"name": ', 400, "expected JSON in UTF-8"),
        (JSON, b'{"name": "\xff"}', 400, "expected JSON in UTF-8"),
        (JSON, '{"name": "x"}'.encode("utf-16"), 400, "expected JSON in UTF-8"),
        (JSON, '{"name": "\\ud800"}', 400, "expected JSON in UTF-8"),
        (JSON, '{"name": "a\\u0000b"}', 400, "without the character U+0000"),
        (JSON, "[" * 200_000, 400, "expected JSON in UTF-8"),
        (JSON, '{"a":' * 2000 + "1" + "}" * 2000, 400, "expected JSON in UTF-8"),
        (JSON, RULE % "NaN", 400, "expected JSON in UTF-8"),
        (JSON, RULE % "Infinity", 400, "expected JSON in UTF-8"),
        (JSON, RULE % "1e999", 400, "expected JSON in UTF-8"),
        (JSON, RULE % ("9" * 5000), 400, "expected"),
        (JSON, RULE % 2**64, 400, "integers of at most 64 bits"),
        (JSON, "null", 400, "body"),
        (JSON, "[]", 400, "body"),
        (JSON, "", 400, "body"),
    ],
)
async def test_a_body_that_is_none_is_refused(
    client: httpx2.AsyncClient, content_type: str, body: str | bytes, status: int, words: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await client.post("/v1/rules", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["status"] == status
    assert words in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


async def test_a_backslash_before_u0000_is_just_text(yard: Yard, client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/v1/technicians",
        content='{"name": "ben", "phone": "+12025550199", "company": "\\\\u0000"}',
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    assert (answer.status_code, answer.json()["company"]) == (201, "\\u0000")


@pytest.mark.parametrize("known", [True, False])
async def test_a_body_without_end_is_not_read(client: httpx2.AsyncClient, known: bool) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 65_536
            yield b" " * 65_536

    path = "/v1/devices" if known else "/v1/nothing"
    answer = await client.post(path, content=endless(), headers={"Content-Type": JSON})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert read <= MAX_BODY + 2 * 65_536


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/", 404, "expected a path of this API, got '/'"),
        ("GET", "/v2/devices", 404, "expected a path of this API"),
        ("GET", "/v1/devices/", 404, "expected a path of this API"),
        ("GET", "/v1/devices/%ff", 404, "expected the name of a device"),
        ("GET", "/v1/devices/" + "x" * 5000, 404, "expected the name of a device"),
        ("GET", "/v1/users/a%00b", 400, "without the character U+0000"),
        ("GET", "/v1/alerts?device=a%00b", 400, "without the character U+0000"),
        ("GET", "/v1/tickets/99999999999999999999", 404, "expected the number of a ticket"),
        ("GET", "/v1/tickets/-99999999999999999999", 404, "expected the number of a ticket"),
        ("GET", "/v1/tickets/1.5", 400, "as number"),
        ("GET", "/v1/tickets?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5", 400, "expected a cursor"),
        ("GET", "/v1/dead-letters?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5", 400, "expected a cursor"),
        ("GET", "/v1/tickets?limit=0", 400, "limit"),
        ("GET", "/v1/tickets?limit=1001", 400, "limit"),
        ("GET", "/v1/tickets?limit=²", 400, "limit"),
        ("GET", "/v1/provision-runs/none", 400, "as run_id"),
        ("DELETE", "/v1/devices", 405, "expected another method for this path, got DELETE"),
        ("PUT", "/health/live", 405, "expected another method"),
        ("BREW", "/v1/devices", 405, "expected another method"),
    ],
)
async def test_a_path_that_is_none_is_refused(
    client: httpx2.AsyncClient, method: str, path: str, status: int, words: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert words in answer.json()["detail"]
    assert (status == 405) == ("allow" in answer.headers)


async def test_a_fault_of_the_service_is_a_problem_too(
    yard: Yard, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_arguments: object) -> None:
        raise LookupError("not for the caller's eyes")

    monkeypatch.setattr("fleet.oncall.service.listed", fault)
    transport = client._transport
    assert isinstance(transport, httpx2.ASGITransport)
    transport.raise_app_exceptions = False
    answer = await client.get("/v1/technicians")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "caller's eyes" not in answer.text


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, -(10**30)])
@pytest.mark.parametrize("path", ["/v1/tickets/{}", "/v1/tickets/{}/offers"])
async def test_a_number_past_what_the_database_counts_to_is_refused_not_retried(
    client: httpx2.AsyncClient, path: str, number: int
) -> None:
    answer = await client.get(path.format(number))
    assert answer.status_code in (400, 404), answer.text
    assert answer.json()["detail"].startswith("expected ")


@pytest.fixture
def address(database: Database, tmp_path: Path) -> Iterator[tuple[str, int, str]]:
    """Host, port and token of a served API."""
    context = Context(
        Settings(data_dir=tmp_path, database=UNSAFE), database, Clock(), Sealer.from_file(tmp_path / "key")
    )
    with serving(context) as endpoints:
        parts = urlsplit(endpoints.http)
        yield str(parts.hostname), parts.port or 0, endpoints.token


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff\xfe not http at all\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/devices HTTP/1.1\r\n" + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n",
        b"POST /v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /v1/devices HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /v1/devices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"GET /v1/devices HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"POST /v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
    ],
)
async def test_bytes_that_are_no_request_hurt_nobody(address: tuple[str, int, str], sent: bytes) -> None:
    host, port, token = address
    reader, writer = await asyncio.open_connection(host, port)
    answer = b""
    with suppress(OSError):  # hung up on: as good an answer
        writer.write(sent)
        writer.write_eof()
        async with asyncio.timeout(20):
            answer = await reader.read()
    writer.close()
    assert not answer or answer.split()[1][:1] == b"4", answer[:200]
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(
        base_url=f"http://{host}:{port}", headers=headers, trust_env=False, timeout=60
    ) as client:
        assert json.loads((await client.get("/v1/devices")).content)["items"] == []
