"""QoS 2 packet ids on disk, in the transaction of what they brought."""

from uuid import UUID

import pytest
from sqlmodel import Session, select

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.devices import service as devices
from fleet.devices.models import DeviceCreate
from fleet.errors import Invalid
from fleet.telemetry.history import SqlHistory
from fleet.telemetry.messages import Packet, Value
from fleet.telemetry.models import Message, MqttConnection, MqttPacket, MqttSession
from fleet.telemetry.taken import apply, unreleased
from tests.conftest import account_of, operator_of
from tests.fleet.telemetry.build import message

SESSION, GONE = UUID(int=7), UUID(int=8)


def session(database: Database, clock: ManualClock) -> UUID:
    """An account with a device and the kept session SESSION."""
    account_id = account_of(database, clock)

    def work(tx: Session) -> None:
        device, _ = devices.create(tx, operator_of(account_id), clock.now(), DeviceCreate(name="m1"))
        tx.add(
            MqttSession(device_id=device.id, client_id="c", id=SESSION, account_id=account_id, created_at=clock.now())
        )

    database.write_now(work)
    return account_id


def kept(database: Database) -> dict[tuple[UUID, int], bytes]:
    return database.read_now(lambda tx: unreleased(tx.connection(), [SESSION, GONE]))


def stored(database: Database) -> int:
    return len(database.read_now(lambda tx: tx.exec(select(Message)).all()))


def test_apply_takes_repeats_and_releases_in_order() -> None:
    packets = [
        Packet(SESSION, 1, b"a", (0, 2)),
        Packet(SESSION, 1, b"a", (2, 3)),
        Packet(SESSION, 2, b"b", (3, 4)),
        Packet(SESSION, 1),
        Packet(SESSION, 1, b"a", (4, 5)),
        Packet(SESSION, 2, b"c", (5, 6)),
        Packet(GONE, 9),
    ]
    assert apply({(GONE, 9): b"x"}, packets) == ({(SESSION, 1): b"a", (SESSION, 2): b"c"}, {2})


async def test_an_id_and_its_data_are_in_one_commit(database: Database, clock: ManualClock) -> None:
    history = SqlHistory(database)
    account_id = session(database, clock)
    one = [message(account_id, device_ms=None)]
    await history.append(one, [], [Packet(SESSION, 5, b"a", (0, 1))])
    assert (kept(database), stored(database)) == ({(SESSION, 5): b"a"}, 1)
    again = [message(account_id, device_ms=None)]
    appended = await history.append(again, [], [Packet(SESSION, 5, b"a", (0, 1))])
    assert (appended.duplicates, stored(database)) == (1, 1)
    await history.append(again, [], [Packet(SESSION, 5, b"b", (0, 1))])
    assert (kept(database), stored(database)) == ({(SESSION, 5): b"b"}, 2)
    await history.append([], [], [Packet(SESSION, 5)])
    assert kept(database) == {}


def holder(database: Database, clock: ManualClock, connection: UUID) -> UUID:
    """The same, its session held by `connection`."""
    account_id = session(database, clock)

    def work(tx: Session) -> None:
        kept = tx.exec(select(MqttSession)).one()
        tx.add(
            MqttConnection(
                device_id=kept.device_id, client_id="c", id=connection, process=UUID(int=9), account_id=account_id,
                session_id=SESSION, expiry_s=60,
            )
        )  # fmt: skip

    database.write_now(work)
    return account_id


async def test_what_comes_on_a_connection_that_was_taken_over_does_not_count(
    database: Database, clock: ManualClock
) -> None:
    former, latter = UUID(int=20), UUID(int=21)
    account_id, history = holder(database, clock, latter), SqlHistory(database)
    batch = [message(account_id, device_ms=None) for _ in range(4)]
    packets = [
        Packet(SESSION, 5, b"a", (0, 1), former),
        Packet(SESSION, 6, b"b", (1, 2), latter),
        Packet(SESSION, 6, b"", holder=former),
        Packet(GONE, 5, b"a", (2, 3), former),
    ]
    appended = await history.append(batch, [], packets)
    assert (appended.superseded, appended.stored, appended.duplicates) == (frozenset({former}), 3, 0)
    assert kept(database) == {(SESSION, 6): b"b"}, "what belongs to no session any more is stored all the same"


async def test_a_batch_that_cannot_be_stored_takes_no_id(database: Database, clock: ManualClock) -> None:
    account_id = session(database, clock)
    names: dict[str, Value] = {f"n{n}": n for n in range(10_001)}
    with pytest.raises(Invalid, match="point names"):
        await SqlHistory(database).append([message(account_id, names)], [], [Packet(SESSION, 5, b"a", (0, 1))])
    assert (kept(database), stored(database)) == ({}, 0)


async def test_what_comes_late_for_a_discarded_session_is_stored_and_its_id_not(
    database: Database, clock: ManualClock
) -> None:
    account_id = session(database, clock)
    batch = [message(account_id, device_ms=None)]
    await SqlHistory(database).append(batch, [], [Packet(GONE, 5, b"a", (0, 1))])
    assert stored(database) == 1
    assert database.read_now(lambda tx: tx.exec(select(MqttPacket)).all()) == []
