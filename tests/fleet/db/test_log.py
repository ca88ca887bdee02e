"""A reader of a log never passes a row that an open transaction may still put before it."""

import threading

from sqlmodel import Session

from fleet.clock import ManualClock
from fleet.db import Database, Isolation, outbox
from fleet.db.log import Position, after
from fleet.db.outbox import Event
from tests.conftest import account_of


async def test_a_cursor_never_passes_a_row_of_a_transaction_that_is_still_open(
    postgres_url: str, clock: ManualClock
) -> None:
    database = Database(postgres_url)
    account_id = account_of(database, clock)
    drawn, release = threading.Event(), threading.Event()

    def early_but_slow(session: Session) -> None:
        outbox.emit(session, account_id, "slow", clock.now())
        session.flush()
        drawn.set()
        release.wait(30)

    slow = threading.Thread(target=database.write_now, args=(early_but_slow, Isolation.APPEND))
    slow.start()
    drawn.wait(30)
    await database.write(lambda tx: outbox.emit(tx, account_id, "quick", clock.now()), Isolation.APPEND)

    def topics(session: Session) -> list[str]:
        return [event.topic for event in session.execute(after(session, Event, Position(), 10)).scalars()]

    assert await database.read(topics) == []
    release.set()
    slow.join()
    assert await database.read(topics) == ["slow", "quick"]
    database.close()


async def test_a_consumer_handles_each_event_once_and_in_order(database: Database, clock: ManualClock) -> None:
    account_id = account_of(database, clock)
    seen: list[int] = []
    fail_once = [True]

    def handle(_session: Session, event: Event) -> None:
        if event.body["n"] == 3 and fail_once.pop() if fail_once else False:
            raise LookupError("crash in the middle of a batch")
        seen.append(event.body["n"])

    for n in range(5):
        await database.write(lambda tx, n=n: outbox.emit(tx, account_id, "count", clock.now(), n=n))  # type: ignore[misc]
    consumer = outbox.Consumer(database, clock, "test", {"count": handle})
    try:
        await consumer.step()
    except LookupError:
        seen.clear()
    assert await consumer.step() is True
    assert seen == [0, 1, 2, 3, 4]
    assert await consumer.step() is False
