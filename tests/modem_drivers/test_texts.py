"""Texts through a simulated modem, out and in: what a gateway lives through with real ones, the same with each."""

import asyncio
from collections import Counter

import pytest

from hw_fixtures.modem import MemoryModem
from hw_fixtures.network import Network
from modem_drivers import Cms, Modem, Refused, Sent, Stored, Unknown
from modem_drivers.pdu import StatusReport
from tests.modem_drivers.simulation import OURS, PHONE, text
from tests.waiting import until


@pytest.mark.parametrize("words", ["Cooling fault at site 4", "Kühlung 🥶 defekt " * 12, "[~]" * 80, "@"])
async def test_a_text_arrives_whole_and_is_reported(served: MemoryModem, network: Network, words: str) -> None:
    modem = await Modem.open(served)
    reports: asyncio.Queue[StatusReport] = asyncio.Queue()
    modem.sms.on_report = reports.put
    await modem.sms.start()
    outcomes = await text(modem, words, reference=9)
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert (await network.phone(PHONE).expect(words, timeout=30)).text == words
    for outcome in outcomes:
        report = await asyncio.wait_for(reports.get(), 30)
        assert isinstance(outcome, Sent)
        assert (report.reference, report.delivered) == (outcome.reference, True)
    await modem.close()


async def test_twenty_texts_at_once_come_in_once_each_and_leave_the_modem(
    served: MemoryModem, network: Network
) -> None:
    modem = await Modem.open(served)
    came: Counter[str] = Counter()
    everything = asyncio.Event()

    async def take(stored: Stored) -> None:
        came[stored.deliver.text or ""] += 1
        if len(came) == 20:
            everything.set()

    modem.sms.on_message = take
    await modem.sms.start()
    sending = asyncio.create_task(text(modem, "out in between"))
    for number in range(20):
        network.phone(PHONE).send(OURS, f"4{number}A")
    await asyncio.wait_for(everything.wait(), 30)
    assert all(isinstance(outcome, Sent) for outcome in await sending)
    await modem.sms.sweep()
    assert came == Counter(f"4{number}A" for number in range(20))
    listed = await modem.session.command("+CMGL=4")
    assert listed.pdus == ()
    await modem.close()


async def test_texts_that_came_before_the_start_are_swept_in(served: MemoryModem, network: Network) -> None:
    network.phone(PHONE).send(OURS, "early")
    modem = await Modem.open(served)
    came: list[str | None] = []

    async def take(stored: Stored) -> None:
        came.append(stored.deliver.text)

    modem.sms.on_message = take
    await modem.sms.start()
    assert came == ["early"]
    await modem.close()


async def test_a_text_whose_consumer_fails_stays_and_comes_again(served: MemoryModem, network: Network) -> None:
    modem = await Modem.open(served)
    tries = asyncio.Queue[str | None]()

    async def take(stored: Stored) -> None:
        tries.put_nowait(stored.deliver.text)
        if tries.qsize() == 1:
            raise OSError("disk full")

    modem.sms.on_message = take
    await modem.sms.start()
    network.phone(PHONE).send(OURS, "41A")
    await until(lambda: not tries.empty())
    await modem.sms.sweep()
    await modem.sms.sweep()
    assert [tries.get_nowait() for _ in range(tries.qsize())] == ["41A", "41A"]
    await modem.close()


async def test_a_refused_text_says_why(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.sms.start()
    served.modem.faults.refuse_next(cms=38)
    [outcome] = await text(modem, "x")
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.may_retry) == (Cms.NETWORK_OUT_OF_ORDER, True)
    served.modem.faults.refuse_next(cms=332)
    [outcome] = await text(modem, "x")
    assert isinstance(outcome, Unknown)
    assert isinstance((await text(modem, "x"))[0], Sent)
    await modem.close()


async def test_a_repeat_the_network_already_has_is_rejected_as_a_duplicate(
    served: MemoryModem, network: Network
) -> None:
    modem = await Modem.open(served)
    await modem.sms.start()
    [part] = modem.sms.compose(PHONE, "once", first_reference=77)
    assert await modem.sms.submit(part) == Sent(77)
    [again] = modem.sms.compose(PHONE, "once", first_reference=77, resend=True)
    outcome = await modem.sms.submit(again)
    assert isinstance(outcome, Refused)
    assert outcome.code is Cms.DUPLICATE_REJECTED
    assert [text.text for text in network.phone(PHONE).inbox] == ["once"]
    await modem.close()
