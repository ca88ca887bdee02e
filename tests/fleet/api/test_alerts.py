"""/v1/alerts: what is wrong, with the readings that show it."""

import httpx2
import pytest

from tests.fleet.yard import SOLD_OUT, WARM, Yard


async def test_an_alert_tells_what_raised_and_what_cleared_it(yard: Yard, client: httpx2.AsyncClient) -> None:
    yard.rule("warm", WARM, severity="critical")
    yard.says("vm-04", 0, temperature=6.2)
    yard.says("vm-04", 60, temperature=3)
    await yard.settle()
    (alert,) = (await client.get("/v1/alerts", params={"device": "vm-04"})).json()["items"]
    assert alert.pop("id")
    assert alert == {
        "rule": "warm",
        "device": "vm-04",
        "severity": "critical",
        "state": "cleared",
        "summary": "temperature 6.2 > 5",
        "raised_at": "2026-01-01T00:00:00Z",
        "why": {
            "point": "temperature",
            "value": 6.2,
            "level": 5.0,
            "message": 1,
            "seen": "2026-01-01T00:00:00.000+00:00",
            "raise_when": "above",
            "for_s": 0.0,
            "since": "2026-01-01T00:00:00.000+00:00",
        },
        "cleared_at": "2026-01-01T00:01:00Z",
        "evidence": {
            "reading": "temperature 3 <= 4",
            "point": "temperature",
            "value": 3,
            "level": 4.0,
            "message": 2,
            "seen": "2026-01-01T00:01:00.000+00:00",
        },
    }


async def test_alerts_are_chosen_by_state_and_device(yard: Yard, client: httpx2.AsyncClient) -> None:
    yard.device("vm-05")
    yard.rule("empty", SOLD_OUT)
    for device, state in (("vm-04", "on"), ("vm-05", "on"), ("vm-05", "off")):
        yard.event(device, 0, "sold_out", state)
    await yard.settle()

    async def listed(**query: str) -> list[str]:
        return [alert["device"] for alert in (await client.get("/v1/alerts", params=query)).json()["items"]]

    assert sorted(await listed()) == ["vm-04", "vm-05"]
    assert await listed(state="raised") == ["vm-04"]
    assert await listed(state="cleared") == ["vm-05"]
    assert await listed(state="raised", device="vm-05") == []


async def test_alerts_come_in_pages_newest_first(yard: Yard, client: httpx2.AsyncClient) -> None:
    yard.rule("empty", SOLD_OUT)
    for number in range(3):
        yard.device(f"m{number}")
        yard.event(f"m{number}", number, "sold_out", "on")
        await yard.settle()
    first = (await client.get("/v1/alerts", params={"limit": 2})).json()
    second = (await client.get("/v1/alerts", params={"limit": 2, "cursor": first["next"]})).json()
    seen = [alert["device"] for page in (first, second) for alert in page["items"]]
    assert (sorted(seen), len(first["items"]), second["next"]) == (["m0", "m1", "m2"], 2, None)
    assert [alert["id"] for alert in first["items"]] == sorted((a["id"] for a in first["items"]), reverse=True)


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ({"cursor": "d2FybQ=="}, 400, "expected a cursor from an earlier page"),
        ({"state": "bad"}, 400, "expected 'raised' or 'cleared' as state, got 'bad': correct it"),
        ({"device": "vm-99"}, 404, "expected the name of a device, got 'vm-99'"),
        ({"device": "a/b"}, 400, "expected a device name of 1 to 64 letters"),
    ],
)
async def test_what_cannot_be_listed_is_refused_in_one_sentence(
    client: httpx2.AsyncClient, query: dict[str, str], status: int, detail: str
) -> None:
    refused = await client.get("/v1/alerts", params=query)
    assert refused.status_code == status
    assert refused.json()["detail"].startswith(detail)
