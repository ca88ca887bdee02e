"""Denied acts at every door are audited: who, by which way in, what was asked, why not; and no secret."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlmodel import Session, col, select

from fleet.app import Service, running
from fleet.audit import Entry
from fleet.auth import service as auth
from fleet.auth.models import Holder
from fleet.db import Database
from fleet.denials import OF_ONE, VERB
from fleet.settings import CoapSettings, HttpSettings, MqttSettings, Settings
from tests.conftest import UNSAFE, operator_of
from tests.fleet.ingest.coap.datagrams import POST, device, message, target
from tests.fleet.ingest.mqtt.client import connect, properties, publish, subscribe
from tests.fleet.ingest.mqtt.wire import client, raw
from tests.mqtt_clients import paho_client
from tests.needs import needs
from tests.service import environment

POINT = b'{"values":{"t":4.5}}'
WRONG = "f" * 32
UNKNOWN = "expected a valid device token, got an unknown one: use the token that was issued to the device"
OTHERS = "expected the token of device 'm2', got another device's: use its own token"
TOPICS = "devices/m1/telemetry or devices/m1/events"
WITHIN = 60.0
"""Seconds for a row that is written within one, unless something fails."""


def denied(tx: Session) -> list[Entry]:
    return list(tx.exec(select(Entry).where(Entry.verb == VERB).order_by(col(Entry.seq))))


@dataclass
class Doors:
    """A running service with all its doors; the devices m1 and m2."""

    service: Service
    operator: httpx2.AsyncClient
    tokens: dict[str, str]

    @property
    def mqtt(self) -> int:
        return int(self.service.endpoints.mqtt.rpartition(":")[2])

    @property
    def coap(self) -> str:
        return self.service.endpoints.coap

    async def denied(self, count: int) -> list[Entry]:
        """The denied acts in the audit log, once there are as many."""
        async with asyncio.timeout(WITHIN):
            while len(found := await self.service.context.database.read(denied)) < count:
                await asyncio.sleep(0.02)
        kept = json.dumps([entry.model_dump(mode="json") for entry in found])
        assert not any(secret in kept for secret in (WRONG, *self.tokens.values()))
        assert len(found) == count, kept
        return found

    async def one(self) -> tuple[str, str, str, str, dict[str, Any]]:
        """The one denied act: role, actor, way, what was asked, facts."""
        (entry,) = await self.denied(1)
        return entry.role, entry.actor, entry.way, entry.subject, entry.facts

    async def revoke(self, name: str) -> None:
        context = self.service.context

        def work(tx: Session) -> None:
            actor = operator_of(auth.default_account(tx, context.clock.now()).id)
            auth.revoke(tx, actor, context.clock.now(), Holder.DEVICE, name)

        await context.database.write(work)


async def fleet_audit(doors: Doors, *options: str) -> list[dict[str, Any]]:
    """What `fleet audit list` shows."""
    data_dir = str(doors.service.context.settings.data_dir)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "audit", "list", "--json", "--data-dir", data_dir, *options),
        stdout=asyncio.subprocess.PIPE,
        env=environment(),
    )
    found: list[dict[str, Any]] = json.loads((await process.communicate())[0])
    return found


@asynccontextmanager
async def running_doors(database_url: str, folder: Path) -> AsyncIterator[Doors]:
    settings = Settings(
        data_dir=folder / "data",
        database=UNSAFE.model_copy(update={"url": database_url}),
        http=HttpSettings(port=0),
        mqtt=MqttSettings(port=0),
        coap=CoapSettings(port=0),
    )
    async with running(settings) as service:
        headers = {"Authorization": f"Bearer {service.endpoints.token}"}
        async with httpx2.AsyncClient(base_url=service.endpoints.http, headers=headers, timeout=WITHIN) as operator:
            tokens = {}
            for name in ("m1", "m2"):
                tokens[name] = (await operator.post("/v1/devices", json={"name": name})).json()["token"]
            yield Doors(service, operator, tokens)


@pytest.fixture
async def doors(database_url: str, tmp_path: Path) -> AsyncIterator[Doors]:
    async with running_doors(database_url, tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    ("user", "password", "who", "facts"),
    [
        ("m1", WRONG, ("stranger", "127.0.0.1"), {"why": UNKNOWN, "claimed": "m1"}),
        ("nobody", WRONG, ("stranger", "127.0.0.1"), {"why": UNKNOWN, "claimed": "nobody"}),
        ("m2", "m1", ("device", "m1"), {"why": OTHERS, "claimed": "m2", "address": "127.0.0.1"}),
    ],
)
async def test_who_does_not_come_in_over_mqtt(
    doors: Doors, user: str, password: str, who: tuple[str, str], facts: dict[str, str]
) -> None:
    async with raw(doors.mqtt) as one:
        one.send(connect("c", user, doors.tokens.get(password, password).encode()))
        assert await one.next() == (0x20, b"\x00\x04")
    assert await doors.one() == (*who, "mqtt", f"CONNECT as {user}", facts)


async def test_a_revoked_token_is_known_at_every_door(doors: Doors) -> None:
    await doors.revoke("m1")
    token = doors.tokens["m1"]
    async with raw(doors.mqtt) as one:
        one.send(connect("c", "m1", token.encode()))
        assert await one.next() == (0x20, b"\x00\x04")
    async with device(doors.coap) as other:
        assert (await other.ask(message(POST, target(token), POINT, mid=1))).code == "4.01"
    headers = {"Authorization": f"Bearer {token}"}
    answer = await doors.operator.post("/v1/devices/m1/telemetry", content=POINT, headers=headers)
    assert answer.status_code == 401
    found = await doors.denied(3)
    assert {(entry.role, entry.actor) for entry in found} == {("device", "m1")}
    assert {entry.way for entry in found} == {"mqtt", "coap", "api"}
    assert all("revoked" in entry.facts["why"] for entry in found)


async def test_a_token_in_place_of_the_name_is_not_kept(doors: Doors) -> None:
    async with raw(doors.mqtt) as one:
        one.send(connect("c", doors.tokens["m1"], b"m1"))
        assert await one.next() == (0x20, b"\x00\x04")
    role, _, _, asked, facts = await doors.one()
    assert (role, asked, facts["claimed"]) == ("stranger", "CONNECT as [token]", "[token]")


async def test_a_will_for_another_device(doors: Doors) -> None:
    async with raw(doors.mqtt) as one:
        will = ("devices/m2/events", b'{"code":"lost"}')
        one.send(connect("c", "m1", doors.tokens["m1"].encode(), will=will))
        assert await one.next() == (0x20, b"\x00\x05")
    role, actor, _, asked, facts = await doors.one()
    assert (role, actor, asked) == ("device", "m1", "CONNECT as m1")
    assert facts["why"] == f"expected a will for {TOPICS}"


@pytest.mark.parametrize("level", [4, 5])
async def test_a_publish_to_another_device_in_both_versions(doors: Doors, level: int) -> None:
    told = properties() if level == 5 else None
    async with client(doors.mqtt, "m1", doors.tokens["m1"], level=level) as (one, _):
        one.send(publish("devices/m2/telemetry", POINT, 7, told=told))
        if level == 5:
            assert (await one.next())[1][:3] == b"\x00\x07\x87"
        else:
            assert await one.ended()
    facts = {"why": f"expected a publish to {TOPICS}", "address": "127.0.0.1"}
    assert await doors.one() == ("device", "m1", "mqtt", "PUBLISH devices/m2/telemetry", facts)


@pytest.mark.parametrize("level", [4, 5])
async def test_a_subscription_to_what_others_say_in_both_versions(doors: Doors, level: int) -> None:
    async with client(doors.mqtt, "m1", doors.tokens["m1"], level=level) as (one, _):
        wanted = [("devices/m1/commands/#", 1), ("devices/+/telemetry", 1), ("#", 0)]
        one.send(subscribe(9, *wanted, told=properties() if level == 5 else b""))
        assert (await one.next())[1][-2:] == (b"\x87\x87" if level == 5 else b"\x80\x80")
    role, actor, way, asked, facts = await doors.one()
    assert (role, actor, way, asked) == ("device", "m1", "mqtt", "SUBSCRIBE devices/+/telemetry")
    assert (facts["why"], facts["times"]) == ("expected a subscription to devices/m1/commands or below", 2)


async def test_what_paho_is_denied(doors: Doors) -> None:
    done = await asyncio.to_thread(paho_client.main, "127.0.0.1", str(doors.mqtt), "5", "m1", doors.tokens["m1"])
    assert (done["wrong_token"], done["foreign"]) == (0x86, 0x87)
    expected = {"CONNECT as m1": "stranger", "SUBSCRIBE #": "device", "PUBLISH devices/another/telemetry": "device"}
    assert {entry.subject: entry.role for entry in await doors.denied(3)} == expected
    assert {row["subject"]: row["role"] for row in await fleet_audit(doors, "--verb", "access.")} == expected
    assert [row["actor"] for row in await fleet_audit(doors, "--by", "127.0.0.1")] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("name", "token", "code", "who", "facts"),
    [
        ("m1", WRONG, "4.01", ("stranger", "127.0.0.1"), {"why": UNKNOWN, "claimed": "m1"}),
        ("m2", "m1", "4.03", ("device", "m1"), {"why": OTHERS, "claimed": "m2", "address": "127.0.0.1"}),
    ],
)
async def test_who_does_not_come_in_over_coap(
    doors: Doors, name: str, token: str, code: str, who: tuple[str, str], facts: dict[str, str]
) -> None:
    async with device(doors.coap) as one:
        options = target(doors.tokens.get(token, token), name)
        assert (await one.ask(message(POST, options, POINT, mid=1))).code == code
    assert await doors.one() == (*who, "coap", f"POST /devices/{name}/telemetry", facts)


async def test_what_libcoap_is_denied(doors: Doors) -> None:
    needs("coap-client-notls")
    process = await asyncio.create_subprocess_exec(
        *("coap-client-notls", "-m", "post", "-e", '{"code":"door"}', f"{doors.coap}/devices/m1/events"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert b"4.01" in (await process.communicate())[0]
    why = "expected the device's token as query t, got none: add ?t=TOKEN"
    expected = ("stranger", "127.0.0.1", "coap", "POST /devices/m1/events", {"why": why, "claimed": "m1"})
    assert await doors.one() == expected


@pytest.mark.parametrize(
    ("method", "path", "authorization", "asked", "why"),
    [
        ("GET", "/v1/devices", f"Bearer {WRONG}", "GET /v1/devices", "got an unknown one"),
        ("GET", "/v1/users", "", "GET /v1/users", "got none"),
        ("POST", "/v1/devices/m1/telemetry", f"Bearer {WRONG}", "POST /v1/devices/{name}/telemetry", "got an unknown"),
    ],
)
async def test_who_does_not_come_in_over_http(
    doors: Doors, method: str, path: str, authorization: str, asked: str, why: str
) -> None:
    headers = {"Authorization": authorization}
    body = POINT if method == "POST" else None
    assert (await doors.operator.request(method, path, headers=headers, content=body)).status_code == 401
    role, actor, way, subject, facts = await doors.one()
    assert (role, actor, way, subject, facts["more"]) == ("stranger", "127.0.0.1", "api", asked, path)
    assert why in facts["why"]


async def test_a_flood_is_a_few_rows_and_its_neighbour_is_acknowledged(database_url: str, tmp_path: Path) -> None:
    foreign, guesses, burst = 5000, 50, 500
    async with running_doors(database_url, tmp_path) as doors:
        async with (
            client(doors.mqtt, "m1", doors.tokens["m1"], level=5) as (bad, _),
            client(doors.mqtt, "m2", doors.tokens["m2"]) as (good, _),
            device(doors.coap) as guesser,
        ):
            for n in range(0, foreign, burst):
                bad.send(*[publish(f"devices/x{n + k}/events", b"", k, told=b"\0") for k in range(1, burst + 1)])
                good.send(publish("devices/m2/telemetry", POINT, n + 1))
                assert await good.next() == (0x40, (n + 1).to_bytes(2, "big"))
                for _ in range(burst):
                    assert (await bad.next())[1][2] == 0x87
            for n in range(guesses):
                options = target(f"{n:032x}", f"vm-{n}")
                assert (await guesser.ask(message(POST, options, POINT, mid=n))).code == "4.01"
        assert len(doors.service.context.denials) <= 1 + OF_ONE + 1
    database = Database(database_url)
    rows = await database.read(denied)
    database.close()
    assert sum(row.facts.get("times", 1) for row in rows) == foreign + guesses
    kinds = {(row.way, row.actor, row.facts.get("claimed")) for row in rows}
    assert len(kinds) == 1 + OF_ONE + 1, "the device; ten names that were guessed; the other names"
