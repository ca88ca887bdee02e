"""What arrives is handed over once, in order, and deleted only after its consumer has it."""

import asyncio
from datetime import UTC, datetime

import pytest

from modem_drivers.errors import PduError, PortGone
from modem_drivers.features.inbox import MAX_WAITING, Inbox, Stored
from modem_drivers.pdu import StatusReport, encode_deliver, encode_status_report
from modem_drivers.session import Session
from tests.modem_drivers.peer import Peer, joined

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def deliver(text: str) -> str:
    return encode_deliver("+15550101", text, NOW)[0]


def report(reference: int) -> str:
    return encode_status_report("+15550101", reference, NOW, NOW)


class Store:
    """A message store behind a scripted peer: AT+CMGR, CMGL and CMGD work on it."""

    def __init__(self, peer: Peer) -> None:
        self.slots: dict[int, str] = {}
        peer.answers |= {"+CPMS": "OK", "+CMGR": self._read, "+CMGL": self._list, "+CMGD": self._delete}

    def _read(self, body: str) -> str:
        found = self.slots.get(int(body.partition("=")[2]))
        return f"+CMGR: 1,,{len(found) // 2 - 1}\n{found}\nOK" if found else "OK"

    def _list(self, _: str) -> str:
        lines = [f"+CMGL: {at},1,,{len(pdu) // 2 - 1}\n{pdu}" for at, pdu in self.slots.items()]
        return "\n".join([*lines, "OK"])

    def _delete(self, body: str) -> str:
        return "OK" if self.slots.pop(int(body.partition("=")[2]), None) else "+CMS ERROR: 321"


async def begun() -> tuple[Session, Peer, Store, Inbox, list[str | None]]:
    session, peer = await joined()
    store = Store(peer)
    inbox = Inbox(session)
    inbox.memories = ("ME",)
    came: list[str | None] = []

    async def take(stored: Stored) -> None:
        came.append(stored.deliver.text)

    inbox.on_message = take
    await inbox.begin()
    return session, peer, store, inbox, came


async def ended(session: Session, inbox: Inbox) -> None:
    await inbox.stop()
    await session.close()


async def test_announced_texts_come_in_order_and_go_from_the_store() -> None:
    session, peer, store, inbox, came = await begun()
    for at in range(5):
        store.slots[at] = deliver(f"text {at}")
        peer.say(f'+CMTI: "ME",{at}')
    await inbox_idle(session, peer, inbox)
    assert came == [f"text {at}" for at in range(5)]
    assert store.slots == {}
    await ended(session, inbox)


async def test_a_consumer_whose_own_work_was_cancelled_is_not_the_end_of_the_inbox() -> None:
    session, peer, store, inbox, came = await begun()
    take = inbox.on_message
    work = asyncio.get_running_loop().create_future()
    work.cancel()

    async def fail(_: Stored) -> None:
        await work

    inbox.on_message = fail
    store.slots[0] = deliver("kept")
    peer.say('+CMTI: "ME",0')
    await inbox_idle(session, peer, inbox)
    assert list(store.slots) == [0]
    inbox.on_message = take
    await inbox.sweep()
    assert (came, store.slots) == (["kept"], {})
    await ended(session, inbox)


async def inbox_idle(session: Session, peer: Peer, inbox: Inbox) -> None:
    """Returns once what was announced so far is done: a sweep stands behind it in the queue."""
    await session.command("AT")
    await inbox.sweep()


async def test_a_text_announced_twice_comes_once() -> None:
    session, peer, store, inbox, came = await begun()
    store.slots[3] = deliver("once")
    peer.say('+CMTI: "ME",3')
    peer.say('+CMTI: "ME",3')
    await inbox_idle(session, peer, inbox)
    assert came == ["once"]
    await ended(session, inbox)


@pytest.mark.parametrize("line", ["+CMTI: ,-1", "+CMTI: ", '+CMTI: "ME",x', '+CMTI: "M";+CMGD=1,4",1', "+CMTI: é,1"])
async def test_an_announcement_without_a_place_leads_to_a_sweep(line: str) -> None:
    session, peer, store, inbox, came = await begun()
    store.slots[3] = deliver("found")
    peer.say(line)
    await session.command("AT")
    async with asyncio.timeout(30):
        while store.slots:
            await asyncio.sleep(0.001)
    assert came == ["found"]
    await ended(session, inbox)


async def test_direct_texts_and_reports() -> None:
    session, peer, _, inbox, came = await begun()
    reports: list[StatusReport] = []

    async def take(found: StatusReport) -> None:
        reports.append(found)

    inbox.on_report = take
    text, told = deliver("direct"), report(7)
    peer.say(f"+CMT: ,{len(text) // 2 - 1}\n{text}\n+CDS: {len(told) // 2 - 1}\n{told}")
    await inbox_idle(session, peer, inbox)
    assert came == ["direct"]
    assert [(found.reference, found.delivered) for found in reports] == [(7, True)]
    await ended(session, inbox)


async def test_a_direct_report_whose_consumer_fails_comes_again_with_the_next_sweep() -> None:
    session, peer, _, inbox, _ = await begun()
    tries: list[int] = []

    async def take(found: StatusReport) -> None:
        tries.append(found.reference)
        if len(tries) == 1:
            raise OSError("disk full")

    inbox.on_report = take
    told = report(7)
    peer.say(f"+CDS: {len(told) // 2 - 1}\n{told}")
    await session.command("AT")
    for _ in range(3):
        await inbox.sweep()
    assert tries == [7, 7]
    await ended(session, inbox)


async def test_a_stored_report_is_handed_over_and_deleted() -> None:
    session, peer, store, inbox, came = await begun()
    reports: list[int] = []

    async def take(found: StatusReport) -> None:
        reports.append(found.reference)

    inbox.on_report = take
    store.slots[1] = report(9)
    peer.say('+CDSI: "SR",1')
    await inbox_idle(session, peer, inbox)
    assert (reports, came, store.slots) == ([9], [], {})
    assert 'AT+CPMS="SR"' in peer.heard
    await ended(session, inbox)


async def test_a_failing_consumer_keeps_its_text_and_harms_no_other() -> None:
    session, _, store, inbox, came = await begun()
    store.slots |= {1: deliver("bad"), 2: deliver("good")}

    async def take(stored: Stored) -> None:
        if stored.deliver.text == "bad":
            raise OSError("disk full")
        came.append(stored.deliver.text)

    inbox.on_message = take
    await inbox.sweep()
    assert came == ["good"]
    assert list(store.slots) == [1]
    await ended(session, inbox)


async def test_a_text_that_could_not_be_deleted_is_not_handed_over_twice() -> None:
    session, peer, store, inbox, came = await begun()
    store.slots |= {1: deliver("once"), 2: deliver("another")}
    peer.answers["+CMGD"] = "+CMS ERROR: 320"
    peer.say('+CMTI: "ME",1')
    await inbox_idle(session, peer, inbox)
    assert came == ["once", "another"]
    peer.answers["+CMGD"] = store._delete
    await inbox.sweep()
    assert came == ["once", "another"]
    assert store.slots == {}
    await ended(session, inbox)


async def test_an_unreadable_pdu_blocks_nothing_and_stays_until_somebody_takes_it() -> None:
    session, _, store, inbox, came = await begun()
    store.slots |= {1: "00FF00", 2: deliver("good")}
    await inbox.sweep()
    assert came == ["good"]
    assert (list(store.slots), inbox.unreadable) == ([1], 1)
    kept: list[str] = []

    async def keep(pdu: str, error: PduError) -> None:
        kept.append(pdu)

    inbox.on_unreadable = keep
    await inbox.sweep()
    assert (kept, store.slots) == (["00FF00"], {})
    await ended(session, inbox)


async def test_texts_of_our_own_in_the_store_are_left_alone() -> None:
    session, peer, _, inbox, came = await begun()
    pdu = deliver("draft")
    peer.answers["+CMGL"] = f"+CMGL: 1,2,,{len(pdu) // 2 - 1}\n{pdu}\nOK"
    await inbox.sweep()
    assert came == []
    assert not any("CMGD" in command for command in peer.heard)
    await ended(session, inbox)


async def test_a_flood_of_announcements_is_bounded_and_nothing_stored_is_missed() -> None:
    session, peer, store, inbox, came = await begun()
    hold = asyncio.Event()

    async def take(stored: Stored) -> None:
        await hold.wait()
        came.append(stored.deliver.text)

    inbox.on_message = take
    store.slots[0] = deliver("first")
    store.slots[9000] = deliver("last")
    for at in range(MAX_WAITING + 50):
        peer.say(f'+CMTI: "ME",{at}')
    peer.say('+CMTI: "ME",9000')
    await session.command("AT")
    assert inbox._waiting.qsize() <= MAX_WAITING
    hold.set()
    async with asyncio.timeout(30):
        while store.slots:
            await asyncio.sleep(0.01)
    assert came == ["first", "last"]
    await ended(session, inbox)


async def test_a_consumer_may_stop_its_own_inbox() -> None:
    session, _, store, inbox, _ = await begun()
    store.slots[1] = deliver("last")
    stopped = asyncio.Event()

    async def take(_: Stored) -> None:
        await inbox.stop()
        stopped.set()

    inbox.on_message = take
    with pytest.raises(PortGone):
        await inbox.sweep()
    assert stopped.is_set()
    await inbox.stop()
    await session.close()


async def test_stopping_leaves_no_sweep_waiting() -> None:
    session, _, store, inbox, _ = await begun()
    store.slots[1] = deliver("held")
    held = asyncio.Event()

    async def take(_: Stored) -> None:
        held.set()
        await asyncio.Event().wait()

    inbox.on_message = take
    sweeps = [asyncio.create_task(inbox.sweep()) for _ in range(2)]
    await held.wait()
    await inbox.stop()
    for sweep in sweeps:
        with pytest.raises(PortGone):
            await sweep
    with pytest.raises(PortGone):
        await inbox.sweep()
    assert 1 in store.slots
    await session.close()


@pytest.mark.parametrize("line", ['+QIND: "smsfull","ME"', "+SMS FULL"])
async def test_a_full_memory_is_emptied(line: str) -> None:
    session, peer, store, inbox, came = await begun()
    store.slots |= {1: deliver("one"), 2: deliver("two")}
    peer.say(line)
    await inbox_idle(session, peer, inbox)
    assert (came, store.slots, inbox.full) == (["one", "two"], {}, 1)
    peer.say("+QIND: SMS DONE")
    await inbox_idle(session, peer, inbox)
    assert inbox.full == 1
    await ended(session, inbox)
