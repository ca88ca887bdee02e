"""Codes, the network's answers and dialogues."""

import asyncio

import pytest

from hw_fixtures.network import Menu
from modem_drivers.at.parsers.ussd import Ussd, UssdState, cusd
from modem_drivers.errors import CommandRefused, Unsupported, UssdFailed
from modem_drivers.features.ussd import UssdSession, packed
from tests.modem_drivers.features.calling import EC25, WITH_VOICE, yard
from tests.modem_drivers.peer import joined

GRANTED = {"+CUSD=?": "OK", "+CSCS": "OK"}


@pytest.mark.parametrize("model", WITH_VOICE)
async def test_the_network_answers_a_code(model: str) -> None:
    async with yard(model) as at:
        at.network.ussd["*100#"] = "Your balance\nis 5.00"
        at.network.ussd["*101#"] = "Баланс 5"
        assert await at.modem.ussd.request("*100#") == Ussd(UssdState.DONE, "Your balance\nis 5.00", 15)
        assert (await at.modem.ussd.request("*101#")).text == "Баланс 5"


@pytest.mark.parametrize("model", WITH_VOICE)
async def test_a_dialogue(model: str) -> None:
    async with yard(model) as at:
        at.network.ussd["*1#"] = Menu("1 Data\n2 Top up", {"1": "3 GB", "2": Menu("Code?", {"1234": "Thanks"})})
        asked = await at.modem.ussd.request("*1#")
        assert asked == Ussd(UssdState.REPLY_WANTED, "1 Data\n2 Top up", 15)
        assert (await at.modem.ussd.reply("2")).text == "Code?"
        assert (await at.modem.ussd.reply("1234")).state is UssdState.DONE
        with pytest.raises(UssdFailed, match="no dialogue"):
            await at.modem.ussd.reply("1")


async def test_a_dialogue_left_open_does_not_swallow_the_next_code() -> None:
    async with yard(EC25) as at:
        at.network.ussd["*1#"] = Menu("1 Data", {"1": "3 GB"})
        for _ in range(2):
            assert (await at.modem.ussd.request("*1#")).text == "1 Data"
        await at.modem.ussd.cancel()
        with pytest.raises(UssdFailed):
            await at.modem.ussd.reply("1")


async def test_a_code_whose_caller_left_is_ended_before_the_next_one() -> None:
    async with yard(EC25) as at:
        at.network.ussd.update({"*100#": None, "*101#": "yours"})
        asking = asyncio.create_task(at.modem.ussd.request("*100#"))
        while b"*100#" not in at.said:
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (await at.modem.ussd.request("*101#")).text == "yours"
        assert at.said.index(b"AT+CUSD=2") < at.said.index(b"*101#")


async def test_a_code_nobody_knows_and_one_nobody_answers() -> None:
    async with yard(EC25) as at:
        with pytest.raises(UssdFailed, match="does not know it") as unknown:
            await at.modem.ussd.request("*999#")
        assert not unknown.value.may_retry
        at.network.ussd["*100#"] = None
        with pytest.raises(UssdFailed, match=r"no answer within 0\.05 s") as silent:
            await at.modem.ussd.request("*100#", timeout=0.05)
        assert silent.value.may_retry
        assert at.said.endswith(b"AT+CUSD=2\r")
        at.network.ussd["*100#"] = "here"
        assert (await at.modem.ussd.request("*100#")).text == "here"


async def test_without_a_network() -> None:
    async with yard(EC25) as at:
        at.simulated.faults.no_network()
        with pytest.raises(CommandRefused, match="no network"):
            await at.modem.ussd.request("*100#")


async def test_what_the_network_says_unasked() -> None:
    notices: asyncio.Queue[Ussd] = asyncio.Queue()
    async with yard(EC25) as at:
        at.modem.ussd.on_notice = notices.put_nowait
        await at.modem.ussd.start()
        at.simulated.say('+CUSD: 0,"Recharge!",15')
        assert (await asyncio.wait_for(notices.get(), 30)).text == "Recharge!"


@pytest.mark.parametrize(
    ("line", "reason"),
    [("+CUSD: 3", "another program"), ("+CUSD: 5", "gave up"), ("+CUSD: 2", "ended the dialogue")],
)
async def test_other_ends(line: str, reason: str) -> None:
    session, _ = await joined({**GRANTED, "+CUSD": f"OK\n{line}"})
    with pytest.raises(UssdFailed, match=reason):
        await UssdSession(session).request("*100#")
    await session.close()


MENU = "1 Data\n2 Top up"
HEX = MENU.encode("utf-16-be").hex().upper()


@pytest.mark.parametrize(
    ("menu", "answer", "end"),
    [
        ('+CUSD: 1,"1 Data\n2 Top up",15', '+CUSD: 0,"Done, thanks",15', UssdState.DONE),
        (f'+CUSD: 1,"{HEX}",72', f'+CUSD: 2,"{"Done, thanks".encode("utf-16-be").hex()}",72', UssdState.TERMINATED),
        (f'+CUSD: 1,"{HEX}FFFF",15', f'+CUSD: 2,"{packed("Done, thanks")}",15', UssdState.TERMINATED),
        (f'+CUSD: 1,"{HEX}"', '+CUSD: 0,"Done, thanks"', UssdState.DONE),
    ],
    ids=["plain", "UCS-2", "UCS-2 and septets unannounced", "no scheme"],
)
async def test_a_menu_in_each_form_that_modems_give_it(menu: str, answer: str, end: UssdState) -> None:
    session, peer = await joined({
        **GRANTED, "AT+CUSD=1": "OK", 'AT+CUSD=1,"*1#",15': f"OK\n{menu}", 'AT+CUSD=1,"2",15': f"OK\n{answer}",
    })  # fmt: skip
    ussd = UssdSession(session)
    asked = await ussd.request("*1#")
    assert (asked.state, asked.text) == (UssdState.REPLY_WANTED, MENU)
    done = await ussd.reply("2")
    assert (done.state, done.text) == (end, "Done, thanks")
    assert "AT+CUSD=2" not in peer.heard
    with pytest.raises(UssdFailed, match="no dialogue"):
        await ussd.reply("2")
    await session.close()


async def test_the_network_ends_a_menu_while_it_is_answered() -> None:
    asked = f'OK\n+CUSD: 1,"{HEX}",72'
    answers = {"AT+CUSD=1": "OK", 'AT+CUSD=1,"*1#",15': asked, 'AT+CUSD=1,"2",15': "OK\n+CUSD: 2"}
    session, _ = await joined({**GRANTED, **answers})
    ussd = UssdSession(session)
    await ussd.request("*1#")
    with pytest.raises(UssdFailed, match="ended the dialogue") as ended:
        await ussd.reply("2")
    assert ended.value.may_retry
    with pytest.raises(UssdFailed, match="no dialogue"):
        await ussd.reply("1")
    await session.close()


async def test_a_modem_that_wants_septets_gets_them_and_is_remembered() -> None:
    octets = packed("*100#")
    assert cusd(f'0,"{octets}",15', packed=True) == Ussd(UssdState.DONE, "*100#", 15)
    answer = 'OK\n+CUSD: 0,"E8329BFD06",15'
    session, peer = await joined({
        **GRANTED, "AT+CUSD=1": "OK", 'AT+CUSD=1,"*100#",15': "ERROR", f'AT+CUSD=1,"{octets}",15': answer,
    })  # fmt: skip
    ussd = UssdSession(session)
    for _ in range(2):
        assert (await ussd.request("*100#")).text == "hello"
    assert peer.heard.count('AT+CUSD=1,"*100#",15') == 1
    await session.close()


def test_seven_septets_are_filled_up() -> None:
    assert cusd(f'0,"{packed("*12345#")}",15', packed=True) == Ussd(UssdState.DONE, "*12345#", 15)


@pytest.mark.parametrize("code", ["", "abc", '*100#"', "*100#\r", "1" * 183])
async def test_what_is_no_code_is_not_sent(code: str) -> None:
    session, peer = await joined()
    heard = len(peer.heard)
    with pytest.raises(ValueError, match="expected a code"):
        await UssdSession(session).request(code)
    assert len(peer.heard) == heard
    await session.close()


async def test_a_modem_without_ussd() -> None:
    session, _ = await joined()
    with pytest.raises(Unsupported, match="USSD"):
        await UssdSession(session).request("*100#")
    await session.close()
