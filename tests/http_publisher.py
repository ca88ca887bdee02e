"""Machines that post: lists of messages at a steady rate, sent again until they are acknowledged."""

import asyncio
import contextlib
import time
from http import HTTPStatus
from typing import Any

import httpx2

TICK = 0.1
"""Seconds between two posts."""
MOST = 200
"""Messages in one post."""


class HttpPublisher:
    """One device that posts telemetry: message k has the id `k`, so whoever counts can find each one again."""

    present_lost = 0  # HTTP has no sessions

    def __init__(self, name: str, token: str, url: str, rate: float) -> None:
        """`rate`: messages per second."""
        self.name, self._token, self._url, self._rate = name, token, url, rate
        self.sent = 0
        self.acknowledged: set[int] = set()
        self.answers: dict[int, int] = {}
        """How often each status was the answer."""
        self.retry_after = ""
        """The last Retry-After header of a 503."""

    @property
    def unacknowledged(self) -> int:
        """How many messages wait for their answer."""
        return self.sent - len(self.acknowledged)

    async def run(self, until: asyncio.Event) -> None:
        """Post until `until` is set, then only until everything is acknowledged."""
        headers = {"Authorization": f"Bearer {self._token}"}
        start = time.monotonic()
        async with httpx2.AsyncClient(base_url=self._url, headers=headers, timeout=60, trust_env=False) as client:
            while not (until.is_set() and not self.unacknowledged):
                if not until.is_set():
                    self.sent = max(self.sent, int((time.monotonic() - start) * self._rate) + 1)
                with contextlib.suppress(httpx2.HTTPError):
                    await self._post(client)
                await asyncio.sleep(TICK)

    async def _post(self, client: httpx2.AsyncClient) -> None:
        first = len(self.acknowledged)  # they are acknowledged in order
        numbers = range(first, min(self.sent, first + MOST))
        body: list[dict[str, Any]] = [{"id": str(n), "values": {"temperature": 3.5, "n": n}} for n in numbers]
        answer = await client.post(f"/v1/devices/{self.name}/telemetry", json=body)
        self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            self.retry_after = answer.headers.get("Retry-After", "")
        if answer.status_code == HTTPStatus.NO_CONTENT:
            self.acknowledged.update(numbers)
