"""The sandbox provider over HTTP, as a provider's customer meets it."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest

from hw_fixtures.providers.sandbox import Sandbox, serve

SIM = "8988303000000000003"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def sandbox() -> Sandbox:
    return Sandbox("token", secret="secret", pending=0.05, now=lambda: NOW)


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": "Bearer token"}
    async with serve(sandbox) as url, httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        yield client


async def test_an_activation_is_pending_for_a_while(client: httpx2.AsyncClient) -> None:
    claimed = await client.post("/v1/sims", json={"iccid": SIM})
    assert (claimed.status_code, claimed.json()["status"]) == (201, "new")
    pending = await client.post(f"/v1/sims/{SIM}", json={"status": "active"})
    assert pending.json()["status"] == "activating"
    async with asyncio.timeout(30):
        while (await client.get(f"/v1/sims/{SIM}")).json()["status"] != "active":
            await asyncio.sleep(0.01)
    assert (await client.get("/control")).json()["done"] == [
        {"act": "claim", "iccid": SIM, "times": 1},
        {"act": "activate", "iccid": SIM, "times": 1},
    ]


async def test_it_calls_back_signed_and_again_when_nobody_takes_it(
    sandbox: Sandbox, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hw_fixtures.providers.sandbox.CALLBACK_TRIES", (0.0, 0.01, 0.01))
    heard: list[bytes] = []
    taken = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l"))
        heard.append(head + await reader.readexactly(length))
        status = b"500 No" if len(heard) == 1 else b"204 Yes"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        if len(heard) == 2:
            taken.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/told"
        await client.post("/v1/sims", json={"iccid": SIM})
        await client.post(f"/v1/sims/{SIM}", json={"status": "active", "callback_url": url})
        async with asyncio.timeout(30):
            await taken.wait()
    head, _, body = heard[1].partition(b"\r\n\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    assert body == b'{"iccid": "8988303000000000003", "status": "active", "reason": ""}'
    assert headers[b"x-sandbox-timestamp"] == b"1767225600"
    expected = hmac.new(b"secret", b"1767225600." + body, hashlib.sha256).hexdigest()
    assert headers[b"x-sandbox-signature"].decode() == expected
    assert heard[0].partition(b"\r\n\r\n")[2] == body
    assert sandbox.callbacks[0] == (SIM, 500)


async def test_faults_and_suspensions_of_its_own_are_ordered_over_http(client: httpx2.AsyncClient) -> None:
    fault = {"kind": "busy", "on": "claim", "retry_after": 7}
    assert (await client.post("/control/faults", json=fault)).status_code == 204
    busy = await client.post("/v1/sims", json={"iccid": SIM})
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "7")
    assert (await client.post("/v1/sims", json={"iccid": SIM})).status_code == 201
    assert (await client.post("/control/faults", json={"kind": "lost"})).status_code == 204
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.post(f"/v1/sims/{SIM}", json={"status": "active"})
    imposed = await client.post(f"/control/sims/{SIM}", json={"reason": "quota"})
    assert imposed.json() == {"iccid": SIM, "status": "suspended", "reason": "quota"}
    assert (await client.post("/control/sims/123", json={})).status_code == 404
    assert (await client.post("/control/faults", json={"kind": "fire"})).status_code == 422


async def test_a_stranger_sees_nothing(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/control", headers={"Authorization": "Bearer guess"})
    assert (answer.status_code, answer.json()) == (401, {"error": "unknown token"})


async def test_a_taken_port_is_an_error() -> None:
    async with serve(Sandbox()) as url:
        with pytest.raises(OSError, match="in use"):
            async with serve(Sandbox(), port=int(url.rpartition(":")[2])):
                pass
