"""Whatever a stranger or a faulty device sends: the door stays up, keeps little, and others are served."""

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from fleet.db import Database
from fleet.devices.models import Device
from fleet.ingest.coap import recent
from fleet.ingest.coap.blocks import TOTAL
from fleet.telemetry.memory import MemoryHistory
from tests.fleet.ingest.coap.datagrams import BLOCK1, POST, CoapWay, coap, device, message, target

_values = st.binary(max_size=12) | st.binary(min_size=250, max_size=300)
_options = st.lists(st.tuples(st.integers(0, 70) | st.integers(250, 300) | st.integers(0, 65_535), _values), max_size=6)
_codes = st.sampled_from([0x00, 0x01, POST, 0x03, 0x04, 0x05, 0x44, 0x45, 0x84, 0xA0, 0xE1]) | st.integers(0, 255)
_ids, _kinds, _tokens = st.integers(0, 20) | st.integers(0, 65_535), st.integers(0, 3), st.binary(max_size=8)


def _shaped(valid_token: str) -> st.SearchStrategy[bytes]:
    """Messages of right form and any content, some from a device that may send."""
    where = st.sampled_from([[], target("guessed"), target(valid_token), target(valid_token, leaf="events")])
    none: list[tuple[int, bytes]] = []
    blocks = st.just(none) | st.binary(max_size=4).map(lambda value: [(BLOCK1, value)])
    options = st.builds(lambda *parts: [option for part in parts for option in part], where, blocks, _options)
    payload = st.binary(max_size=200) | st.sampled_from([b'{"values":{"t":1}}', b"x" * 1024])
    return st.builds(
        lambda code, options, payload, mid, kind, token: message(
            code, options, payload, mid=mid, kind=kind, token=token
        ),
        *(_codes, options, payload, _ids, _kinds, _tokens),
    )


@st.composite
def _damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """A message with some bytes changed, cut somewhere."""
    packet = bytearray(draw(whole))
    for at, value in draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255)), max_size=4)):
        packet[at % len(packet)] = value
    return bytes(packet[: draw(st.integers(1, len(packet)))])


async def test_any_bytes_harm_nobody_and_leave_nothing_behind(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    history = MemoryHistory()
    async with coap(database, history, empty_ack_s=30.0) as way, device(way.url) as bad, device(way.url) as good:
        loop, numbers = asyncio.get_running_loop(), iter(range(65_536))

        async def exchange(packets: list[bytes]) -> None:
            for packet in packets:
                bad.send(packet)
            number = next(numbers)
            body = b'{"id":"good-%d","values":{"t":4.5}}' % number
            answer = await good.ask(message(POST, target(way.way.tokens["m2"], "m2"), body, mid=number))
            assert (answer.mid, answer.code) == (number, "2.04")
            assert way.door._requests._blocks.size <= TOTAL
            assert len(_messages(way).recent) <= recent.REMEMBERED

        shaped = _shaped(way.token)

        @settings(max_examples=60, deadline=None)
        @given(st.lists(st.binary(max_size=1500) | shaped | _damaged(shaped), max_size=10))
        def check(packets: list[bytes]) -> None:
            asyncio.run_coroutine_threadsafe(exchange(packets), loop).result(60)

        await asyncio.to_thread(check)
        async with asyncio.timeout(30):
            while _kept(way):
                await asyncio.sleep(0.01)
        sent = next(numbers)
        assert len({record.identity for record in history.records if record.device_key == _key(way)}) == sent
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def _messages(way: CoapWay) -> Any:
    return way.door._library.request_interfaces[0].token_interface


def _kept(way: CoapWay) -> int:
    """Requests, answers and acknowledgements that aiocoap or the door still has in hand."""
    messages = _messages(way)
    tokens = messages.token_manager
    return (
        way.door._requests.under_way()
        + len(tokens.incoming_requests)
        + len(messages._piggyback_opportunities)
        + len(messages._active_exchanges)
        + len(messages._backlogs)
    )


def _key(way: CoapWay) -> int:
    """The key of device m2."""
    found = way.way.context.database.read_now(lambda tx: tx.exec(select(Device).where(Device.name == "m2")).one())
    return found.key
