"""The sandbox connectivity provider: a real HTTP server with pending activations, callbacks and faults on demand.

POST /v1/sims {iccid} · GET /v1/sims/{iccid} · POST /v1/sims/{iccid} {status: active|suspended, callback_url?}, all
with a bearer token. For rehearsals, with the same token: POST /control/faults (see `Fault`),
POST /control/sims/{iccid} {status: suspended, reason}, GET /control.

A callback is POSTed as {iccid, status, reason} with `X-Sandbox-Timestamp` (Unix seconds) and `X-Sandbox-Signature`
(hex HMAC-SHA256, keyed with the shared secret, over timestamp, full stop and body), at most three times.
"""

import asyncio
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, Literal

import httpx2
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from hw_fixtures.providers.ledger import Card, Fault, Ledger, No

CALLBACK_TRIES = (0.0, 1.0, 3.0)
"""Seconds before each try at a callback."""


class Claim(BaseModel):
    """A SIM to register."""

    iccid: str


class Change(BaseModel):
    """A state to bring a SIM to."""

    status: Literal["active", "suspended"]
    callback_url: str = ""


class Imposed(BaseModel):
    """A suspension by the provider itself."""

    status: Literal["suspended"] = "suspended"
    reason: Literal["quota", "imei", "provider"] = "quota"


class FaultWanted(BaseModel):
    """A fault to have from now on; see `Fault`."""

    kind: Literal["busy", "error", "crash", "lost", "slow"]
    on: Literal["", "claim", "read", "activate", "suspend"] = ""
    count: int = 1
    retry_after: int = 0
    seconds: float = 0.0


class Dropped(Response):
    """An answer that breaks off before its body: the work is done and the line is gone."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})


class Sandbox:
    """One provider with one customer; `ledger` shows and steers it from the same process."""

    def __init__(
        self,
        token: str = "sandbox",  # noqa: S107 - a rehearsal's token, not a secret
        *,
        secret: str = "",
        pending: float = 0.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`pending`: real seconds an activation takes; `secret` signs callbacks; `now` stamps them."""
        self.ledger = Ledger()
        self.callbacks: list[tuple[str, int]] = []
        """Each callback answered: its ICCID and the status of the answer."""
        self._token, self._secret, self._pending, self._now = token, secret, pending, now
        self._tasks: set[asyncio.Task[None]] = set()
        self._client = httpx2.AsyncClient(timeout=10, trust_env=False)

    def app(self) -> FastAPI:
        """The HTTP application."""
        app = FastAPI(title="sandbox provider")

        @app.middleware("http")
        async def check(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return JSONResponse({"error": "unknown token"}, 401)
            return await call_next(request)

        @app.post("/v1/sims")
        async def claim(body: Claim) -> Response:
            return await self._answer("claim", lambda: self.ledger.claim(body.iccid), 201)

        @app.get("/v1/sims/{iccid}")
        async def read(iccid: str) -> Response:
            return await self._answer("read", lambda: self.ledger.card(iccid))

        @app.post("/v1/sims/{iccid}")
        async def change(iccid: str, body: Change) -> Response:
            kind = "activate" if body.status == "active" else "suspend"
            return await self._answer(kind, lambda: self._change(iccid, body))

        @app.post("/control/faults", status_code=204)
        async def fault(body: FaultWanted) -> None:
            self.ledger.faults.append(Fault(**body.model_dump()))

        @app.post("/control/sims/{iccid}")
        async def impose(iccid: str, body: Imposed) -> Response:
            try:
                card = self.ledger.suspend(iccid, body.reason)
            except No as no:
                return JSONResponse({"error": str(no)}, no.status)
            self._tell(card)
            return JSONResponse(card.view())

        @app.get("/control")
        async def show() -> dict[str, Any]:
            return {
                "sims": [card.view() for card in self.ledger.cards.values()],
                "asked": self.ledger.asked,
                "done": [{"act": act, "iccid": iccid, "times": n} for (act, iccid), n in self.ledger.done.items()],
            }

        return app

    async def stop(self) -> None:
        """Forget what is pending and close."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    async def _answer(self, kind: str, act: Callable[[], Card], status: int = 200) -> Response:
        self.ledger.asked[kind] += 1
        fault = self.ledger.fault(kind)
        retry = {"Retry-After": str(fault.retry_after)} if fault and fault.retry_after else None
        if fault and fault.kind == "busy":
            return JSONResponse({"error": "too many requests"}, 429, retry)
        if fault and fault.kind == "error":
            return JSONResponse({"error": "unavailable"}, 503, retry)
        try:
            body = act().view()
        except No as no:
            status, body = no.status, {"error": str(no)}
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "lost":
            return Dropped()
        if fault and fault.kind == "crash":
            return JSONResponse({"error": "internal"}, 500)
        return JSONResponse(body, status)

    def _change(self, iccid: str, body: Change) -> Card:
        if body.status == "suspended":
            return self.ledger.suspend(iccid)
        card = self.ledger.activate(iccid)
        card.callback_url = body.callback_url
        if card.status == "activating":
            self._spawn(self._arrive(iccid))
        return card

    async def _arrive(self, iccid: str) -> None:
        await asyncio.sleep(self._pending)
        card = self.ledger.arrive(iccid)
        if card is not None:
            self._tell(card)

    def _tell(self, card: Card) -> None:
        if card.callback_url and self._secret and card.iccid not in self.ledger.silent:
            self._spawn(self._call_back(card.callback_url, card.view()))

    async def _call_back(self, url: str, body: dict[str, str]) -> None:
        raw = json.dumps(body).encode()
        for wait in CALLBACK_TRIES:
            await asyncio.sleep(wait)
            stamp = str(int(self._now().timestamp()))
            signature = hmac.new(self._secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
            headers = {
                "Content-Type": "application/json", "X-Sandbox-Timestamp": stamp, "X-Sandbox-Signature": signature,
            }  # fmt: skip
            try:
                answer = await self._client.post(url, content=raw, headers=headers)
            except httpx2.HTTPError:
                continue
            self.callbacks.append((body["iccid"], answer.status_code))
            if answer.is_success:
                return

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@asynccontextmanager
async def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """The provider, reachable; yields its URL. Port 0 takes a free one; raises OSError for a taken one."""
    listener = socket.create_server((host, port))
    config = uvicorn.Config(
        sandbox.app(), log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    task = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        await server.ready.wait()
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        await sandbox.stop()
        server.should_exit = True
        await asyncio.wait([task])
        listener.close()


class _Server(uvicorn.Server):
    """A server that says when it is ready and leaves signals to whoever runs it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
