"""The clients: pages, refusals, and every way a service can fail to answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.client import AsyncClient, Client, Endpoints
from cli.errors import Failed, Refused, Stop, TimedOut, Usage

AT = Endpoints("http://127.0.0.1:8080", "mqtt://127.0.0.1:1883", "secret")
Answer = Callable[[httpx2.Request], httpx2.Response]


async def both(answer: Answer, path: str = "/v1/things") -> list[Any]:
    """What the two clients make of the same answer: a document, or the Stop they raise."""
    outcomes: list[Any] = []
    with Client(AT, httpx2.MockTransport(answer)) as client:
        try:
            outcomes.append(client.get(path))
        except Stop as stop:
            outcomes.append(stop)
    async with AsyncClient(AT, httpx2.MockTransport(answer)) as client:
        try:
            outcomes.append(await client.get(path))
        except Stop as stop:
            outcomes.append(stop)
    return outcomes


def fails(error: type[httpx2.HTTPError]) -> Answer:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        raise error("as the test says")

    return answer


def problem(status: int, detail: str) -> Answer:
    return lambda _request: httpx2.Response(status, json={"title": "No", "status": status, "detail": detail})


async def test_a_document_comes_as_it_is_and_the_token_goes_along() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        return httpx2.Response(200, json={"a": 1})

    assert await both(answer) == [{"a": 1}, {"a": 1}]
    assert await both(lambda _request: httpx2.Response(204)) == [None, None]


@pytest.mark.parametrize(
    ("answer", "kind", "code", "words"),
    [
        (problem(404, "no such thing"), Refused, 4, "no such thing"),
        (problem(503, "the disk is full"), Failed, 1, "the disk is full"),
        (lambda _: httpx2.Response(502, text="<html>"), Failed, 1, "got status 502: check the address"),
        (lambda _: httpx2.Response(404, json=[]), Refused, 4, "got status 404: check the address"),
        (lambda _: httpx2.Response(302, headers={"Location": "/"}), Refused, 4, "got status 302: check the address"),
        (lambda _: httpx2.Response(200, text="<html>"), Failed, 1, "expected JSON of the fleet service"),
        (fails(httpx2.ConnectError), Failed, 1, "got no answer: start it with `fleet serve`"),
        (fails(httpx2.ConnectTimeout), Failed, 1, "got no answer: start it with `fleet serve`"),
        (fails(httpx2.ReadTimeout), TimedOut, 5, "within 30 s, got none"),
        (fails(httpx2.RemoteProtocolError), Failed, 1, "the connection broke: as the test says; try again"),
    ],
)
async def test_every_failure_is_a_stop_with_its_exit_code(
    answer: Answer, kind: type[Stop], code: int, words: str
) -> None:
    for stop in await both(answer):
        assert type(stop) is kind
        assert stop.code == code
        assert words in str(stop)


async def test_lists_are_read_to_their_end() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        asked = dict(request.url.params)
        assert (asked["limit"], asked["state"]) == ("500", "open")
        assert "device" not in asked
        last = asked.get("cursor") == "two"
        return httpx2.Response(
            200, json={"items": [{"n": 2}] if last else [{"n": 0}, {"n": 1}], "next": None if last else "two"}
        )

    with Client(AT, httpx2.MockTransport(answer)) as client:
        assert [item["n"] for item in client.pages("/v1/things", state="open", device="")] == [0, 1, 2]
    async with AsyncClient(AT, httpx2.MockTransport(answer)) as later:
        assert [item["n"] async for item in later.pages("/v1/things", state="open", device="")] == [0, 1, 2]


async def test_a_body_is_sent_as_json() -> None:
    sent: list[Any] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append((request.method, json.loads(request.content)))
        return httpx2.Response(201, json={})

    with Client(AT, httpx2.MockTransport(answer)) as client:
        client.post("/v1/things", {"a": 1})
    async with AsyncClient(AT, httpx2.MockTransport(answer)) as later:
        await later.post("/v1/things", {"a": 1})
    assert sent == [("POST", {"a": 1})] * 2


def test_an_address_that_is_none_is_a_stop() -> None:
    for address in ("not a url", "ftp://host", ""):
        with (
            pytest.raises(Usage, match=r"expected the service's URL such as http://127.0.0.1:8080, got "),
            Client(Endpoints(address, "", "x")) as client,
        ):
            client.get("/v1/things")


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(AT)


def test_a_file_one_may_not_read_is_a_stop(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").mkdir()
    with pytest.raises(Usage, match=r"expected to read .*: Is a directory"):
        Endpoints.find(tmp_path)


def test_a_process_without_the_api_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text('{"http": "http://127.0.0.1:1", "mqtt": "", "token": ""}')
    with pytest.raises(Usage, match="got one whose --roles leave it out"):
        Endpoints.find(tmp_path)
