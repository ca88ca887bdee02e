"""/v1/tickets: the work, whose it is, and how it came to be."""

from typing import Any

import httpx2
import pytest

from fleet.oncall import service as oncall
from fleet.oncall.models import TechnicianCreate
from tests.fleet.yard import SOLD_OUT, WARM, Yard


@pytest.fixture
async def ticket(yard: Yard) -> None:
    """vm-04 is too warm: ticket 1."""
    yard.rule("warm", WARM, severity="critical")
    yard.says("vm-04", 0, temperature=6.2)
    await yard.settle()


def happened(detail: dict[str, Any]) -> list[str]:
    return [happening["verb"] for happening in detail["timeline"]]


@pytest.mark.usefixtures("ticket")
async def test_a_ticket_tells_its_story_until_the_machine_has_recovered(yard: Yard, client: httpx2.AsyncClient) -> None:
    (listed,) = (await client.get("/v1/tickets", params={"state": "open"})).json()["items"]
    assert listed == {
        "number": 1,
        "state": "open",
        "device": "vm-04",
        "summary": "temperature 6.2 > 5",
        "severity": "critical",
        "policy": "day",
        "technician": None,
        "created_at": "2026-01-01T00:00:00Z",
        "accepted_at": None,
        "resolved_at": None,
    }
    yard.clock.advance(60)
    yard.says("vm-04", 1, temperature=3)
    await yard.settle()
    detail = (await client.get("/v1/tickets/1")).json()
    assert (detail["state"], detail["resolved_at"]) == ("resolved", "2026-01-01T00:01:00Z")
    assert happened(detail) == ["ticket.opened", "ticket.resolved"]
    assert detail["timeline"][1]["facts"]["evidence"]["warm"]["reading"] == "temperature 3 <= 4"
    assert [(alert["rule"], alert["state"]) for alert in detail["alerts"]] == [("warm", "cleared")]


@pytest.mark.usefixtures("ticket")
async def test_an_operator_resolves_with_a_note_once(client: httpx2.AsyncClient) -> None:
    resolved = await client.post("/v1/tickets/1/resolve", json={"note": "fan replaced"})
    assert resolved.status_code == 200
    last = resolved.json()["timeline"][-1]
    assert (last["verb"], last["role"], last["way"]) == ("ticket.resolved", "operator", "api")
    assert last["facts"] == {"evidence": {"note": "fan replaced"}}
    again = await client.post("/v1/tickets/1/resolve")
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
    assert "got one that is resolved" in again.json()["detail"]


@pytest.mark.usefixtures("ticket")
async def test_an_operator_gives_a_ticket_to_a_technician_once(yard: Yard, client: httpx2.AsyncClient) -> None:
    wanted = TechnicianCreate(name="ana", phone="+12025550141")
    yard.write(lambda tx: oncall.add(tx, yard.operator, yard.clock.now(), wanted))
    accepted = (await client.post("/v1/tickets/1/accept", json={"technician": "ana"})).json()
    assert (accepted["state"], accepted["technician"]) == ("accepted", "ana")
    assert happened(accepted) == ["ticket.opened", "ticket.accepted"]
    again = await client.post("/v1/tickets/1/accept", json={"technician": "ana"})
    assert (again.status_code, again.json()["detail"].count(".")) == (409, 0)
    nobody = await client.post("/v1/tickets/1/accept", json={"technician": "zoe"})
    assert nobody.status_code == 404


async def test_tickets_come_in_pages_newest_first(yard: Yard, client: httpx2.AsyncClient) -> None:
    yard.rule("empty", SOLD_OUT)
    for number in range(3):
        yard.device(f"m{number}")
        yard.event(f"m{number}", number, "sold_out", "on")
        await yard.settle()
    first = (await client.get("/v1/tickets", params={"limit": 2})).json()
    second = (await client.get("/v1/tickets", params={"limit": 2, "cursor": first["next"]})).json()
    assert [[ticket["number"] for ticket in page["items"]] for page in (first, second)] == [[3, 2], [1]]
    assert second["next"] is None


async def test_a_cursor_from_elsewhere_is_refused(client: httpx2.AsyncClient) -> None:
    refused = await client.get("/v1/tickets", params={"cursor": "d2FybQ=="})
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("expected a cursor from an earlier page, ")


@pytest.mark.parametrize(("number", "status"), [("7", 404), ("-1", 404), ("99999999999999999999", 404), ("seven", 400)])
async def test_a_ticket_that_is_none_is_refused(client: httpx2.AsyncClient, number: str, status: int) -> None:
    refused = await client.get(f"/v1/tickets/{number}")
    assert refused.status_code == status
    assert refused.json()["detail"].startswith("expected ")


async def test_nothing_is_told_without_a_token(client: httpx2.AsyncClient) -> None:
    for path in ("/v1/rules", "/v1/alerts", "/v1/tickets", "/v1/tickets/1"):
        assert (await client.get(path, headers={"Authorization": "Bearer none"})).status_code == 401
