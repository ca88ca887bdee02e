"""Packet data against scripted answers: refused, garbled, silent, and a line that is lost."""

import asyncio
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from modem_drivers.errors import Cme, CommandRefused, CommandTimeout, DataFailed, NotRegistered, PortGone
from modem_drivers.features.network import Network
from modem_drivers.features.packet_data import PacketData, PdpContext
from modem_drivers.profiles import EC25, HL78, SIM7080, SIM7600, Basis, Profile, Source
from tests.modem_drivers.peer import QUICK, Answer, Peer, joined
from tests.scenarios.faults.wound import wound

UP = IPv4Address("10.64.0.2")
READY: dict[str, Answer] = {
    "+CEREG?": "+CEREG: 2,1\nOK",
    "+CGDCONT?": '+CGDCONT: 1,"IPV4V6","attach"\n+CGDCONT: 2,"IPV4V6","iot"\nOK',
}


async def joined_data(answers: dict[str, Answer], profile: Profile = QUICK) -> tuple[PacketData, Peer]:
    session, peer = await joined({**READY, **answers}, replace(profile, settle=0.005))
    return PacketData(session, Network(session)), peer


@wound
async def test_contexts_with_what_the_network_has_given_them() -> None:
    data, peer = await joined_data(
        {
            "+CGDCONT?": '+CGDCONT: 1,"IPV4V6","","0.0.0.0",0,0\n+CGDCONT: 2,"IP","iot"\n+CGDCONT: junk\nOK',
            "+CGACT?": "+CGACT: 1,1\n+CGACT: 2,0\nOK",
            "AT+CGCONTRDP=1": '+CGCONTRDP: 1,5,"internet","10.64.0.2.255.0.0.0"\nOK',
            "AT+CGPADDR=1": '+CGPADDR: 1,"10.64.0.2","32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"\nOK',
        }
    )
    assert await data.contexts() == (
        PdpContext(1, "IPV4V6", "internet", active=True, addresses=(UP, IPv6Address("2001:db8::1"))),
        PdpContext(2, "IP", "iot", active=False, addresses=()),
    )
    assert not any("CGPADDR=2" in line for line in peer.heard)


@wound
async def test_an_address_only_the_longer_command_tells() -> None:
    data, _ = await joined_data({"+CGACT?": "+CGACT: 2,1\nOK", "+CGCONTRDP": '+CGCONTRDP: 2,5,"iot","10.64.0.2"\nOK'})
    assert await data.start(2, "iot") == (UP,)


@pytest.mark.parametrize("code", [Cme.NO_NETWORK_SERVICE, Cme.UNSPECIFIED_GPRS_ERROR])
@wound
async def test_a_refused_activation_says_why(code: Cme) -> None:
    data, _ = await joined_data({"+CGACT?": "OK", "+CGACT": f"+CME ERROR: {code.value}"})
    with pytest.raises(CommandRefused, match=r"AT\+CGACT") as refused:
        await data.start(2, "iot")
    assert refused.value.code is code


@wound
async def test_one_that_refuses_as_it_is_up_already_is_no_fault() -> None:
    """SIMCom's own words; somebody else was faster."""
    data, peer = await joined_data({"+IPADDR": "ERROR"}, SIM7600)
    peer.answers["+CGDCONT?"] = '+CGDCONT: 1,"IP","iot"\nOK'

    def opened(_: str) -> str:
        peer.answers["+IPADDR"] = "+IPADDR: 10.64.0.2\nOK"
        return "+IP ERROR: Network is already opened\nERROR"

    peer.answers["+NETOPEN"] = opened
    assert await data.start(1, "iot") == (UP,)


@wound
async def test_no_network_is_told_before_anything_is_activated() -> None:
    data, peer = await joined_data({"+CEREG?": "+CEREG: 2,2\nOK"})
    with pytest.raises(NotRegistered, match="it is searching"):
        await data.start(2, "iot", timeout=60)
    assert not any("CGACT=" in line for line in peer.heard)


@pytest.mark.parametrize("told", ["+CGACT: x", "+CGACT: 1", '+CGACT: "2","1","', "2,1"])
@wound
async def test_a_garbled_state_is_no_connection(told: str) -> None:
    data, _ = await joined_data({"+CGACT?": f"{told}\nOK", "+CGACT": "OK", "+CGPADDR": "+CGPADDR: \nOK"})
    with pytest.raises(DataFailed, match="expected packet data on context 2 to come up"):
        await data.start(2, "iot")


@wound
async def test_up_without_an_address_is_no_connection() -> None:
    data, _ = await joined_data({"+CGACT?": "+CGACT: 2,1\nOK", "+CGPADDR": '+CGPADDR: 2,"0.0.0.0"\nOK'})
    with pytest.raises(DataFailed, match="got: no address") as failed:
        await data.start(2, "iot")
    assert failed.value.may_retry


@wound
async def test_a_modem_that_stays_silent_is_a_timeout_after_its_150_seconds() -> None:
    data, _ = await joined_data({"+QIACT?": "OK", "+QICSGP": "OK", "+QIACT": None}, EC25)
    with pytest.raises(CommandTimeout, match=r"AT\+QIACT .* within 150 s"):
        await data.start(2, "iot")


@wound
async def test_ok_that_is_followed_by_nothing_is_waited_for_and_told() -> None:
    data, _ = await joined_data({"+CNACT?": '+CNACT: 0,0,"0.0.0.0"\nOK', "+CNCFG": "OK", "+CNACT": "OK"}, SIM7080)
    with pytest.raises(DataFailed, match="no word of it within 75 s"):
        await data.start(1, "attach")


@wound
async def test_a_word_that_is_lost_is_made_good_by_asking() -> None:
    data, peer = await joined_data({"+CNACT?": "OK", "+CNCFG": "OK"}, SIM7080)

    def comes_up(_: str) -> str:
        peer.answers["+CNACT?"] = '+CNACT: 0,1,"10.64.0.2"\nOK'
        return "OK"

    peer.answers["+CNACT"] = comes_up
    assert await data.start(1, "attach") == (UP,)


@wound
async def test_the_line_is_lost_while_the_word_is_waited_for() -> None:
    data, peer = await joined_data({"+CNACT?": "OK", "+CNCFG": "OK"}, SIM7080)

    def unplugged(_: str) -> str:
        asyncio.get_running_loop().call_later(10, peer.end.cable.cut)
        return "OK"

    peer.answers["+CNACT"] = unplugged
    with pytest.raises(PortGone):
        await data.start(1, "attach")


@wound
async def test_a_word_of_its_trying_settles_nothing() -> None:
    row = '+KCNXCFG: 2,"GPRS","iot","","","IPV4","10.64.0.2","192.0.2.53","",{}\nOK'
    data, peer = await joined_data({"+KCNXCFG?": row.format(0), "+KCNXCFG": "OK"}, HL78)

    def connecting(_: str) -> str:
        peer.say("OK\n+KCNX_IND: 2,4,1")
        peer.answers["+KCNXCFG?"] = row.format(2)
        return "+KCNX_IND: 2,1,0"

    peer.answers["+KCNXUP"] = connecting
    assert await data.start(2, "iot") == (UP,)


@wound
async def test_a_row_that_nobody_confirms_is_asked_for_and_left_to_3gpp_where_the_modem_lacks_it() -> None:
    guessed = replace(EC25, sources={**EC25.sources, "data": Source(Basis.NONE, "a relative's")})
    answers: dict[str, Answer] = {"+CGACT?": "+CGACT: 2,1\nOK", "+CGPADDR": '+CGPADDR: 2,"10.64.0.2"\nOK'}
    data, peer = await joined_data(answers, guessed)
    assert await data.start(2, "iot") == (UP,)
    assert [line for line in peer.heard if "+QI" in line] == ["AT+QICSGP=?"]


@wound
async def test_data_that_will_not_end_is_told() -> None:
    data, _ = await joined_data({"+CGACT?": "+CGACT: 2,1\nOK", "+CGACT": "OK"})
    with pytest.raises(DataFailed, match="context 2 to go down"):
        await data.stop(2)


@pytest.mark.parametrize("apn", ["", 'a"b', "a b", "a\r", "{cid}"])
@wound
async def test_a_name_no_network_has_is_refused_before_anything_is_asked(apn: str) -> None:
    data, peer = await joined_data({})
    before = list(peer.heard)
    with pytest.raises(ValueError, match="expected an APN"):
        await data.start(1, apn)
    assert peer.heard == before
