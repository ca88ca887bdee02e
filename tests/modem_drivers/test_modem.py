"""A modem is opened, identified, sends and receives, over the memory cable."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from modem_drivers import Modem, PortGone, Sent, Stored, pdu
from modem_drivers.profiles import EC25
from modem_drivers.transport.memory import cable
from tests.modem_drivers.peer import Peer, setting

TABLE = """
E0             OK
V1             OK
+CMEE          OK
+CREG          OK
+CGREG         OK
+CEREG         OK
+QURCCFG       OK
+CGMI          Quectel|OK
+CGMM          EC25|OK
+CGMR          EC25EFAR06A06M4G|OK
+CGSN          490154203237518|OK
+CSMS          +CSMS: 1,1,1|OK
+CMGF          OK
+CPMS=?        +CPMS: ("ME","MT","SM"),("ME","MT","SM"),("ME","MT","SM")|OK
+CPMS          +CPMS: 0,23,0,23,0,23|OK
+CNMI          OK
+CMGL          OK
+CMGS          >
+CMGD          OK
"""


@pytest.fixture
async def peer() -> Peer:
    made = Peer(cable()[1])
    setting(made.answers, TABLE)
    await made.open()
    return made


async def opened(peer: Peer) -> Modem:
    modem = await Modem.open(peer.end.peer)
    modem.session.use(replace(EC25, settle=0.005))
    return modem


async def test_it_is_identified_and_gets_its_profile(peer: Peer) -> None:
    modem = await Modem.open(peer.end.peer)
    assert modem.info.manufacturer == "Quectel"
    assert modem.info.model == "EC25"
    assert modem.info.revision == "EC25EFAR06A06M4G"
    assert modem.info.imei == "490154203237518"
    assert modem.profile is EC25
    assert 'AT+QURCCFG="urcport","usbat"' in peer.heard
    await modem.close()


async def test_a_text_goes_out_in_parts(peer: Peer) -> None:
    modem = await opened(peer)
    references = iter(range(7, 20))
    peer.after_payload = lambda _: f"+CMGS: {next(references)}\nOK"
    parts = modem.sms.compose("+15550101", "Cooling fault 🥶 " * 20, first_reference=7)
    assert len(parts) > 1
    outcomes = [await modem.sms.submit(part) for part in parts]
    assert outcomes == [Sent(7 + at) for at in range(len(parts))]
    assert peer.payloads == [part.hex for part in parts]
    assert f"AT+CMGS={parts[0].length}" in peer.heard
    await modem.close()


async def test_a_text_comes_in_and_is_deleted_once_taken(peer: Peer) -> None:
    modem = await opened(peer)
    [found] = pdu.encode_deliver("+15550101", "41A", datetime(2026, 11, 20, 12, tzinfo=UTC))
    peer.answers["+CMGR"] = f"+CMGR: 0,,{len(found) // 2 - 1}\n{found}\nOK"
    taken: asyncio.Queue[Stored] = asyncio.Queue()

    async def take(stored: Stored) -> None:
        assert "AT+CMGD=3" not in peer.heard
        taken.put_nowait(stored)

    modem.sms.on_message = take
    await modem.sms.start()
    peer.say('+CMTI: "SM",3')
    stored = await asyncio.wait_for(taken.get(), 30)
    assert (stored.memory, stored.index, stored.deliver.text) == ("SM", 3, "41A")
    assert stored.deliver.sender.number == "+15550101"
    await modem.session.command("+CMGF=0")
    assert peer.heard[-4:] == ['AT+CPMS="SM"', "AT+CMGR=3", "AT+CMGD=3", "AT+CMGF=0"]
    await modem.close()


async def test_closing_twice_is_harmless(peer: Peer) -> None:
    modem = await opened(peer)
    await modem.sms.start()
    await modem.close()
    await modem.close()
    assert modem.closed.is_set()


async def test_who_closes_and_does_not_wait_for_a_consumer_gives_the_port_back_all_the_same(peer: Peer) -> None:
    modem = await opened(peer)
    taking, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_: Stored) -> None:
        taking.set()
        try:
            await may_end.wait()
        finally:
            await may_end.wait()

    modem.sms.on_message = slow
    await modem.sms.start()
    pdu_hex = pdu.encode_deliver("+15550101", "hi", datetime(2026, 11, 20, tzinfo=UTC))[0]
    peer.say(f"+CMT: ,{len(pdu_hex) // 2 - 1}\n{pdu_hex}")
    await taking.wait()
    closing = asyncio.create_task(modem.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert modem.closed.is_set()
    may_end.set()


async def test_what_runs_when_the_line_goes_fails_at_once(peer: Peer) -> None:
    modem = await opened(peer)
    peer.answers["+CSQ"] = None
    running = asyncio.create_task(modem.network.signal())
    await asyncio.sleep(0)
    peer.end.cable.cut()
    with pytest.raises(PortGone, match="is gone"):
        await running
    assert modem.closed.is_set()
    assert isinstance(modem.reason, PortGone)
    with pytest.raises(PortGone):
        await modem.session.command("AT")
