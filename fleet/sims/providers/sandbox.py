"""The sandbox provider over HTTP: a provider to rehearse with (`fleet simulate provider`)."""

import asyncio
import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx2

from fleet.errors import Invalid, Unauthorized
from fleet.sims.models import Effective, Reason
from fleet.sims.providers.base import Busy, Refused, Unanswered, Word

TOKEN = "sandbox"  # noqa: S105 - what `fleet simulate provider` takes unless told otherwise, no secret
TIMEOUT = 20.0
"""Seconds for one request; less than the lease of due work, so that nobody else asks meanwhile."""
MAX_AGE = 300.0
"""Seconds a callback may be old, or ahead."""

_STATES = {
    "new": Effective.INVENTORY,
    "activating": Effective.PENDING,
    "active": Effective.ACTIVE,
    "suspended": Effective.SUSPENDED,
    "retired": Effective.RETIRED,
}
_REASONS = {"user": Reason.USER, "quota": Reason.QUOTA, "imei": Reason.IMEI, "provider": Reason.PROVIDER}


class SandboxProvider:
    """An account at the sandbox provider; see `Provider` for the calls."""

    def __init__(self, url: str, token: str, callback_url: str = "", *, timeout: float = TIMEOUT) -> None:
        """`callback_url`: where the provider shall tell of changes; empty: nowhere, polling finds out."""
        self._callback_url = callback_url
        self._client = httpx2.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            trust_env=False,  # a proxy of the environment cannot reach a provider on this machine
        )
        self._timeout = timeout

    async def claim(self, iccid: str) -> Word:
        answer = await self._request("POST", "/v1/sims", {"iccid": iccid})
        if answer.status_code == 409:
            ours = await self.state(iccid)
            if ours is not None:
                return ours
        return _word(answer)

    async def activate(self, iccid: str) -> Word:
        return await self._change(iccid, "active")

    async def suspend(self, iccid: str) -> Word:
        return await self._change(iccid, "suspended")

    async def state(self, iccid: str) -> Word | None:
        answer = await self._request("GET", f"/v1/sims/{iccid}", None)
        return None if answer.status_code == 404 else _word(answer)

    async def close(self) -> None:
        await self._client.aclose()

    async def _change(self, iccid: str, status: str) -> Word:
        body = {"status": status}
        if self._callback_url:
            body["callback_url"] = self._callback_url
        return _word(await self._request("POST", f"/v1/sims/{iccid}", body))

    async def _request(self, method: str, path: str, body: dict[str, str] | None) -> httpx2.Response:
        try:
            async with asyncio.timeout(self._timeout):  # the client's own limit is for each read
                answer = await self._client.request(method, path, json=body)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise Busy(f"the provider cannot be reached: {error or type(error).__name__}") from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise Unanswered(f"the provider's answer was lost: {error or type(error).__name__}") from error
        if answer.status_code == 429:
            raise Busy("the provider asks for patience (429)", _retry_after(answer))
        if answer.status_code >= 500:
            raise Unanswered(f"the provider failed ({answer.status_code})", _retry_after(answer))
        return answer


def read_callback(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The ICCID that a callback tells of; raises Unauthorized unless it is signed with `secret` and recent.

    The signature is the hex HMAC-SHA256 of timestamp, full stop and body. What the callback says of the SIM is
    not used: it may be old or repeated, so it only prompts a read.
    """
    timestamp, signature = headers.get("x-sandbox-timestamp", ""), headers.get("x-sandbox-signature", "")
    if not hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode()):
        raise Unauthorized(
            "expected a callback signed with the provider's secret, got another signature or none: compare "
            "callback_secret_file with the provider's setting"
        )
    if not timestamp.isdigit() or abs(now.timestamp() - int(timestamp)) > MAX_AGE:
        raise Unauthorized(
            f"expected a callback at most {MAX_AGE:.0f} s old, got one signed at {timestamp[:20]}: "
            "compare the clocks of both sides"
        )
    iccid = _object(body).get("iccid")
    if not isinstance(iccid, str):
        raise Invalid("expected the callback to name an iccid, got none: it is not a sandbox callback")
    return iccid


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a callback, in hex."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _word(answer: httpx2.Response) -> Word:
    body = _object(answer.content)
    if answer.is_error:
        raise Refused(str(body.get("error") or f"refused with status {answer.status_code}"))
    effective = _STATES.get(str(body.get("status")))
    if effective is None:
        raise Unanswered(f"the provider answered with a state nobody knows: {str(body.get('status'))[:40]!r}")
    return Word(effective, _REASONS.get(str(body.get("reason")), Reason.NONE), str(body.get("detail", "")))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _retry_after(answer: httpx2.Response) -> float:
    """Seconds of a Retry-After header (RFC 9110 §10.2.3); a date or nonsense counts as none."""
    try:
        seconds = float(answer.headers.get("retry-after", "0"))
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
