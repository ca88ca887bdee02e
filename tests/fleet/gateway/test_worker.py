"""What comes in is on disk before the modem forgets it."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from fleet.clock import Clock
from fleet.db import Database
from fleet.errors import Unavailable
from fleet.gateway import worker
from fleet.messages import inbound
from fleet.messages.models import MessageState, TextMessage
from fleet.telemetry.models import DeadLetter
from tests.fleet.gateway.station import ANA, station

GATEWAY = "+15550000"


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_twenty_texts_at_once_are_all_stored_and_deleted_from_the_modem(database: Database, clock: Clock) -> None:
    async with station(database, clock) as place, place.running():
        await place.gateway.workers[0].supervisor.wait_ready()
        for number in range(20):
            place.network.phone(ANA).send(GATEWAY, f"text {number}")
        assert sorted(await place.received(20)) == sorted(f"text {number}" for number in range(20))
        store = place.modems[0].modem.messaging.store("ME")
        await place.until("an empty store", lambda _tx: True if not store.slots else None)
    assert "fleet_inbound_texts_total 20.0" in _metrics(place.context)


async def test_what_came_while_the_modem_was_off_is_read_when_it_is_back(database: Database, clock: Clock) -> None:
    async with station(database, clock) as place:
        place.network.phone(ANA).send(GATEWAY, "before the start")
        async with place.running():
            assert await place.received(1) == ["before the start"]


async def test_how_full_the_modem_stays_is_a_metric(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK", 0.05)
    monkeypatch.setattr(worker, "SWEEP", 0.05)

    def refuse(*_arguments: Any) -> object:
        raise Unavailable("expected a disk with room, got one that is full")

    monkeypatch.setattr(inbound, "receive", refuse)
    async with station(database, clock) as place, place.running():
        await place.gateway.workers[0].supervisor.wait_ready()
        assert "fleet_modem_storage_fill{" in _metrics(place.context)
        store = place.modems[0].modem.messaging.store("ME")
        place.network.phone(ANA).send(GATEWAY, "nobody takes it in")
        shown = f" {1 / store.capacity}"
        await place.until("one text to stay", lambda _tx: True if shown in _fill(place.context) else None)


def _fill(context: Any) -> str:
    return next(line for line in _metrics(context).splitlines() if line.startswith("fleet_modem_storage_fill{"))


async def test_a_long_text_is_joined(database: Database, clock: Clock) -> None:
    async with station(database, clock) as place, place.running():
        await place.gateway.workers[0].supervisor.wait_ready()
        body = "the key is under the mat 🗝 " * 10
        place.network.phone(ANA).send(GATEWAY, body)
        assert await place.received(1) == [body]


async def test_a_text_nobody_can_read_is_kept_as_a_dead_letter_and_leaves_the_modem(
    database: Database, clock: Clock
) -> None:
    async with station(database, clock) as place, place.running():
        await place.gateway.workers[0].supervisor.wait_ready()
        assert place.modems[0].modem.messaging.take("0004FF")
        letter = await place.until("a dead letter", lambda tx: tx.exec(select(DeadLetter)).first())
        store = place.modems[0].modem.messaging.store("ME")
        await place.until("an empty store", lambda _tx: True if not store.slots else None)
    assert (letter.way, letter.payload) == ("gateway", b"0004FF")
    assert letter.reason.startswith("expected ")


async def test_a_text_the_database_refuses_stays_in_the_modem_and_is_read_again(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK", 0.05)
    tries: list[str] = []
    receive = inbound.receive

    def refuse_once(*arguments: Any) -> object:
        tries.append("try")
        if len(tries) == 1:
            raise Unavailable("expected a disk with room, got one that is full")
        return receive(*arguments)

    monkeypatch.setattr(inbound, "receive", refuse_once)
    async with station(database, clock) as place, place.running():
        await place.gateway.workers[0].supervisor.wait_ready()
        place.network.phone(ANA).send(GATEWAY, "41A")
        assert await place.received(1) == ["41A"]
    assert len(tries) == 2


async def test_delivery_is_recorded(database: Database, clock: Clock) -> None:
    async with station(database, clock) as place, place.running():
        put = await place.put()

        def look(tx: Any) -> bool | None:
            message = tx.get(TextMessage, put.id)
            return True if message.delivered_at and message.state is MessageState.SENT else None

        await place.until("a delivered text", look)


async def test_whether_a_modem_is_ready_can_be_seen(database: Database, clock: Clock) -> None:
    async with station(database, clock) as place, place.running():
        await place.gateway.workers[0].supervisor.wait_ready()
        port = place.modems[0].name
        assert f'fleet_modem_ready{{port="{port}"}} 1.0' in _metrics(place.context)
        assert f'fleet_modem_events{{event="losses",port="{port}"}} 0.0' in _metrics(place.context)
        assert f'fleet_modem_state{{port="{port}",state="ready"}} 1.0' in _metrics(place.context)
        place.modems[0].unplug()
        gone = f'fleet_modem_ready{{port="{port}"}} 0.0'
        await place.until("a modem that is gone", lambda _tx: True if gone in _metrics(place.context) else None)
        assert f'fleet_modem_events{{event="losses",port="{port}"}} 1.0' in _metrics(place.context)
        assert f'fleet_modem_state{{port="{port}",state="gone"}} 1.0' in _metrics(place.context)
        said = _metrics(place.context)
        for step in ("resync", "reopen", "radio", "reset", "power", "network_choose", "network_set_up"):
            assert f'fleet_modem_recoveries{{port="{port}",step="{step}"}} ' in said
        shown = {*re.findall(r'event="(\w+)"', said), *re.findall(r'step="(\w+)"', said)}
        page = (Path(__file__).parents[3] / "docs/operations.md").read_text()
        assert [name for name in shown if not re.search(rf"\b{name}\b", page)] == []


def _metrics(context: Any) -> str:
    from prometheus_client import generate_latest

    return generate_latest(context.metrics.registry).decode()
