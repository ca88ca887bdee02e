"""One modem is kept alive, by a ladder that is a table."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from modem_drivers.errors import CommandTimeout, ModemError, NotRegistered, PinGuarded, WrongModem
from modem_drivers.modem import Modem
from modem_drivers.profiles import PROFILES, Profile
from modem_drivers.recovery import LADDER, LADDER_WITH_SWITCH, Repair, Rung
from modem_drivers.supervisor import ModemState, Supervisor
from modem_drivers.transport.memory import MemoryEnd, cable
from tests.modem_drivers import supervised
from tests.modem_drivers.peer import QUICK, Peer, setting
from tests.modem_drivers.test_modem import TABLE
from tests.waiting import until

IMEI = "490154203237518"


def kept(peer: Peer, **options: object) -> AbstractAsyncContextManager[Supervisor]:
    defaults: dict[str, object] = {"profile": QUICK, "retry_after": 0.001, "check_every": 0.02}
    return supervised.kept(peer.end.peer, **(defaults | options))


@pytest.fixture
async def peer() -> Peer:
    made = Peer(cable()[1])
    setting(made.answers, TABLE)
    made.answers["+CFUN"] = "OK"
    await made.open()
    return made


async def test_it_sets_the_modem_up_and_waits_until_that_is_done(peer: Peer) -> None:
    may_go_on = asyncio.Event()

    async def set_up(modem: Modem) -> None:
        await may_go_on.wait()

    async with kept(peer, on_modem=set_up) as supervisor:
        waiting = asyncio.create_task(supervisor.wait_ready())
        await until(lambda: "AT+CGSN" in peer.heard)
        assert not waiting.done()
        may_go_on.set()
        modem = await asyncio.wait_for(waiting, 30)
        assert supervisor.state is ModemState.READY
        assert modem.info.imei == IMEI
    assert modem.closed.is_set()
    assert supervisor.modem is None


async def test_a_line_that_breaks_is_opened_again(peer: Peer) -> None:
    async with kept(peer) as supervisor:
        first = await asyncio.wait_for(supervisor.wait_ready(), 30)
        peer.end.cable.cut()
        await until(lambda: supervisor.state is ModemState.GONE)
        assert supervisor.problem is not None
        peer.end.cable.restore()
        await peer.open()
        assert await asyncio.wait_for(supervisor.wait_ready(), 30) is not first
        assert supervisor.counters.connects == 2
        assert supervisor.counters.losses == 1


async def test_a_missing_port_is_looked_for_more_often_than_a_failing_modem_is_tried(peer: Peer) -> None:
    peer.end.cable.cut()
    async with kept(peer, retry_after=60) as supervisor:
        await until(lambda: supervisor.problem is not None)
        peer.end.cable.restore()
        await peer.open()
        await asyncio.wait_for(supervisor.wait_ready(), 30)


async def test_a_modem_that_stops_answering_is_noticed_without_any_traffic(peer: Peer) -> None:
    async with kept(peer) as supervisor:
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        peer.answers["AT"] = None
        await until(lambda: supervisor.state is ModemState.DIRTY)
        waiting = asyncio.create_task(supervisor.wait_ready())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        peer.answers["AT"] = "OK"
        assert await asyncio.wait_for(waiting, 30) is supervisor.modem


async def test_another_modem_at_the_address_is_not_taken_and_a_person_is_told(peer: Peer) -> None:
    alarms: list[ModemError] = []
    async with kept(peer, expect_imei="861112223334449", on_alarm=alarms.append) as supervisor:
        await until(lambda: peer.heard.count("AT+CGSN") == 3)
        assert len(alarms) == supervisor.counters.alarms == 1
        assert isinstance(alarms[0], WrongModem)
        assert IMEI in str(alarms[0])
        assert supervisor.state is ModemState.GONE
        assert supervisor.modem is None


async def test_a_set_up_that_keeps_failing_climbs_the_ladder_once_a_rung(peer: Peer) -> None:
    alarms: list[ModemError] = []

    async def fail(_: Modem) -> None:
        raise NotRegistered("expected a network, got none; check the antenna")

    async with kept(peer, on_modem=fail, on_alarm=alarms.append, retry_after=0.0001) as supervisor:
        await until(lambda: bool(alarms))
        assert supervisor.counters.failures == len(LADDER)
    assert [text for text in peer.heard if "CFUN" in text] == ["AT+CFUN=4", "AT+CFUN=1", "AT+CFUN=1,1"]


@pytest.mark.parametrize("fault", [ZeroDivisionError("in the set-up"), asyncio.CancelledError("in the set-up")])
async def test_a_set_up_with_a_fault_of_its_own_is_tried_again(peer: Peer, fault: BaseException) -> None:
    faults = iter([fault])

    async def fail_once(_: Modem) -> None:
        for fault in faults:
            raise fault

    async with kept(peer, on_modem=fail_once) as supervisor:
        await until(lambda: supervisor.state is ModemState.DIRTY)
        assert "in the set-up" in str(supervisor.problem)
        await asyncio.wait_for(supervisor.wait_ready(), 30)


async def test_an_alarm_that_nobody_takes_is_not_the_end_of_the_tries(peer: Peer) -> None:
    may_be_set_up = False

    def fail(_: ModemError) -> None:
        nonlocal may_be_set_up
        may_be_set_up = True
        raise OSError("the pager is on fire")

    async def set_up(_: Modem) -> None:
        if not may_be_set_up:
            raise PinGuarded("this SIM has refused this PIN before")

    async with kept(peer, on_modem=set_up, on_alarm=fail) as supervisor:
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        assert supervisor.counters.alarms == 1


async def test_a_sim_that_needs_a_person_is_no_reason_to_restart_the_modem(peer: Peer) -> None:
    alarms: list[ModemError] = []

    async def fail(_: Modem) -> None:
        raise PinGuarded("this SIM has refused this PIN before")

    async with kept(peer, on_modem=fail, on_alarm=alarms.append, retry_after=0.0001) as supervisor:
        await until(lambda: peer.heard.count("AT+CGSN") == len(LADDER))
        assert supervisor.state is ModemState.DIRTY
        assert [str(alarm) for alarm in alarms] == [str(supervisor.problem)]
    assert not any("CFUN" in text for text in peer.heard)


async def test_a_modem_that_never_answers_is_dirty(peer: Peer) -> None:
    peer.answers["AT"] = None
    async with kept(peer) as supervisor:
        await until(lambda: supervisor.state is ModemState.DIRTY)
        assert isinstance(supervisor.problem, CommandTimeout)


def test_an_end_of_a_cable_is_an_address() -> None:
    end: MemoryEnd = cable("bench")[0]
    assert Supervisor(end).state is ModemState.GONE


async def test_a_modem_that_sleeps_needs_no_help_and_is_set_up_when_it_wakes(peer: Peer) -> None:
    profile = replace(QUICK, sleep=("PSM POWER DOWN",), patience=0.01)
    async with kept(peer, profile=profile) as supervisor:
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        peer.answers["AT"] = None
        peer.say("PSM POWER DOWN")
        await until(lambda: supervisor.state is ModemState.SLEEPING)
        asked = peer.heard.count("AT")
        await until(lambda: peer.heard.count("AT") > asked + 2)
        assert supervisor.state is ModemState.SLEEPING
        peer.answers["AT"] = "OK"
        peer.say("APP RDY")
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        counters = supervisor.counters
        assert (counters.sleeps, counters.failures, counters.losses, counters.restarts) == (1, 0, 0, 0)
        assert not counters.rungs


SLEEPERS = [profile for profile in PROFILES if profile.sleep]


@pytest.mark.parametrize("known", SLEEPERS, ids=lambda profile: profile.name)
async def test_each_family_that_tells_of_its_sleep(peer: Peer, known: Profile) -> None:
    profile = replace(QUICK, patience=0.01, sleep=known.sleep, wake=known.wake, boot=known.boot)
    async with kept(peer, profile=profile) as supervisor:
        modem = await asyncio.wait_for(supervisor.wait_ready(), 30)
        for line in known.wake:  # awake already: nothing to wake from
            peer.say(line)
        peer.say("+CPSMSTATUS: 3\n+UUPSMR: 2,0\n+PSMEV: 7")  # other values of the same lines
        await modem.session.command("AT")
        assert (supervisor.state, supervisor.counters.restarts) == (ModemState.READY, 0)
        peer.answers["AT"] = None
        peer.say(known.sleep[0] + (",0" if known.sleep[0][-1].isdigit() else ""))
        await until(lambda: supervisor.state is ModemState.SLEEPING)
        peer.answers["AT"] = "OK"
        peer.say((known.wake or known.boot)[0])
        again = await asyncio.wait_for(supervisor.wait_ready(), 30)
        assert again is not modem
        assert (supervisor.counters.sleeps, supervisor.counters.restarts, supervisor.counters.losses) == (1, 0, 0)


async def test_a_sleeping_modem_may_wake_without_a_word_or_lose_its_port_meanwhile(peer: Peer) -> None:
    profile = replace(QUICK, sleep=("PSM POWER DOWN",), patience=0.01)
    async with kept(peer, profile=profile) as supervisor:
        for wakes in range(2):
            await asyncio.wait_for(supervisor.wait_ready(), 30)
            peer.answers["AT"] = None
            peer.say("PSM POWER DOWN")
            await until(lambda: supervisor.state is ModemState.SLEEPING)
            if wakes:
                peer.end.cable.cut()
                await until(lambda: supervisor.problem is not None)
                assert supervisor.state is ModemState.SLEEPING
                peer.end.cable.restore()
                await peer.open()
            peer.answers["AT"] = "OK"
            await asyncio.wait_for(supervisor.wait_ready(), 30)
        assert supervisor.counters.sleeps == 2
        assert supervisor.counters.losses == 0


@pytest.mark.parametrize("fault", [OSError("the switch is on fire"), asyncio.CancelledError()])
async def test_the_power_switch_is_the_last_thing_before_a_person(peer: Peer, fault: BaseException) -> None:
    alarms: list[ModemError] = []
    switched: list[int] = []

    async def fail(_: Modem) -> None:
        raise NotRegistered("expected a network, got none; check the antenna")

    async def switch() -> None:
        switched.append(supervisor.counters.failures)
        raise fault

    options = {"on_modem": fail, "on_alarm": alarms.append, "power_switch": switch, "retry_after": 0.0001}
    async with kept(peer, **options) as supervisor:
        await until(lambda: bool(alarms))
        assert switched == [LADDER_WITH_SWITCH.index(Rung.POWER) + 1]
        assert supervisor.counters.failures == len(LADDER_WITH_SWITCH)
        counted = [(step, supervisor.counters.rungs[step]) for step in (Rung.RADIO, Rung.RESET, Rung.POWER)]
        assert counted == [(Rung.RADIO, 1), (Rung.RESET, 1), (Rung.POWER, 1)]
        assert supervisor.counters.rungs[Rung.REOPEN] >= 6


async def test_a_modem_that_never_answers_gets_the_switch_too(peer: Peer) -> None:
    switched = asyncio.Event()

    async def switch() -> None:
        peer.answers["AT"] = "OK"
        switched.set()

    peer.answers["AT"] = None
    profile = replace(QUICK, patience=0.005)
    async with kept(peer, profile=profile, power_switch=switch, retry_after=0.0001) as supervisor:
        await asyncio.wait_for(supervisor.wait_ready(), 10)
        assert switched.is_set()


async def test_a_port_that_stays_away_gets_the_switch_and_then_a_person(peer: Peer) -> None:
    alarms: list[ModemError] = []
    switched: list[None] = []

    async def switch() -> None:
        switched.append(None)

    peer.end.cable.cut()
    options = {"power_switch": switch, "on_alarm": alarms.append, "patience_for_port": 0.05}
    async with kept(peer, **options) as supervisor:
        await until(lambda: bool(switched))
        assert not alarms
        await until(lambda: bool(alarms))
        assert len(switched) == 1
        assert supervisor.state is ModemState.GONE
        assert "check the cable" in str(alarms[0])
        peer.end.cable.restore()
        await peer.open()
        await asyncio.wait_for(supervisor.wait_ready(), 30)


async def test_a_lost_network_is_looked_for_gently_before_the_modem_is_set_up_again(peer: Peer) -> None:
    peer.answers["+COPS"] = "OK"
    async with kept(peer, patience_for_network=0.05, check_every=0.01, retry_after=0.01) as supervisor:
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        assert supervisor.network is not None
        for name in ("+CREG?", "+CGREG?", "+CEREG?"):
            peer.answers[f"AT{name}"] = f"{name[:-1]}: 2,2\nOK"
        await until(lambda: supervisor.counters.failures == 1)
        assert supervisor.network.repairs == {Repair.CHOOSE: 1, Repair.RADIO: 1, Repair.SET_UP: 1}
        steps = [text for text in peer.heard if text in ("AT+COPS=0", "AT+CFUN=4", "AT+CFUN=1")]
        assert steps == ["AT+COPS=0", "AT+CFUN=4", "AT+CFUN=1"]
        for name in ("+CREG?", "+CGREG?", "+CEREG?"):
            peer.answers[f"AT{name}"] = f"{name[:-1]}: 2,1\nOK"
        await asyncio.wait_for(supervisor.wait_ready(), 30)


async def test_a_network_that_comes_back_by_itself_needs_no_repair(peer: Peer) -> None:
    for name in ("+CREG?", "+CGREG?", "+CEREG?"):
        peer.answers[f"AT{name}"] = f"{name[:-1]}: 2,1\nOK"
    async with kept(peer, patience_for_network=0.001) as supervisor:
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        asked = peer.heard.count("AT+CEREG?")
        await until(lambda: peer.heard.count("AT+CEREG?") > asked + 3)
        assert supervisor.network is not None
        assert not supervisor.network.repairs
