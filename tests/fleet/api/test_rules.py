"""/v1/rules: added, listed, refused in one sentence."""

from typing import Any

import httpx2
import pytest

WARM = {"kind": "threshold", "point": "temperature", "raise_when": "above", "level": 5, "clear_level": 4}
SOLD_OUT = {"kind": "event", "code": "sold_out"}


async def add_rule(client: httpx2.AsyncClient, name: str = "warm", **more: Any) -> httpx2.Response:
    return await client.post("/v1/rules", json={"name": name, "spec": WARM, "policy": "day", **more})


async def test_rules_are_listed_with_the_names_people_use(client: httpx2.AsyncClient) -> None:
    await add_rule(client, "warm", device="vm-04")
    await add_rule(client, "empty", spec=SOLD_OUT)
    listed = (await client.get("/v1/rules")).json()
    assert [(rule["name"], rule["policy"], rule["device"]) for rule in listed["items"]] == [
        ("empty", "day", ""),
        ("warm", "day", "vm-04"),
    ]
    assert listed["items"][1]["spec"] == {**WARM, "for_s": 0.0, "max_gap_s": 3600.0}
    first = (await client.get("/v1/rules", params={"limit": 1})).json()
    second = (await client.get("/v1/rules", params={"limit": 1, "cursor": first["next"]})).json()
    assert [page["items"][0]["name"] for page in (first, second)] == ["empty", "warm"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("more", "status", "detail"),
    [
        ({"policy": "night"}, 404, "expected the name of a policy, got 'night'"),
        ({"device": "vm-99"}, 404, "expected the name of a device, got 'vm-99'"),
        ({"policy": "a/b"}, 400, "expected a policy name of 1 to 64 letters"),
        ({"device": "a/b"}, 400, "expected a device name of 1 to 64 letters"),
        (
            {"spec": {**SOLD_OUT, "code": "a\nb"}},
            400,
            "expected one line of text without control characters as spec.event.code, got 'a\\nb'",
        ),
        ({"name": "no name"}, 400, "expected a rule name of 1 to 64 letters"),
        ({"spec": {**WARM, "clear_level": 6}}, 400, "expected a clear level at or below the level 5"),
        ({"spec": {**WARM, "level": "hot"}}, 400, "expected a number as spec.threshold.level, got 'hot'"),
        ({"spec": {"kind": "forecast"}}, 400, "expected 'threshold', 'event' as spec, got 'forecast'"),
        ({"severity": "awful"}, 400, "expected 'critical', 'major' or 'minor' as severity, got 'awful'"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_in_one_sentence(
    client: httpx2.AsyncClient, more: dict[str, Any], status: int, detail: str
) -> None:
    refused = await add_rule(client, **more)
    assert refused.status_code == status
    assert refused.json()["detail"].startswith(detail)
    assert (await client.get("/v1/rules")).json()["items"] == []
