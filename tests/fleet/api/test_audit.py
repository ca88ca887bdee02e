"""/v1/audit: read in either order, filtered, followed."""

import httpx2
import pytest

from fleet import audit
from fleet.audit import Actor, Role, Way
from tests.fleet.yard import Yard


def act(yard: Yard, verb: str, subject: str, actor: str = "ana") -> None:
    who = Actor(yard.account_id, Role.OPERATOR, actor, Way.API)
    yard.write(lambda tx: audit.record(tx, who, yard.clock.now(), verb, subject))


async def verbs(client: httpx2.AsyncClient, **query: str) -> list[str]:
    answer = await client.get("/v1/audit", params={"actor": "ana", **query})
    return [item["verb"] for item in answer.json()["items"]]


async def test_both_orders_go_over_pages(yard: Yard, client: httpx2.AsyncClient) -> None:
    for number in range(5):
        act(yard, f"test.{number}", "thing")
    for order, expected in (({}, "01234"), ({"newest": "true"}, "43210")):
        seen, cursor = "", ""
        while cursor is not None:
            query = {"actor": "ana", "limit": "2", "cursor": cursor, **order}
            page = (await client.get("/v1/audit", params=query)).json()
            seen += "".join(item["verb"][-1] for item in page["items"])
            cursor = page["next"]
        assert seen == expected


async def test_filters_must_all_hold(yard: Yard, client: httpx2.AsyncClient) -> None:
    act(yard, "ticket.opened", "ticket 1")
    yard.clock.advance(60)
    act(yard, "ticket.resolved", "ticket 1")
    act(yard, "tickets.opened", "ticket 2")
    act(yard, "ticket_opened", "ticket 3")
    assert await verbs(client, verb="ticket.") == ["ticket.opened", "ticket.resolved"]
    assert await verbs(client, verb="ticket.", since="2026-01-01T00:01:00Z") == ["ticket.resolved"]
    assert await verbs(client, until="2026-01-01T01:01:00+01:00") == ["ticket.opened"]
    assert await verbs(client, subject="ticket 2") == ["tickets.opened"]
    assert await verbs(client, verb="ticket") == []


async def test_who_follows_with_a_filter_does_not_read_the_rest_again(yard: Yard, client: httpx2.AsyncClient) -> None:
    end = (await client.get("/v1/audit", params={"newest": "true", "limit": 1})).json()["position"]
    act(yard, "test.other", "thing")
    page = (await client.get("/v1/audit", params={"verb": "test.wanted", "cursor": end})).json()
    assert (page["items"], page["position"] != end) == ([], True)
    act(yard, "test.wanted", "thing")
    page = (await client.get("/v1/audit", params={"verb": "test.wanted", "cursor": page["position"]})).json()
    assert [item["verb"] for item in page["items"]] == ["test.wanted"]


@pytest.mark.parametrize("cursor", ["x", "1", "1.", "²..1", "1.1.1", "0." + "9" * 30])
async def test_a_cursor_that_is_none_is_refused(client: httpx2.AsyncClient, cursor: str) -> None:
    answer = await client.get("/v1/audit", params={"cursor": cursor})
    assert (answer.status_code, "position of an audit entry" in answer.json()["detail"]) == (400, True)


async def test_a_time_without_its_zone_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/audit", params={"since": "2026-01-01T00:00:00"})
    assert (answer.status_code, "since" in answer.json()["detail"]) == (400, True)
