"""Several modems share the work; one that goes takes nothing with it."""

import asyncio

import pytest

from fleet.clock import Clock
from fleet.db import Database
from fleet.gateway import sending
from fleet.messages.models import MessageState
from tests.fleet.gateway.station import ANA, IMEIS, station


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_without_modems_the_gateway_waits_and_texts_do_too(database: Database, clock: Clock) -> None:
    async with station(database, clock) as place:
        place.modems = []
        place.context = type(place.context)(
            place.context.settings.model_copy(update={"modem": []}), database, clock, place.context.sealer
        )
        async with place.running():
            await place.put()
            assert (await place.text(MessageState.QUEUED)).attempts == 0


async def test_two_modems_share_the_texts_and_none_is_sent_twice(database: Database, clock: Clock) -> None:
    async with station(database, clock, modems=2) as place:
        for modem in place.modems:
            modem.modem.cmgs_latency = 0.05
        async with place.running():
            for number in range(12):
                await place.put(f"text {number}")
            await place.texts(MessageState.SENT, 12)
        assert {attempt.modem for attempt in await place.attempts()} == set(IMEIS)
        assert sorted(text.text for text in place.network.phone(ANA).inbox) == sorted(f"text {n}" for n in range(12))


async def test_one_modem_gone_the_other_carries_all(database: Database, clock: Clock) -> None:
    async with station(database, clock, modems=2) as place:
        place.modems[0].unplug()
        async with place.running():
            for number in range(3):
                await place.put(f"text {number}")
            await place.texts(MessageState.SENT, 3)
        assert {attempt.modem for attempt in await place.attempts()} == {IMEIS[1]}


async def test_texts_queued_while_the_modem_is_away_go_when_it_is_back(database: Database, clock: Clock) -> None:
    async with station(database, clock) as place, place.running():
        await place.put("before")
        await place.text(MessageState.SENT)
        place.modems[0].unplug()
        await place.put("during")
        place.modems[0].plug()
        await place.network.phone(ANA).expect("during", 10)


async def test_a_slow_text_keeps_its_lease_and_is_sent_once(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LEASE", 0.6)
    monkeypatch.setattr(sending, "RENEW", 0.1)
    async with station(database, clock) as place:
        place.modems[0].modem.cmgs_latency = 2.0
        async with place.running():
            await place.put("slow")
            sent = await place.text(MessageState.SENT)
        assert sent.attempts == 1
        assert len(place.network.phone(ANA).inbox) == 1


async def test_a_service_stopped_in_the_middle_of_a_text_knows_that_it_does_not_know(
    database: Database, clock: Clock
) -> None:
    async with station(database, clock) as place:
        place.modems[0].modem.cmgs_latency = 5.0
        async with place.running():
            await place.put()
            await place.text(MessageState.WRITING)
        message = await place.text(MessageState.UNKNOWN)
        assert message.cause == "the service stopped while writing"


async def test_a_service_killed_in_the_middle_of_a_text_settles_it_when_it_is_back(
    database: Database, clock: Clock
) -> None:
    async with station(database, clock) as place:
        place.modems[0].modem.cmgs_latency = 5.0
        with pytest.MonkeyPatch.context() as killed:
            killed.setattr(sending.Sender, "_record", lambda *_: asyncio.sleep(0))  # nothing is written any more
            async with place.running():
                await place.put()
                await place.text(MessageState.WRITING)
        assert (await place.text(MessageState.WRITING)).attempts == 1

        place.modems[0].modem.cmgs_latency = 0
        async with place.running():
            message = await place.text(MessageState.UNKNOWN)
            assert message.cause == "the gateway vanished while writing"
