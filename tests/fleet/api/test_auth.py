"""/v1/users and their tokens over HTTP."""

from typing import Any

import httpx2
import pytest

from tests.fleet.yard import Yard


async def test_a_user_is_added_given_a_token_and_kept_out(client: httpx2.AsyncClient) -> None:
    added = await client.post("/v1/users", json={"name": "ana", "role": "operator"})
    expected = {"name": "ana", "role": "operator", "created_at": "2026-01-01T00:00:00Z", "disabled_at": None}
    assert (added.status_code, added.json()) == (201, expected)
    issued = await client.post("/v1/users/ana/tokens", json={"label": "laptop", "days": 30})
    assert issued.status_code == 201
    assert issued.json()["expires_at"] == "2026-01-31T00:00:00Z"
    ana = {"Authorization": f"Bearer {issued.json()['token']}"}
    assert (await client.get("/v1/devices", headers=ana)).status_code == 200
    changed = await client.patch("/v1/users/ana", json={"disabled": True})
    assert changed.json()["disabled_at"] == "2026-01-01T00:00:00Z"
    assert (await client.get("/v1/devices", headers=ana)).status_code == 401


async def test_tokens_are_listed_without_their_text_and_revoked(client: httpx2.AsyncClient) -> None:
    for name in ("ana", "ben"):
        await client.post("/v1/users", json={"name": name})
        await client.post(f"/v1/users/{name}/tokens", json={"label": "laptop"})
    listed = (await client.get("/v1/user-tokens")).json()["items"]
    assert [(row["user"], row["label"]) for row in listed] == [("operator", ""), ("ana", "laptop"), ("ben", "laptop")]
    assert not any("token" in row or "hash" in row for row in listed)
    first = (await client.get("/v1/user-tokens", params={"limit": 2})).json()
    rest = (await client.get("/v1/user-tokens", params={"limit": 2, "cursor": first["next"]})).json()
    assert first["items"] + rest["items"] == listed
    revoked = await client.delete("/v1/users/ana/tokens/laptop")
    assert (revoked.status_code, revoked.content) == (204, b"")
    assert (await client.get("/v1/user-tokens", params={"user": "ana"})).json()["items"] == []


async def test_a_role_is_changed(client: httpx2.AsyncClient, yard: Yard) -> None:
    await client.post("/v1/users", json={"name": "ana"})
    answer = await client.patch("/v1/users/ana", json={"role": "admin"})
    assert answer.json()["role"] == "admin"
    (entry,) = yard.audit("user.changed")
    assert entry.facts == {"role": "admin", "before": "viewer"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/v1/users", {"name": "ana"}, 409, "got 'ana', which exists"),
        ("POST", "/v1/users", {"name": "a/b"}, 400, "expected a user name"),
        ("POST", "/v1/users", {"name": "ben", "role": "root"}, 400, "as role"),
        ("PATCH", "/v1/users/none", {"role": "admin"}, 404, "see `fleet auth users list`"),
        ("POST", "/v1/users/ana/tokens", {"days": 0}, 400, "days"),
        ("POST", "/v1/users/ana/tokens", {"label": "a b"}, 400, "expected a label"),
        ("DELETE", "/v1/users/ana/tokens/none", None, 404, "see `fleet auth tokens list`"),
        ("GET", "/v1/user-tokens?user=none", None, 404, "see `fleet auth users list`"),
        ("GET", "/v1/user-tokens?cursor=bm8=", None, 400, "expected a cursor"),
    ],
)
async def test_what_cannot_be_is_a_problem_in_one_sentence(
    client: httpx2.AsyncClient, method: str, path: str, body: Any, status: int, words: str
) -> None:
    await client.post("/v1/users", json={"name": "ana"})
    answer = await client.request(method, path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
