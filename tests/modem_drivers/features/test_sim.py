"""SIM verbs against scripted answers: every form of number and state, and a PIN tried with care."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from modem_drivers.at.parsers.card import SimState
from modem_drivers.errors import (
    CommandRefused,
    CommandTimeout,
    IdentityError,
    NoSim,
    PinGuarded,
    PinRefused,
    PinRequired,
    PortGone,
    SimError,
    UnexpectedReply,
)
from modem_drivers.features.sim import EF_ICCID, Retries, Sim
from modem_drivers.identity import swap_digits
from modem_drivers.profiles import EC25
from tests.modem_drivers.peer import QUICK, Answer, joined
from tests.modem_drivers.simulation import ICCID, Guard

QUECTEL = replace(EC25, settle=0.005, patience=0.1)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    Sim._refused_here.clear()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("+CPIN: READY\nOK", SimState.READY),
        ('+CPIN: "SIM PIN"\nOK', SimState.PIN),
        ("   SIM PUK\nOK", SimState.PUK),
        ("SIM PIN2\nOK", SimState.PIN2),
        ("+CPIN: PH-NET PIN\nOK", SimState.LOCKED),
        ("+CPIN: NOT READY\nOK", SimState.BUSY),
        ("+CPIN: NOT INSERTED\nOK", SimState.ABSENT),
        ("+CME ERROR: 10", SimState.ABSENT),
        ("+CME ERROR: 11", SimState.PIN),
        ("+CME ERROR: SIM busy", SimState.BUSY),
        ("+CME ERROR: 13", SimState.FAILED),
        ("+CME ERROR: 5", SimState.LOCKED),
        ("+CME ERROR: 40", SimState.LOCKED),
        ("+CME ERROR: service provider personalization PUK required", SimState.LOCKED),
    ],
)
async def test_state(answer: str, state: SimState) -> None:
    session, _ = await joined({"+CPIN?": answer})
    assert await Sim(session).state() is state
    await session.close()


async def test_a_state_nobody_knows() -> None:
    session, peer = await joined({"+CPIN?": "+CPIN: HUNGRY\nOK"})
    with pytest.raises(UnexpectedReply, match="HUNGRY"):
        await Sim(session).state()
    peer.answers["+CPIN?"] = "+CME ERROR: 100"
    with pytest.raises(CommandRefused):
        await Sim(session).state()
    await session.close()


@pytest.mark.parametrize(
    "answers",
    [
        {"+QCCID": f"+QCCID: {ICCID}\nOK"},
        {"+QCCID": f"+QCCID: {ICCID}F\nOK"},
        {"+CCID": f"{ICCID}\nOK"},
        {"+CCID": f'+CCID: "{ICCID}"\nOK'},
        {"+ICCID": f"+ICCID: {ICCID}\nOK"},
        {EF_ICCID: f'+CRSM: 144,0,"{swap_digits(ICCID + "F")}"\nOK'},
        {"+QCCID": "+QCCID: 123\nOK", "+CCID": f"{ICCID}\nOK"},
        {"+QCCID": "OK", EF_ICCID: f"+CRSM: 144,0,{swap_digits(ICCID + 'F')}\nOK"},
    ],
)
async def test_iccid_in_all_its_forms(answers: dict[str, Answer]) -> None:
    session, _ = await joined(answers, QUECTEL)
    assert await Sim(session).iccid() == ICCID
    await session.close()


async def test_a_wrong_check_digit_is_an_error_and_no_iccid() -> None:
    wrong = ICCID[:-1] + str((int(ICCID[-1]) + 1) % 10)
    session, _ = await joined({"+QCCID": f"+QCCID: {wrong}\nOK"}, QUECTEL)
    with pytest.raises(IdentityError, match="check digit"):
        await Sim(session).iccid()
    await session.close()


async def test_no_sim_is_told_as_such() -> None:
    session, _ = await joined({"+CPIN?": "+CME ERROR: 10", "+CIMI": "+CME ERROR: 10"}, QUECTEL)
    with pytest.raises(NoSim):
        await Sim(session).iccid()
    with pytest.raises(NoSim):
        await Sim(session).imsi()
    with pytest.raises(NoSim):
        await Sim(session).unlock("1234", guard=Guard())
    await session.close()


async def test_imsi() -> None:
    session, peer = await joined({"+CIMI": "001010123456789\nOK", "+CPIN?": "+CPIN: SIM PIN\nOK"})
    assert await Sim(session).imsi() == "001010123456789"
    peer.answers["+CIMI"] = "+CME ERROR: 11"
    with pytest.raises(PinRequired):
        await Sim(session).imsi()
    peer.answers["+CIMI"] = "12AB\nOK"
    with pytest.raises(UnexpectedReply, match="IMSI"):
        await Sim(session).imsi()
    await session.close()


async def test_retries_in_vendor_and_standard_form() -> None:
    session, _ = await joined({"+QPINC?": '+QPINC: "SC",3,10\n+QPINC: "P2",2,9\nOK'}, QUECTEL)
    assert await Sim(session).retries() == Retries(3, 10)
    await session.close()
    session, peer = await joined({"+CPINR": "+CPINR: SIM PIN,2,3\n+CPINR: SIM PUK,10,10\nOK"}, QUICK)
    assert await Sim(session).retries() == Retries(2, 10)
    peer.answers["+CPINR"] = "ERROR"
    assert await Sim(session).retries() is None
    peer.answers["+CPINR"] = "+CPINR: nonsense\nOK"
    assert await Sim(session).retries() is None
    await session.close()


def locked(**more: Answer) -> dict[str, Answer]:
    return {"+CPIN?": "+CPIN: SIM PIN\nOK", "+CCID": f"{ICCID}\nOK", **more}


async def test_an_open_sim_is_left_alone() -> None:
    session, peer = await joined({"+CPIN?": "+CPIN: READY\nOK"})
    await Sim(session).unlock("1234", guard=Guard())
    assert peer.heard[-1] == "AT+CPIN?"
    await session.close()


async def test_a_sim_that_is_busy_after_its_pin_is_waited_for() -> None:
    states = iter(["SIM PIN", "NOT READY", "READY"])
    session, peer = await joined(locked(**{"+CPIN": "OK\n+CPIN: READY"}))
    peer.answers["+CPIN?"] = lambda _: f"+CPIN: {next(states)}\nOK"
    await Sim(session).unlock("1234", guard=Guard())
    assert peer.heard.count('AT+CPIN="1234"') == 1
    await session.close()


@pytest.mark.parametrize("refusal", ["+CME ERROR: 16", "+CME ERROR: incorrect password", "ERROR", "+CME ERROR: 100"])
async def test_where_tries_are_unknown_one_refusal_ends_all_tries(refusal: str) -> None:
    session, peer = await joined(locked(**{"+CPIN": refusal}))
    guard = Guard()
    with pytest.raises(PinRefused, match="unknown tries left"):
        await Sim(session).unlock("1111", guard=guard)
    assert guard.refused == {(ICCID, "1111")}
    with pytest.raises(PinGuarded, match="does not tell"):
        await Sim(session).unlock("2222", guard=guard)
    assert [command for command in peer.heard if command.startswith("AT+CPIN=")] == ['AT+CPIN="1111"']
    await session.close()


async def test_a_refusal_that_cost_no_try_is_not_held_against_the_pin() -> None:
    retries = "+CPINR: SIM PIN,3,3\nOK"
    session, _ = await joined(locked(**{"+CPIN": "+CME ERROR: 3", "+CPINR": retries}))
    guard = Guard()
    with pytest.raises(CommandRefused) as refused:
        await Sim(session).unlock("1111", guard=guard)
    assert "1111" not in str(refused.value)
    assert not guard.refused
    await session.close()


async def test_a_pin_whose_fate_is_unknown_is_not_tried_again_blindly() -> None:
    session, peer = await joined(locked())

    def cut(_: str) -> None:
        peer.end.cable.cut()

    peer.answers["+CPIN"] = cut
    with pytest.raises(Exception, match="is gone"):
        await Sim(session).unlock("1111", guard=Guard())
    session, peer = await joined(locked())
    with pytest.raises(PinGuarded, match="does not tell"):
        await Sim(session).unlock("1111", guard=Guard())
    await session.close()


@pytest.mark.parametrize(("refusal", "known"), [("+CME ERROR: 16", {(ICCID, "1111")}), ("ERROR", set())])
async def test_a_refused_pin_is_remembered_though_the_modem_restarts_over_it(
    refusal: str, known: set[tuple[str, str]]
) -> None:
    guard = Guard()
    session, peer = await joined(locked(**{"+CPIN": refusal}))
    asked = iter(["ERROR"])

    def cut(_: str) -> str | None:
        for answer in asked:
            return answer
        peer.end.cable.cut()
        return None

    peer.answers["+CPINR"] = cut  # the tries left are asked for before and after
    with pytest.raises(PortGone):
        await Sim(session).unlock("1111", guard=guard)
    assert guard.refused == known
    session, peer = await joined(locked())
    with pytest.raises(PinGuarded):
        await Sim(session).unlock("1111", guard=guard)
    assert not any(command.startswith("AT+CPIN=") for command in peer.heard)
    await session.close()


async def test_a_pin_whose_caller_left_is_not_tried_again_blindly() -> None:
    session, peer = await joined(locked(**{"+CPIN": None}))
    unlocking = asyncio.create_task(Sim(session).unlock("1111", guard=Guard()))
    while 'AT+CPIN="1111"' not in peer.heard:
        await asyncio.sleep(0)
    unlocking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await unlocking
    with pytest.raises(PinGuarded, match="does not tell"):
        await Sim(session).unlock("1111", guard=Guard())
    await session.close()


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", '1";+CMGD=1,4'])
async def test_what_is_no_pin_never_reaches_the_sim(pin: str) -> None:
    session, peer = await joined(locked())
    with pytest.raises(PinGuarded, match="4 to 8 digits"):
        await Sim(session).unlock(pin, guard=Guard())
    assert not any(command.startswith("AT+CPIN=") for command in peer.heard)
    await session.close()


async def test_a_sim_locked_otherwise_is_an_error() -> None:
    session, _ = await joined({"+CPIN?": "+CPIN: PH-NET PIN\nOK"})
    with pytest.raises(SimError, match="PH"):
        await Sim(session).unlock("1234", guard=Guard())
    await session.close()


async def test_a_timeout_never_shows_the_pin() -> None:
    session, _ = await joined({"+CPIN": None})
    with pytest.raises(CommandTimeout) as timeout:
        await session.command('+CPIN="4321"', timeout=0.02)
    assert "4321" not in str(timeout.value)
    await session.close()
