"""The way in over CoAP, at the wire."""

import asyncio
import logging
import random
from dataclasses import replace

import aiocoap
import cbor2
import pytest
from aiocoap.numbers.constants import TransportTuning
from sqlmodel import Session, select

from fleet.db import Database
from fleet.errors import SetupError, Unavailable
from fleet.ingest.coap import wire
from fleet.ingest.coap.door import Door
from fleet.settings import CoapSettings
from fleet.telemetry.memory import MemoryHistory
from fleet.telemetry.models import DeadLetter
from tests.fleet.ingest.coap.datagrams import (
    ACK,
    BLOCK1,
    CON,
    FORMAT,
    NON,
    PATH,
    POST,
    QUERY,
    RST,
    SIZE1,
    coap,
    device,
    message,
    target,
)
from tests.needs import needs

POINT = b'{"values":{"t":4.5}}'
"""With neither id nor time: only the message layer can tell a repeat from a new one."""
MAX_AGE, NO_RESPONSE = 14, 258


@pytest.fixture(autouse=True)
def piggybacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers ride on the acknowledgement, however slow the machine is."""
    monkeypatch.setattr(TransportTuning, "EMPTY_ACK_DELAY", 30.0)


@pytest.fixture
def separate(piggybacked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not answered at once is acknowledged with nothing in it, and answered later."""
    monkeypatch.setattr(TransportTuning, "EMPTY_ACK_DELAY", 0.1)


async def test_what_is_answered_2_04_is_stored(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one:
        answer = await one.ask(message(POST, target(way.token), POINT, mid=7, token=b"abcd"))
        assert answer == (ACK, "2.04", 7, b"abcd", {}, b"")
        body = cbor2.dumps([{"code": "door"}, {"code": "sold_out", "state": "off"}])
        options = [*target(way.token, leaf="events"), (FORMAT, b"\x3c")]
        assert (await one.ask(message(POST, options, body, mid=8))).code == "2.04"
        reports = await way.way.reports()
        assert [(report.values, report.code) for report in reports] == [
            ({"t": 4.5}, ""),
            ({}, "door"),
            ({}, "sold_out"),
        ]
        assert way.metric("2.04") == 2


@pytest.mark.usefixtures("separate")
async def test_an_empty_ack_promises_nothing_and_2_04_comes_after_the_commit(database: Database) -> None:
    history = MemoryHistory()
    async with coap(database, history, empty_ack_s=0.1) as way, device(way.url) as one:
        history.gate.clear()
        empty = await one.ask(message(POST, target(way.token), POINT, mid=7))
        assert (empty.kind, empty.code, empty.mid) == (ACK, "0.00", 7)
        await asyncio.sleep(0.1)
        assert one.silent()
        history.gate.set()
        answer = await one.next()
        assert (answer.kind, answer.code, answer.token) == (CON, "2.04", b"t")
        assert len(history.records) == 1
        one.send(bytes((0x60, 0)) + answer.mid.to_bytes(2, "big"))


async def test_a_retransmission_is_one_message_and_gets_the_same_answer(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one, device(way.url) as other:
        packet = message(POST, target(way.token), POINT, mid=7)
        one.send(packet)
        first = await one.raw()
        for _ in range(3):
            one.send(packet)
            assert await one.raw() == first
        assert len(await way.way.reports()) == 1
        assert (await other.ask(packet)).code == "2.04", "the same message id of another sender is another message"
        assert len(await way.way.reports()) == 2


@pytest.mark.usefixtures("separate")
async def test_a_retransmission_while_the_first_is_under_way_is_one_message(database: Database) -> None:
    history = MemoryHistory()
    async with coap(database, history, empty_ack_s=0.1) as way, device(way.url) as one:
        history.gate.clear()
        packet = message(POST, target(way.token), POINT, mid=7)
        empty = await one.ask(packet)
        assert await one.ask(packet) == empty
        history.gate.set()
        assert (await one.next()).code == "2.04"
        assert len(history.records) == 1


async def test_a_resend_by_the_device_s_own_id_is_one_message(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one:
        for mid in (7, 8):
            body = b'{"id":"a","values":{"t":4.5}}'
            assert (await one.ask(message(POST, target(way.token), body, mid=mid))).code == "2.04"
        assert len(await way.way.reports()) == 1


async def test_a_bad_payload_is_kept_as_a_dead_letter_and_refused(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one:
        answer = await one.ask(message(POST, target(way.token), b'{"values":{"t":NaN}}', mid=7))
        assert (answer.code, b"dead letter" in answer.payload) == ("4.00", True)

        def letters(tx: Session) -> list[tuple[str, str, str, bytes]]:
            return [(row.device_name, row.way, row.topic, row.payload) for row in tx.exec(select(DeadLetter))]

        assert await database.read(letters) == [("m1", "coap", "/devices/m1/telemetry", b'{"values":{"t":NaN}}')]
        empty = await one.ask(message(POST, target(way.token), mid=8))
        assert empty.code == "4.00"


async def test_when_storage_fails_the_device_is_told_when_to_come_back(database: Database) -> None:
    history = MemoryHistory()
    async with coap(database, history) as way, device(way.url) as one:
        history.failure = Unavailable("disk full")
        answer = await one.ask(message(POST, target(way.token), POINT, mid=7))
        assert (answer.code, answer.payload) == ("5.03", b"disk full")
        assert int.from_bytes(answer.options[MAX_AGE], "big") >= 1
        history.failure = None
        assert (await one.ask(message(POST, target(way.token), POINT, mid=8))).code == "2.04"
        database.close()
        assert (await one.ask(message(POST, target(way.token), POINT, mid=9))).code == "5.03"


@pytest.mark.parametrize(
    ("code", "path", "more", "answer"),
    [
        (POST, "devices/m2/telemetry", [(QUERY, b"t=TOKEN")], "4.03"),
        (POST, "devices/nobody/telemetry", [(QUERY, b"t=TOKEN")], "4.03"),
        (POST, "devices/m1/telemetry", [(QUERY, b"t=wrong")], "4.01"),
        (POST, "devices/m1/telemetry", [(QUERY, b"t=")], "4.01"),
        (POST, "devices/m1/telemetry", [(QUERY, "t=ß\x00".encode())], "4.01"),
        (POST, "devices/m1/telemetry", [], "4.01"),
        (POST, "devices/m1/commands", [(QUERY, b"t=TOKEN")], "4.04"),
        (POST, "devices/m1", [(QUERY, b"t=TOKEN")], "4.04"),
        (POST, "", [], "4.04"),
        (0x01, ".well-known/core", [], "4.04"),
        (0x01, "devices/m1/telemetry", [(QUERY, b"t=TOKEN")], "4.05"),
        (0x03, "devices/m1/telemetry", [(QUERY, b"t=TOKEN")], "4.05"),
        (POST, "devices/m1/telemetry", [(QUERY, b"t=TOKEN"), (FORMAT, b"\x29")], "4.15"),
        (POST, "devices/m1/telemetry", [(QUERY, b"t=TOKEN"), (9, b"")], "4.02"),
        (POST, "devices/m1/telemetry", [(QUERY, b"t=TOKEN"), (65_001, b"x")], "4.02"),
        (POST, "devices/m1/telemetry", [(QUERY, b"t=TOKEN"), (35, b"coap://elsewhere/")], "5.05"),
        (POST, "devices/m1/telemetry", [(QUERY, b"t=TOKEN"), (BLOCK1, b"\x0f")], "4.00"),
    ],
)
async def test_what_is_not_let_in(
    database: Database, code: int, path: str, more: list[tuple[int, bytes]], answer: str
) -> None:
    async with coap(database) as way, device(way.url) as one:
        options = [(PATH, part.encode()) for part in path.split("/") if part]
        options += [(number, value.replace(b"TOKEN", way.token.encode())) for number, value in more]
        found = await one.ask(message(code, options, POINT, mid=7))
        assert found.code == answer
        assert found.payload.startswith(b"expected")
        assert await way.way.reports() == []


async def test_an_elective_option_that_nobody_knows_is_ignored(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one:
        options = [*target(way.token), (65_000, b"x"), (6, b"")]
        assert (await one.ask(message(POST, options, POINT, mid=7))).code == "2.04"


async def test_what_is_sent_without_confirmation_is_stored_all_the_same(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one:
        answer = await one.ask(message(POST, target(way.token), POINT, mid=7, kind=NON))
        assert (answer.kind, answer.code) == (NON, "2.04")
        one.send(message(POST, target(way.token), POINT, mid=7, kind=NON))
        one.send(message(POST, [*target(way.token), (NO_RESPONSE, b"\x1a")], POINT, mid=8, kind=NON))
        assert (await one.ask(message(POST, target(way.token), POINT, mid=9))).mid == 9
        async with asyncio.timeout(20):
            while len(await way.way.reports()) < 3:
                await asyncio.sleep(0.01)
        assert len(await way.way.reports()) == 3, "mid 7 once, 8 without an answer, 9"


async def test_blocks_are_put_together(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one:
        body, size = b'{"id":"x","values":{"text":"%s"}}' % (b"y" * 100), 64
        cut = [body[at : at + size] for at in range(0, len(body), size)]
        for number, part in enumerate(cut):
            more = number < len(cut) - 1
            block = bytes((number << 4 | more << 3 | 2,))
            answer = await one.ask(message(POST, [*target(way.token), (BLOCK1, block)], part, mid=number))
            assert (answer.code, answer.options[BLOCK1]) == ("2.31" if more else "2.04", block)
        assert [report.values for report in await way.way.reports()] == [{"text": "y" * 100}]
        again = await one.ask(message(POST, [*target(way.token), (BLOCK1, b"\x12")], cut[1], mid=50))
        assert again.code == "4.08"


async def test_a_payload_past_the_limit_is_refused_before_it_is_read(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one:
        said = [*target(way.token), (BLOCK1, b"\x0e"), (SIZE1, b"\x01\x00\x01")]
        answer = await one.ask(message(POST, said, b"x" * 1024, mid=1))
        assert (answer.code, answer.options[SIZE1]) == ("4.13", b"\x01\x00\x00")
        for number in range(65):
            block = (number << 4 | 0xE).to_bytes(2, "big")
            answer = await one.ask(message(POST, [*target(way.token), (BLOCK1, block)], b" " * 1024, mid=100 + number))
            assert answer.code == ("2.31" if number < 64 else "4.13")
        one.send(message(POST, target(way.token), POINT + b" " * 5000, mid=2))
        answer = await one.next()
        assert (answer.code, answer.options[BLOCK1]) == ("4.13", b"\x06"), "too long for a datagram: blocks of 1024"
        assert await way.way.reports() == []


async def test_nothing_is_kept_of_blocks_of_strangers(database: Database) -> None:
    async with coap(database) as way, device(way.url) as one:
        for mid in range(20):
            options = [*target("guessed"), (BLOCK1, b"\x0e")]
            assert (await one.ask(message(POST, options, b"x" * 1024, mid=mid))).code == "4.01"
        assert way.door._requests._blocks.size == 0


@pytest.mark.parametrize(
    ("packet", "reset"),
    [
        (b"", False),
        (b"\x40", False),
        (b"\x40\x02\x00", False),
        (b"\x80\x02\x00\x01", False),
        (b"\x49\x02\x00\x01" + b"123456789", True),
        (b"\x4f\x02\x00\x01", True),
        (b"\x40\x02\x00\x01\xb9de", True),
        (b"\x40\x02\x00\x01\xb2\xff\xfe", True),
        (b"\x40\x02\x00\x01\xf0", True),
        (b"\x50\x02\x00\x01\xb2\xff\xfe", False),
        (b"\x40\x00\x00\x01", True),
        (b"\x60\x00\x00\x01", False),
        (b"\x70\x00\x00\x01", False),
        (b"\x60\x02\x00\x01", False),
        (b"\x60\x44\x00\x01", False),
        (b"\x40\x44\x00\x01", True),
        (b"\x40\x20\x00\x01", False),
        (b"\x40\xe1\x00\x01", False),
    ],
)
async def test_a_datagram_nobody_can_read_is_reset_or_ignored(
    database: Database, packet: bytes, reset: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with coap(database) as way, device(way.url) as one:
        one.send(packet)
        answer = await one.ask(message(POST, target(way.token), POINT, mid=99))
        if reset:
            assert (answer.kind, answer.mid) == (RST, 1)
            answer = await one.next()
        assert (answer.mid, answer.code) == (99, "2.04")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_noise_of_every_kind_harms_nobody(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    seed = 4711
    noise, whole = random.Random(seed), message(POST, target("x" * 32), POINT, mid=3)
    async with coap(database) as way, device(way.url) as one, device(way.url) as bad:
        for _ in range(300):
            packet = bytearray(whole if noise.random() < 0.7 else noise.randbytes(noise.randrange(1, 60)))
            for _ in range(noise.randrange(4)):
                packet[noise.randrange(len(packet))] = noise.randrange(256)
            bad.send(bytes(packet[: noise.randrange(1, len(packet) + 1)]))
        assert (await one.ask(message(POST, target(way.token), POINT, mid=99))).code == "2.04"
        assert len(await way.way.reports()) == 1
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == [], f"seed {seed}"


@pytest.mark.usefixtures("separate")
async def test_more_than_can_be_worked_on_is_dropped_and_sent_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "UNDER_WAY", 10)
    history = MemoryHistory()
    async with coap(database, history, empty_ack_s=0.1) as way, device(way.url) as one:
        history.gate.clear()
        packets = [message(POST, target(way.token), POINT, mid=n, token=bytes((n,))) for n in range(40)]
        for packet in packets:
            one.send(packet)
        acked = {(await one.next()).mid for _ in range(10)}
        assert one.silent()
        history.gate.set()
        await way.way.pipeline.drained()
        assert len(history.records) == 10
        dropped = next(n for n in range(40) if n not in acked)
        async with device(way.url) as other:
            answer = await other.ask(packets[dropped])
            assert (answer if answer.code != "0.00" else await other.next()).code == "2.04"


@pytest.mark.usefixtures("separate")
async def test_what_has_arrived_is_answered_when_the_service_stops(database: Database) -> None:
    history = MemoryHistory()
    async with coap(database, history, empty_ack_s=0.1) as way, device(way.url) as one:
        history.gate.clear()
        assert (await one.ask(message(POST, target(way.token), POINT, mid=7))).code == "0.00"
        stopping = asyncio.create_task(way.door.stop())
        await asyncio.sleep(0.05)
        late = await one.ask(message(POST, target(way.token), POINT, mid=8, token=b"u"))
        assert (late.code, late.token) == ("5.03", b"u")
        history.gate.set()
        answer = await one.next()
        assert (answer.code, answer.token, len(history.records)) == ("2.04", b"t", 1)
        await stopping


async def test_a_taken_port_is_named(database: Database) -> None:
    async with coap(database) as way:
        taken = int(way.url.rpartition(":")[2])
        settings = way.way.context.settings.model_copy(update={"coap": CoapSettings(port=taken)})
        with pytest.raises(SetupError, match=rf"port {taken} .* --coap-port"):
            await Door(replace(way.way.context, settings=settings), way.way.pipeline).start()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0", "::"])
async def test_it_listens_where_it_is_told_to(database: Database, host: str) -> None:
    async with coap(database) as way:
        settings = way.way.context.settings.model_copy(update={"coap": CoapSettings(host=host, port=0)})
        door = Door(replace(way.way.context, settings=settings), way.way.pipeline)
        await door.start()
        port = door.url.rpartition(":")[2]
        for near in {"::1": ["[::1]"], "::": ["[::1]", "127.0.0.1"]}.get(host, ["127.0.0.1"]):
            async with device(f"coap://{near}:{port}") as one:
                assert (await one.ask(message(POST, target(way.token), POINT, mid=7))).code == "2.04"
        await door.stop()


# programs nobody here wrote


async def test_aiocoap_s_client_posts_a_payload_in_blocks(database: Database) -> None:
    async with coap(database) as way:
        client = await aiocoap.Context.create_client_context(transports=["udp6"])
        body = cbor2.dumps([{"id": n, "values": {"text": "x" * 4000}} for n in range(16)])
        assert 64_000 < len(body) < 65_536
        request = aiocoap.Message(
            code=aiocoap.POST, uri=f"{way.url}/devices/m1/telemetry?t={way.token}", payload=body, content_format=60
        )
        response = await client.request(request).response
        assert response.code is aiocoap.CHANGED
        await client.shutdown()
        assert len(await way.way.reports()) == 16


@pytest.mark.parametrize(
    ("options", "payload", "answer", "stored"),
    [
        (["-t", "50"], '{"values":{"t":4.5}}', "c:2.04", 1),
        ([], '{"values":{"t":4.5}}', "c:2.04", 1),
        (["-t", "60"], "not CBOR", "4.00 expected CBOR", 0),
        (["-b", "64"], '{"values":{"text":"%s"}}' % ("x" * 2000), "c:2.04", 1),
        (["-N"], '{"values":{"t":4.5}}', "t:NON c:2.04", 1),
        (["-b", "1024"], " " * 70_000, "4.13 expected", 0),
    ],
)
async def test_libcoap_s_client_posts(
    database: Database, options: list[str], payload: str, answer: str, stored: int
) -> None:
    needs("coap-client-notls")
    async with coap(database) as way:
        process = await asyncio.create_subprocess_exec(
            *("coap-client-notls", "-v", "6", "-B", "10", "-m", "post", "-e", payload, *options),
            f"{way.url}/devices/m1/telemetry?t={way.token}",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert answer in said.decode()
        assert len(await way.way.reports()) == stored
