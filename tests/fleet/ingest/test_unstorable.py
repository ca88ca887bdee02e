"""What the database can never hold is refused or a dead letter at every door, and nothing sends it again for ever."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlmodel import Session, select

from fleet.api.app import create_app
from fleet.db import Database
from fleet.ingest.coap.door import Door
from fleet.ingest.decoders import shapes
from fleet.ingest.pipeline import Inbound
from fleet.ingest.senders import Sender, authenticate
from fleet.settings import CoapSettings
from fleet.telemetry import store
from fleet.telemetry.messages import Record
from fleet.telemetry.models import DeadLetter, Kind
from tests.fleet.ingest.coap.datagrams import POST, device, message, target
from tests.fleet.ingest.mqtt.client import properties, publish, pubrel
from tests.fleet.ingest.mqtt.test_subscriber import add, point, worker
from tests.fleet.ingest.mqtt.test_subscriber import publish as mosquitto_pub
from tests.fleet.ingest.mqtt.wire import client
from tests.fleet.ingest.service import WayIn, way_in
from tests.mosquitto import anybody
from tests.waiting import until

TOPIC = "devices/m1/telemetry"
FAR, NUL, GOOD = b'{"values":{"far":1}}', b'{"values":{"a\\u0000b":1}}', b'{"values":{"n":1}}'
REASON = "expected values that the database can hold, got: "


@pytest.fixture(autouse=True)
def _decoders_that_let_it_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoders refuse both, a time past 64 bits and a name with U+0000; here it is left to the database."""
    row = store._row

    def far(record: Record, names: Any) -> dict[str, Any]:
        found = row(record, names)
        return found | {"device_ms": 2**63} if "far" in record.content else found

    monkeypatch.setattr(store, "_row", far)
    monkeypatch.setattr(shapes, "_check_name", lambda _name, _what: None)


@pytest.fixture
def bad(database: Database) -> bytes:
    """What this database refuses by itself; SQLite holds text with U+0000."""
    return NUL if database.dialect == "postgresql" else FAR


async def letters(database: Database) -> list[tuple[str, bytes]]:
    """Way and payload of the dead letters, whose reason is the database's."""

    def read(tx: Session) -> list[tuple[str, bytes]]:
        rows = tx.exec(select(DeadLetter)).all()
        assert all(row.reason.startswith(REASON) for row in rows), [row.reason for row in rows]
        return [(row.way, row.payload) for row in rows]

    return await database.read(read)


async def test_mqtt_5_says_0x99_and_its_neighbours_are_stored(database: Database, bad: bytes) -> None:
    async with way_in(database, "m1") as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], level=5) as (one, _):
            told = properties()
            one.send(*[publish(TOPIC, body, n, told=told) for n, body in enumerate((GOOD, bad, GOOD), start=1)])
            answers = [await one.next() for _ in range(3)]
            assert [(body[1], body[2:3]) for _, body in answers] == [(1, b""), (2, b"\x99"), (3, b"")]
            one.send(publish(TOPIC, bad, 4, qos=2, told=told))
            assert await one.next() == (0x50, b"\x00\x04\x99")
        assert await letters(database) == [("mqtt", bad)] * 2
        assert len(await parts.reports()) == 2


async def test_mqtt_3_1_1_acknowledges_its_dead_letter(database: Database, bad: bytes) -> None:
    async with way_in(database, "m1") as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _):
            one.send(publish(TOPIC, bad, 1), publish(TOPIC, bad, 2, qos=2), publish(TOPIC, GOOD, 3))
            assert [await one.next() for _ in range(3)] == [
                (0x40, b"\x00\x01"),
                (0x50, b"\x00\x02"),
                (0x40, b"\x00\x03"),
            ]
            one.send(pubrel(2))
            assert await one.next() == (0x70, b"\x00\x02")
        assert await letters(database) == [("mqtt", bad)] * 2


async def test_http_says_400(database: Database, bad: bytes) -> None:
    async with way_in(database, "m1") as parts:
        transport = httpx2.ASGITransport(app=create_app(parts.context, parts.pipeline))
        headers = {"Authorization": f"Bearer {parts.tokens['m1']}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://fleet", headers=headers) as http:
            for payload in (bad, FAR):
                answer = await http.post("/v1/devices/m1/telemetry", content=payload)
                assert answer.status_code == 400
                assert answer.json()["detail"].startswith(REASON)
        assert await letters(database) == [("http", bad), ("http", FAR)]


async def test_coap_says_4_00(database: Database, bad: bytes) -> None:
    async with way_in(database, "m1") as parts:
        settings = parts.context.settings.model_copy(update={"coap": CoapSettings(port=0)})
        door = Door(replace(parts.context, settings=settings), parts.pipeline)
        await door.start()
        async with device(door.url) as one:
            one.send(message(POST, target(parts.tokens["m1"]), bad, mid=1))
            answer = await one.next(within=60)
            if answer.code == "0.00":  # it took longer than the empty acknowledgement waits
                answer = await one.next(within=60)
        await door.stop()
        assert (answer.code, answer.payload.startswith(REASON.encode())) == ("4.00", True)
        assert await letters(database) == [("coap", bad)]


async def test_a_broker_does_not_deliver_it_again(database: Database, bad: bytes) -> None:
    add(database, "m1")
    async with anybody() as broker:
        async with worker(database, broker) as one:
            assert await mosquitto_pub(broker, "m1", "", bad.decode(), point(1)) == ""
            await until(lambda: _stored(one, [1]), "the neighbour of what cannot be stored")
        async with worker(database, broker) as one:
            assert await mosquitto_pub(broker, "m1", "", point(2)) == ""
            await until(lambda: _stored(one, [1, 2]), "what comes after it")
    assert await letters(database) == [("broker", bad)]


async def test_a_dead_letter_can_always_be_stored(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        heard = _Heard()
        sender = await database.read(lambda tx: _sender(tx, parts))
        topic, reason = "devices/\0/\ud800", "expected text, got \0 and \udfff"
        parts.pipeline.bury(Inbound(sender, "mqtt", Kind.TELEMETRY, topic, b"\0\xff"), reason, heard)
        await parts.pipeline.drained()
        assert (heard.stored, heard.reasons) == (1, [])
        row = await database.read(lambda tx: tx.exec(select(DeadLetter)).one())
        assert (row.topic, row.reason) == ("devices/\ufffd/?", "expected text, got \ufffd and ?")
        assert row.payload == b"\0\xff"


class _Heard:
    def __init__(self) -> None:
        self.stored = 0
        self.reasons: list[str] = []

    def committed(self, count: int) -> None:
        self.stored += count

    def failed(self, reason: str, *, superseded: bool = False) -> None:
        self.reasons.append(reason)


def _sender(tx: Session, parts: WayIn) -> Sender:
    return authenticate(tx, "m1", parts.tokens["m1"])


async def _stored(one: Any, expected: list[int]) -> bool:
    return [value for value in await one.values() if value is not None] == expected
