"""One process at a time moves a reader of a log."""

from sqlmodel import Session

from fleet.clock import ManualClock
from fleet.db import Database, outbox
from fleet.db.locks import alone
from fleet.db.outbox import Event
from tests.conftest import account_of


async def test_the_second_one_leaves_a_reader_to_the_first_until_that_ends(
    postgres_url: str, clock: ManualClock
) -> None:
    one, two = Database(postgres_url), Database(postgres_url)
    account_id = account_of(one, clock)
    await one.write(lambda tx: outbox.emit(tx, account_id, "count", clock.now()))
    seen: list[str] = []

    def handle(_tx: Session, event: Event) -> None:
        assert two.write_now(second)[0] is False, "another process handles what is being handled"
        seen.append(event.topic)

    def second(tx: Session) -> bool:
        assert alone(tx, "somebody else")
        return consumer(two)._batch(tx)

    def consumer(database: Database) -> outbox.Consumer:
        return outbox.Consumer(database, clock, "test", {"count": handle})

    assert await consumer(one).step() is True
    assert await consumer(two).step() is False
    assert seen == ["count"]
    one.close()
    two.close()


async def test_on_sqlite_one_process_is_alone(sqlite: Database) -> None:
    assert await sqlite.write(lambda tx: alone(tx, "test"))
