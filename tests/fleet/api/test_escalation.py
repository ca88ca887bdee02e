"""Technicians, policies and offers over HTTP, as an operator's program sees them."""

from typing import Any

import httpx2
import pytest

from tests.fleet.escalation.desk import Desk


@pytest.fixture
def client(desk_client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """An operator's client at the desk."""
    return desk_client


async def items(client: httpx2.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_technicians_are_added_and_listed_by_name(client: httpx2.AsyncClient) -> None:
    added = await client.post("/v1/technicians", json={"name": "zoe", "phone": "+1 202 555 0199", "company": "Cool"})
    zoe = {"name": "zoe", "phone": "+12025550199", "company": "Cool", "language": "en", "active": True}
    assert (added.status_code, added.json()) == (201, zoe)

    first = (await client.get("/v1/technicians", params={"limit": 3})).json()
    assert [one["name"] for one in first["items"]] == ["ana", "ben", "eve"]
    rest = (await client.get("/v1/technicians", params={"cursor": first["next"]})).json()
    assert rest == {"items": [zoe], "next": None}


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        ("technicians", {"name": "zoe", "phone": "911-CALL"}, 400, "expected a phone number in E.164"),
        ("technicians", {"name": "ana", "phone": "+12025550199"}, 409, "got 'ana', which exists"),
        (
            "technicians",
            {"name": "zoe", "phone": "+12025550199", "language": "xx"},
            400,
            "expected a language that texts are written in (en), got 'xx': choose one",
        ),
        ("technicians", {"name": "zoe"}, 400, "expected a value as phone, got none"),
        ("policies", {"name": "night", "steps": []}, 400, "expected 1 to 20 steps"),
        ("policies", {"name": "night", "steps": [{"technician": "nil", "timeout_s": 60}]}, 404, "got 'nil'"),
    ],
)
async def test_what_cannot_be_is_refused_in_one_sentence(
    client: httpx2.AsyncClient, path: str, body: dict[str, Any], status: int, detail: str
) -> None:
    answer = await client.post(f"/v1/{path}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert detail in answer.json()["detail"]


async def test_a_policy_is_shown_as_it_was_added(client: httpx2.AsyncClient) -> None:
    steps = [{"technician": "ana", "timeout_s": 600}, {"technician": "ben", "timeout_s": 300}]
    wanted = {"name": "night", "rounds": 2, "steps": steps}
    added = await client.post("/v1/policies", json=wanted)
    assert (added.status_code, added.json()) == (201, wanted)
    assert await items(client, "/v1/policies") == [wanted]


async def test_the_offers_of_a_ticket_tell_who_was_asked_and_how_the_text_stands(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    await desk.open(desk.policy("ana", "ben"))
    (offer,) = await items(client, "/v1/tickets/1/offers")
    assert (offer["technician"], offer["code"], offer["state"], offer["text"]) == ("ana", 41, "pending", "queued")
    assert offer["deadline"] is None

    await desk.carry()
    (offer,) = await items(client, "/v1/tickets/1/offers")
    assert (offer["text"], offer["sent_at"]) == ("sent", "2026-01-01T00:00:00Z")
    assert offer["deadline"] == "2026-01-01T00:10:00Z"
    assert (await client.get("/v1/tickets/2/offers")).status_code == 404


async def test_the_operator_accepts_for_somebody_once(desk: Desk, client: httpx2.AsyncClient) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    accepted = await client.post("/v1/tickets/1/accept", json={"technician": "eve"})
    assert accepted.status_code == 200
    assert (accepted.json()["state"], accepted.json()["technician"]) == ("accepted", "eve")
    assert [offer["state"] for offer in await items(client, "/v1/tickets/1/offers")] == ["rescinded"]
    verbs = [happening["verb"] for happening in accepted.json()["timeline"]]
    assert verbs == ["ticket.offered", "ticket.accepted", "offer.rescinded"]

    again = await client.post("/v1/tickets/1/accept", json={"technician": "ben"})
    assert again.status_code == 409


async def test_without_a_token_nothing_is_told(desk: Desk, client: httpx2.AsyncClient) -> None:
    await desk.open(desk.policy("ana"))
    for path in ("technicians", "policies", "texts", "tickets/1/offers"):
        assert (await client.get(f"/v1/{path}", headers={"Authorization": ""})).status_code == 401
