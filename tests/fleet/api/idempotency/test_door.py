"""A POST with an Idempotency-Key is done once, and answered the same each time."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlmodel import Session, select

from fleet.api.idempotency import store
from fleet.api.idempotency.models import KeyedCall
from fleet.auth.roles import UserRole
from fleet.devices.models import Device
from fleet.errors import Unavailable
from tests.fleet.api.test_access import token_of
from tests.fleet.yard import Yard

WANTED = {"name": "vm-05"}


async def post(client: httpx2.AsyncClient, body: Any, key: str = "k1", **more: Any) -> httpx2.Response:
    headers = {"Idempotency-Key": key, **more.pop("headers", {})}
    return await client.post(more.pop("path", "/v1/devices"), json=body, headers=headers)


def devices(yard: Yard) -> list[str]:
    return yard.read(lambda tx: sorted(device.name for device in tx.exec(select(Device))))


async def test_the_same_call_gets_the_same_answer_and_is_done_once(yard: Yard, client: httpx2.AsyncClient) -> None:
    first = await post(client, WANTED)
    again = await post(client, WANTED)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json(), "with the token that is shown once"
    assert [answer.headers.get("idempotency-replayed") for answer in (first, again)] == [None, "true"]
    assert devices(yard) == ["vm-04", "vm-05"]


async def test_what_is_kept_of_an_answer_is_sealed(yard: Yard, client: httpx2.AsyncClient) -> None:
    token = (await post(client, WANTED)).json()["token"]
    (kept,) = yard.read(lambda tx: tx.exec(select(KeyedCall)).all())
    assert kept.answer is not None
    assert token.encode() not in kept.answer


@pytest.mark.parametrize("other", [{"body": {"name": "vm-06"}}, {"path": "/v1/users"}])
async def test_another_call_under_the_same_key_is_refused(
    yard: Yard, client: httpx2.AsyncClient, other: dict[str, Any]
) -> None:
    await post(client, WANTED)
    answer = await post(client, other.get("body", WANTED), path=other.get("path", "/v1/devices"))
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert "send a new key with a new call" in answer.json()["detail"]
    assert devices(yard) == ["vm-04", "vm-05"]


async def test_keys_of_two_users_are_not_the_same(yard: Yard, client: httpx2.AsyncClient) -> None:
    await post(client, {"name": "vm-05"})
    answer = await post(client, {"name": "vm-06"}, headers=token_of(yard, "ana", UserRole.OPERATOR))
    assert answer.status_code == 201


async def test_what_was_refused_may_be_sent_again(yard: Yard, client: httpx2.AsyncClient) -> None:
    wanted = {"name": "night", "steps": [{"technician": "ben", "timeout_s": 60}]}
    assert (await post(client, wanted, path="/v1/policies")).status_code == 404
    await client.post("/v1/technicians", json={"name": "ben", "phone": "+12025550199"})
    assert (await post(client, wanted, path="/v1/policies")).status_code == 201
    assert (await post(client, wanted, path="/v1/policies", headers={"Authorization": "Bearer 0"})).status_code == 401


async def test_a_key_is_forgotten_after_a_day(yard: Yard, client: httpx2.AsyncClient) -> None:
    await post(client, WANTED)
    yard.clock.advance(store.KEPT + timedelta(seconds=1))
    assert (await post(client, WANTED)).status_code == 409, "done again, and refused since the device exists"
    assert (await post(client, {"name": "vm-06"})).status_code == 201


async def test_two_at_once_are_done_once(yard: Yard, client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(post(client, WANTED) for _ in range(4)))
    statuses = {answer.status_code for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert devices(yard) == ["vm-04", "vm-05"]
    assert len(yard.audit("device.added")) == 2


async def test_after_a_kill_in_the_middle_it_is_not_done_a_second_time(
    yard: Yard, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_tx: Session, *_arguments: object) -> None:
        raise Unavailable("the disk went away between the act and its answer")

    with monkeypatch.context() as patch:
        patch.setattr(store, "answered", dies)
        assert (await post(client, WANTED)).status_code == 201
    soon = await post(client, WANTED)
    assert (soon.status_code, "under way" in soon.json()["detail"]) == (409, True)
    yard.clock.advance(store.UNDER_WAY)
    later = await post(client, WANTED)
    assert (later.status_code, "look whether it was done" in later.json()["detail"]) == (409, True)
    assert devices(yard) == ["vm-04", "vm-05"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
async def test_a_key_that_is_none_is_refused(client: httpx2.AsyncClient, key: str) -> None:
    answer = await post(client, WANTED, key)
    assert (answer.status_code, "Idempotency-Key of 1 to 255" in answer.json()["detail"]) == (400, True)
