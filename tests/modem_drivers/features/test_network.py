"""Network verbs against scripted answers, odd ones first."""

import asyncio
from dataclasses import replace

import pytest

from modem_drivers.at import params
from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.signal import Signal
from modem_drivers.errors import CommandRefused, NotRegistered, UnexpectedReply
from modem_drivers.features.network import Network, Operator
from modem_drivers.features.registration import RegState
from modem_drivers.profiles import A7670, EC25, SIM7600
from tests.modem_drivers.peer import joined
from tests.scenarios.faults.wound import wound


@pytest.mark.parametrize(
    ("csq", "cesq", "signal"),
    [
        ("+CSQ: 20,99", "+CESQ: 99,99,255,255,20,50", Signal(-73, -91, -10)),
        ("+CSQ: 0,0", "", Signal(-113)),
        ("+CSQ: 31,0", "+CESQ:99,99,255,255,255,255", Signal(-51)),
        ("+CSQ: 99,99", "+CESQ: 1", Signal(None)),
        ("+CSQ: 116,99", "", Signal(-100)),
        ("+CSQ: 99,99", "+CESQ: 30,0,255,255,255,255", Signal(-81)),
        ("+CSQ: 15,99", "+CESQ: 99,99,46,30,255,255", Signal(-83, rscp_dbm=-75, ecno_db=-9.5)),
        ("+CSQ: x", "", Signal(None)),
    ],
)
@wound
async def test_signal(csq: str, cesq: str, signal: Signal) -> None:
    session, _ = await joined({"+CSQ": f"{csq}\nOK", "+CESQ": f"{cesq}\nOK" if cesq else "ERROR"})
    assert await Network(session).signal() == signal
    await session.close()


@wound
async def test_an_empty_signal_is_an_error() -> None:
    session, _ = await joined({"+CSQ": "OK"})
    with pytest.raises(UnexpectedReply, match=r"AT\+CSQ"):
        await Network(session).signal()
    await session.close()


@wound
async def test_the_makers_own_command_fills_what_the_standard_ones_leave_open() -> None:
    answers = {"+CSQ": "+CSQ: 20,99\nOK", "+QCSQ": '+QCSQ: "LTE",-70,-95,14,-9\nOK'}
    session, _ = await joined({**answers}, replace(EC25, settle=0.005))
    assert await Network(session).signal() == Signal(-73, -95, -9)
    await session.close()


@wound
async def test_the_serving_cell_in_the_first_form_that_tells_it() -> None:
    session, _ = await joined(
        {"+QENG": "ERROR", "+QNWINFO": '+QNWINFO: "FDD LTE",46011,"LTE BAND 3",1650\nOK'}, replace(EC25, settle=0.005)
    )
    assert await Network(session).serving_cell() == ServingCell("FDD LTE", "46011", band=3, channel=1650)
    await session.close()


@wound
async def test_no_serving_cell_where_the_modem_cannot_tell() -> None:
    session, _ = await joined()
    assert await Network(session).serving_cell() is None
    await session.close()


@wound
async def test_credentials_in_the_order_the_modem_takes_them() -> None:
    session, peer = await joined({"+CGAUTH": "OK"})
    assert await Network(session).set_credentials(1, "fleet", "a=?b;c", method="PAP") is False  # it cannot tell
    assert peer.heard[-2:] == ['AT+CGAUTH=1,1,"fleet","a=?b;c"', "AT+CGAUTH?"]
    await session.close()
    session, peer = await joined({"+CGAUTH": "OK", "+CGAUTH=?": "OK"}, replace(SIM7600, settle=0.005))
    await Network(session).set_credentials(1, "fleet", "s3cret")
    assert peer.heard[-3:] == ['AT+CGAUTH=1,2,"s3cret","fleet"', "AT+CGAUTH=?", "AT+CGAUTH?"]
    await session.close()


@pytest.mark.parametrize(
    ("told", "confirmed"),
    [
        ('+CGAUTH: 1,2,"fleet","s3cret"', True),
        ('+CGAUTH: 1,2,"fleet"', True),
        ('+CGAUTH: 1,2,"fleet","****"', True),
        ('+CGAUTH: 2,0\n+CGAUTH: 1,2,"fleet",""', True),
        ("+CGAUTH: 1,2", False),
        ('+CGAUTH: 1,2,"s3cret","fleet"', False),  # both are there; in which order, nobody knows
        ('+CGAUTH: 1,2,"****","****"', False),
        ('+CGAUTH: 2,2,"fleet"', False),
        ("", False),
    ],
)
async def test_credentials_are_read_back(told: str, confirmed: bool) -> None:
    session, peer = await joined({"+CGAUTH": "OK", "AT+CGAUTH?": f"{told}\nOK".lstrip()})
    assert await Network(session).set_credentials(1, "fleet", "s3cret") is confirmed
    assert peer.heard.count('AT+CGAUTH=1,2,"fleet","s3cret"') == 1
    await session.close()


@pytest.mark.parametrize("told", ['+CGAUTH: 1,2,"else"', '+CGAUTH: 1,2,"fleet","else"', '+CGAUTH: 1,2,"","else"'])
async def test_other_credentials_told_back_are_an_error_that_shows_none(told: str) -> None:
    session, _ = await joined({"+CGAUTH": "OK", "AT+CGAUTH?": f"{told}\nOK"})
    with pytest.raises(UnexpectedReply, match=r"AT\+CGAUTH\? expected the user and password just set") as error:
        await Network(session).set_credentials(1, "fleet", "s3cret")
    assert not {"s3cret", "fleet", "else"} & set(str(error.value).replace("'", " ").split())
    await session.close()


async def test_a_modem_that_takes_the_password_first_is_told_again() -> None:
    """The A7670 row is not confirmed: its firmware may have the other SIMComs' order."""
    held: list[str] = []

    def hear(body: str) -> str:
        if "=" in body:
            password, user = params.values(body.partition("=")[2])[2:]
            held[:] = [user, password]
            return "OK"
        return f'+CGAUTH: 1,2,"{held[0]}"\nOK'

    session, peer = await joined({"+CGAUTH=?": "OK", "+CGAUTH": hear, "+CGAUTH?": hear}, replace(A7670, settle=0.005))
    assert await Network(session).set_credentials(1, "fleet", "s3cret") is True
    assert held == ["fleet", "s3cret"]
    assert peer.heard.count("AT+CGAUTH=?") == 1  # asked before it is used
    await session.close()


async def test_a_modem_that_refuses_to_be_asked_is_not_told_credentials() -> None:
    session, peer = await joined({}, replace(A7670, settle=0.005))
    with pytest.raises(CommandRefused):
        await Network(session).set_credentials(1, "fleet", "s3cret")
    assert not any("s3cret" in line for line in peer.heard)
    await session.close()


@pytest.mark.parametrize("bad", ["", 'a"b', "a\r", "ü", "x" * 65, "a\\b"])
@wound
async def test_credentials_that_no_modem_can_be_told_are_refused_and_not_shown(bad: str) -> None:
    session, peer = await joined({"+CGAUTH": "OK"})
    before = list(peer.heard)
    with pytest.raises(ValueError, match="expected 1 to 64 printable") as caught:
        await Network(session).set_credentials(1, "fleet", bad)
    assert not bad or bad not in str(caught.value)
    assert peer.heard == before
    await session.close()


@wound
async def test_operator() -> None:
    session, peer = await joined(
        {"AT+COPS=3,2;+COPS?": '+COPS: 0,2,"46001",7\nOK', "AT+COPS=3,0;+COPS?": '+COPS: 0,0,"UNICOM",7\nOK'}
    )
    assert await Network(session).operator() == Operator("UNICOM", "46001")
    assert peer.heard[-1] == "AT+COPS=3,0;+COPS?"
    await session.close()


@wound
async def test_the_operators_name_in_hexadecimal() -> None:
    """LARA gives it so whatever the character set."""
    session, _ = await joined(
        {"AT+COPS=3,2;+COPS?": '+COPS: 0,2,"46001",7\nOK', "AT+COPS=3,0;+COPS?": '+COPS: 0,0,"0054006500730074",7\nOK'}
    )
    assert await Network(session).operator() == Operator("Test", "46001")
    await session.close()


async def test_no_operator() -> None:
    session, _ = await joined({"+COPS": "+COPS: 0\nOK"})
    assert await Network(session).operator() is None
    await session.close()


@wound
async def test_a_code_of_zeros_is_none() -> None:
    session, _ = await joined({"+COPS": '+COPS: 0,2,"00000",7\nOK'})
    assert await Network(session).operator() is None
    await session.close()


@wound
async def test_a_name_is_no_code() -> None:
    """From a modem that knows one form only."""
    session, _ = await joined({"+COPS": '+COPS: 0,0,"UNICOM",7\nOK'})
    assert await Network(session).operator() is None
    await session.close()


@wound
async def test_domains_a_modem_lacks_are_left_out() -> None:
    session, _ = await joined({"+CREG?": "+CREG: 0,1\nOK"})
    registration = await Network(session).registration()
    assert (registration.state, registration.sms_possible) == (RegState.HOME, True)
    await session.close()


@wound
async def test_registration_is_heard_of_at_once() -> None:
    session, peer = await joined({"+CEREG?": "+CEREG: 2,2\nOK"})
    waiting = asyncio.create_task(Network(session).wait_registered(timeout=4))
    while "AT+CREG?" not in peer.heard:
        await asyncio.sleep(0)
    peer.answers["+CEREG?"] = '+CEREG: 2,1,"D509","80D413D",7\nOK'
    peer.say('+CEREG: 1,"D509","80D413D",7')
    started = asyncio.get_running_loop().time()
    assert (await waiting).registered
    assert asyncio.get_running_loop().time() - started < 2
    await session.close()


@wound
async def test_a_modem_that_never_registers_is_an_error_that_says_what_it_does() -> None:
    session, _ = await joined({"+CEREG?": "+CEREG: 2,3\nOK"})
    with pytest.raises(NotRegistered, match="it is denied"):
        await Network(session).wait_registered(timeout=0.05)
    await session.close()


@wound
async def test_apn_of_a_context() -> None:
    session, _ = await joined({"+CGDCONT?": '+CGDCONT: 1,"IPV4V6","iot","",0,0\n+CGDCONT: 2,"IP",""\nOK'})
    network = Network(session)
    assert [await network.apn(cid) for cid in (1, 2, 3)] == ["iot", "", None]
    await session.close()


@wound
async def test_a_second_context_needs_no_new_registration() -> None:
    session, peer = await joined({"+CGDCONT?": "OK", "+CGDCONT": "OK"})
    await Network(session).set_apn(2, "iot.example", "IP")
    assert peer.heard[-1] == 'AT+CGDCONT=2,"IP","iot.example"'
    assert not any("CFUN" in command for command in peer.heard)
    await session.close()


@wound
async def test_the_radio_comes_back_even_if_the_apn_is_refused() -> None:
    session, peer = await joined({"+CGDCONT?": "OK", "+CFUN?": "+CFUN: 1\nOK", "+CFUN": "OK"})
    with pytest.raises(CommandRefused, match="CGDCONT"):
        await Network(session).set_apn(1, "iot.example")
    assert peer.heard[-1] == "AT+CFUN=1"
    await session.close()


@pytest.mark.parametrize("apn", ["", 'a"b', "a b", "-a", "a" * 101, "a\r"])
@wound
async def test_no_network_has_such_a_name(apn: str) -> None:
    session, peer = await joined()
    before = list(peer.heard)
    with pytest.raises(ValueError, match="expected an APN"):
        await Network(session).set_apn(1, apn)
    assert peer.heard == before
    await session.close()
