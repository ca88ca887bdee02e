"""Calls between modems and phones of one network in several processes, each end of the sockets in this one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hw_fixtures.modem import MemoryModem
from hw_fixtures.network import Menu, Release
from hw_fixtures.network.sharing import Hub, JoinedNetwork, shared_network
from modem_drivers import Modem
from modem_drivers.errors import CallEnded, EndCause, UssdFailed
from modem_drivers.features.call import VoiceCall
from modem_drivers.profiles import profile_for
from tests.hw_fixtures.network.conftest import made
from tests.hw_fixtures.network.test_sharing import ALICE, GUESTS, HUBS, on
from tests.waiting import until

OTHERS = "+15550197"
LONG = 20.0


@dataclass
class Desk:
    """A modem with somebody at it."""

    served: MemoryModem
    modem: Modem
    came: asyncio.Queue[VoiceCall]

    async def called(self) -> VoiceCall:
        """The next call that comes in."""
        return await asyncio.wait_for(self.came.get(), LONG)


@asynccontextmanager
async def desk(world: Hub | JoinedNetwork, number: str, model: str = "quectel-ec25") -> AsyncIterator[Desk]:
    async with on(world, number, model) as served:
        simulated = served.modem.model
        profile = replace(profile_for(simulated.manufacturer, simulated.model), settle=0.005)
        modem = await Modem.open(served, profile=profile)
        modem.voice.poll = 0.01
        came: asyncio.Queue[VoiceCall] = asyncio.Queue()
        modem.voice.on_incoming = came.put_nowait
        await modem.voice.start()
        await modem.keys.start()
        try:
            yield Desk(served, modem, came)
        finally:
            await modem.close()


@asynccontextmanager
async def joined(path: Path) -> AsyncIterator[JoinedNetwork]:
    async with shared_network(path, made) as world:
        assert isinstance(world, JoinedNetwork)
        yield world


@pytest.fixture
async def guest(hub: Hub, path: Path) -> AsyncIterator[JoinedNetwork]:
    async with joined(path) as world:
        yield world


async def over(call: VoiceCall) -> EndCause:
    return (await asyncio.wait_for(call.ended(), LONG)).cause


@pytest.mark.parametrize("first", ["hub", "guest"])
async def test_two_modems_talk(hub: Hub, guest: JoinedNetwork, first: str) -> None:
    async with desk(hub, HUBS) as near, desk(guest, GUESTS, "simcom-sim7600") as far:
        caller, callee, to = (near, far, GUESTS) if first == "hub" else (far, near, HUBS)
        call = await caller.modem.voice.dial(to)
        taken = await callee.called()
        assert taken.number == (HUBS if first == "hub" else GUESTS)
        assert call.active_at is None
        await taken.answer()
        await call.answered(LONG)
        await caller.modem.speech.say("press 1")
        await until(lambda: callee.served.modem.calls.heard == ["press 1"])
        await callee.modem.keys.send("1#")
        assert [await caller.modem.keys.next(LONG) for _ in range(2)] == ["1", "#"]
        await caller.modem.keys.send("5")
        assert await callee.modem.keys.next(LONG) == "5"
        await taken.hang_up()
        assert await over(call) is EndCause.FAR_END
        assert await over(taken) is EndCause.HUNG_UP
        assert await caller.modem.voice.calls() == await callee.modem.voice.calls() == ()


async def test_a_modem_calls_one_of_a_third_process(hub: Hub, guest: JoinedNetwork, path: Path) -> None:
    async with joined(path) as third, desk(guest, GUESTS) as one, desk(third, OTHERS) as other:
        call = await one.modem.voice.dial(OTHERS)
        taken = await other.called()
        await taken.answer()
        await call.answered(LONG)
        await other.modem.speech.say("hello")
        await until(lambda: one.served.modem.calls.heard == ["hello"])
        await call.hang_up()
        assert await over(taken) is EndCause.FAR_END


async def test_a_phone_of_the_network_answers_hears_and_presses(hub: Hub, guest: JoinedNetwork) -> None:
    told: list[tuple[str, str]] = []
    guest.on_call.append(lambda number, what: told.append((number, what)))
    async with desk(guest, GUESTS) as far:
        async with await far.modem.voice.dial(ALICE) as call:
            await call.answered(LONG)
            await far.modem.speech.say("press 1")
            guest.person("press", ALICE, "1", GUESTS)
            assert await far.modem.keys.next(LONG) == "1"
            guest.person("say", ALICE, "I come", GUESTS)
            await until(lambda: far.served.modem.calls.heard == ["I come"])
            hub.person("hang-up", ALICE, "", HUBS)
            assert await over(call) is EndCause.FAR_END
        await until(lambda: len(told) == 4)
        assert [what for _, what in told] == [
            f"rings, {GUESTS} calls",
            "talks",
            "hears: press 1",
            "is free again (Normal call clearing)",
        ]


async def test_a_phone_calls_a_modem_of_another_process_and_gives_up(hub: Hub, guest: JoinedNetwork) -> None:
    async with desk(guest, GUESTS) as far:
        guest.person("call", ALICE, "", GUESTS)
        taken = await far.called()
        await taken.answer()
        await taken.hang_up()
        await until(lambda: hub.air.phone(ALICE).call is None)
        hub.person("call", ALICE, "", GUESTS)
        missed = await far.called()
        hub.person("hang-up", ALICE, "", GUESTS)
        with pytest.raises(CallEnded):
            await missed.answer()


@pytest.mark.parametrize(
    ("way", "cause"), [("busy", EndCause.BUSY), ("away", EndCause.NO_ANSWER), ("off", EndCause.REFUSED)]
)
async def test_a_call_that_is_not_taken(hub: Hub, guest: JoinedNetwork, way: str, cause: EndCause) -> None:
    hub.air.exchange.rings_for = 0.05
    async with desk(guest, GUESTS) as far:
        hub.person("phone", ALICE, way, GUESTS)
        with pytest.raises(CallEnded) as ended:
            await (await far.modem.voice.dial(ALICE)).answered(LONG)
        assert ended.value.cause is cause
        hub.person("phone", ALICE, "ready", GUESTS)
        async with await far.modem.voice.dial(ALICE) as call:
            await call.answered(LONG)


async def test_a_modem_refuses_or_is_in_a_call_or_is_away(hub: Hub, guest: JoinedNetwork) -> None:
    async with desk(hub, HUBS) as near, desk(guest, GUESTS) as far:
        call = await near.modem.voice.dial(GUESTS)
        await (await far.called()).hang_up()
        with pytest.raises(CallEnded) as refused:
            await call.answered(LONG)
        assert refused.value.cause is EndCause.REFUSED
        async with await far.modem.voice.dial(ALICE) as talk:
            await talk.answered(LONG)
            with pytest.raises(CallEnded) as busy:
                await (await near.modem.voice.dial(GUESTS)).answered(LONG)
            assert busy.value.cause is EndCause.BUSY
        far.served.unplug()
        await until(lambda: not hub.air.centre.attached(GUESTS))
        with pytest.raises(CallEnded) as away:
            await (await near.modem.voice.dial(GUESTS)).answered(LONG)
        assert away.value.detail == Release.UNREACHABLE.value


async def test_a_process_that_ends_in_a_call_ends_the_call(hub: Hub, path: Path) -> None:
    async with desk(hub, HUBS) as near:
        async with joined(path) as leaving, desk(leaving, GUESTS) as far:
            call = await near.modem.voice.dial(GUESTS)
            await (await far.called()).answer()
            await call.answered(LONG)
        assert await over(call) is EndCause.FAR_END
        with pytest.raises(CallEnded) as away:
            await (await near.modem.voice.dial(GUESTS)).answered(LONG)
        assert away.value.detail == Release.UNREACHABLE.value


async def test_codes_are_answered_everywhere_once_the_network_knows_them(hub: Hub, path: Path) -> None:
    hub.air.ussd["*101#"] = Menu("1 yes", {"1": "thanks"})
    async with joined(path) as guest, desk(guest, GUESTS) as far:
        await known(guest, "*101#")
        assert (await far.modem.ussd.request("*101#")).text == "1 yes"
        assert (await far.modem.ussd.reply("1")).text == "thanks"
        with pytest.raises(UssdFailed):
            await far.modem.ussd.request("*100#")
        guest.teach("*100#", "Balance 4.20 EUR")
        await known(guest, "*100#")
        assert (await far.modem.ussd.request("*100#")).text == "Balance 4.20 EUR"
        assert hub.air.ussd["*100#"] == "Balance 4.20 EUR"


async def known(guest: JoinedNetwork, code: str) -> None:
    await until(lambda: code in guest.exchange.ussd)
