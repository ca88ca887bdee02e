"""The way to the service: HTTP to the address in `endpoints.json`, which the running service writes.

Every failure ends as a `Stop` with one sentence: no service, no answer, a refusal in the service's own words.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from cli.errors import Failed, Refused, Stop, TimedOut, Usage

FILE = "endpoints.json"
TIMEOUT_S = 30.0
PAGE = 500
"""Rows asked for at a time."""


@dataclass(frozen=True)
class Endpoints:
    """Where the service is; `http`, `mqtt` and `coap` are URLs (the last two may be empty)."""

    http: str
    mqtt: str
    token: str = field(repr=False)
    coap: str = ""

    @classmethod
    def find(cls, data_dir: Path | None = None) -> Self:
        """From `data_dir`, else FLEET_URL and FLEET_TOKEN, else FLEET_DATA_DIR, else ./fleet-data; raises Usage."""
        url, token = os.environ.get("FLEET_URL", ""), os.environ.get("FLEET_TOKEN", "")
        if data_dir is None and (url or token):
            if not token:
                raise Usage("expected the operator's token in FLEET_TOKEN beside FLEET_URL, got none: set it")
            if not url:
                raise Usage("expected the service's address in FLEET_URL beside FLEET_TOKEN, got none: set it")
            return cls(url.rstrip("/"), os.environ.get("FLEET_MQTT_URL", ""), token)
        found = cls.read(cls.folder(data_dir) / FILE)
        if not found.token:
            raise Usage(
                f"expected a process with the API in {cls.folder(data_dir)}, got one whose --roles leave it out: "
                "name the data directory of one that has it"
            )
        return found

    @staticmethod
    def folder(data_dir: Path | None = None) -> Path:
        """The data directory: `data_dir`, else FLEET_DATA_DIR, else ./fleet-data."""
        return data_dir or Path(os.environ.get("FLEET_DATA_DIR", "fleet-data"))

    @classmethod
    def read(cls, path: Path) -> Self:
        """From the file a running service writes; raises Usage."""
        try:
            found = json.loads(path.read_bytes())
            return cls(found["http"].rstrip("/"), found.get("mqtt", ""), found["token"], found.get("coap", ""))
        except FileNotFoundError:
            raise Usage(
                f"expected a service's {FILE} in {path.parent}, got none: start one with `fleet serve`, "
                "or name its data directory with --data-dir"
            ) from None
        except OSError as error:
            raise Usage(f"expected to read {path}, got: {error.strerror}; run as the service's user") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Usage(f"expected http, mqtt and token in {path}, got something else: restart the service") from None


class Client:
    """The API, one call after the other. Use as a context manager, or `close` it."""

    def __init__(self, endpoints: Endpoints, transport: httpx2.BaseTransport | None = None) -> None:
        self.endpoints = endpoints
        self._http = httpx2.Client(transport=transport, **_options(endpoints))

    @classmethod
    def find(cls, data_dir: Path | None = None) -> Self:
        """A client of the service that `Endpoints.find` finds."""
        return cls(Endpoints.find(data_dir))

    def get(self, path: str, **query: Any) -> Any:
        """The JSON answer to GET `path` (`/v1/…`); raises Stop."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any = None) -> Any:
        """The JSON answer to POST `path` with `body` as JSON; raises Stop."""
        return self.call("POST", path, body=body)

    def call(self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None) -> Any:
        """The JSON answer to any call, None when there is no body; raises Stop."""
        try:
            return _answer(self._http.request(method, path, params=_asked(query), json=body))
        except httpx2.HTTPError as error:
            raise _unreached(self.endpoints, error) from None

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, limit=PAGE, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient:
    """The same, for callers on an event loop."""

    def __init__(self, endpoints: Endpoints, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.endpoints = endpoints
        self._http = httpx2.AsyncClient(transport=transport, **_options(endpoints))

    @classmethod
    def find(cls, data_dir: Path | None = None) -> Self:
        """A client of the service that `Endpoints.find` finds."""
        return cls(Endpoints.find(data_dir))

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON answer to GET `path` (`/v1/…`); raises Stop."""
        return await self.call("GET", path, query=query)

    async def post(self, path: str, body: Any = None) -> Any:
        """The JSON answer to POST `path` with `body` as JSON; raises Stop."""
        return await self.call("POST", path, body=body)

    async def call(self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None) -> Any:
        """The JSON answer to any call, None when there is no body; raises Stop."""
        try:
            return _answer(await self._http.request(method, path, params=_asked(query), json=body))
        except httpx2.HTTPError as error:
            raise _unreached(self.endpoints, error) from None

    async def pages(self, path: str, **query: Any) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = await self.get(path, limit=PAGE, cursor=cursor, **query)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        await self.close()


def _options(endpoints: Endpoints) -> dict[str, Any]:
    return {
        "base_url": endpoints.http,
        "headers": {"Authorization": f"Bearer {endpoints.token}"},
        "timeout": TIMEOUT_S,
        "trust_env": False,  # a proxy of the environment cannot reach a service on this machine
    }


def _asked(query: dict[str, Any] | None) -> dict[str, Any]:
    """The query without what was not given."""
    return {name: value for name, value in (query or {}).items() if value not in (None, "")}


def _answer(response: httpx2.Response) -> Any:
    if response.is_success:
        try:
            return response.json() if response.content else None
        except ValueError:
            raise Failed("expected JSON of the fleet service, got something else: check the address") from None
    try:
        detail = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"expected an answer of the fleet service, got status {response.status_code}: check the address"
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Failed(detail)
    raise Refused(detail, response.status_code)


def _unreached(endpoints: Endpoints, error: httpx2.HTTPError) -> Stop:
    if isinstance(error, httpx2.UnsupportedProtocol):
        return Usage(f"expected the service's URL such as http://127.0.0.1:8080, got {endpoints.http!r}: correct it")
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return Failed(f"expected a running service at {endpoints.http}, got no answer: start it with `fleet serve`")
    if isinstance(error, httpx2.TimeoutException):
        return TimedOut(f"expected an answer of {endpoints.http} within {TIMEOUT_S:g} s, got none: look at its log")
    return Failed(f"expected an answer of {endpoints.http}, the connection broke: {str(error).rstrip('.')}; try again")
