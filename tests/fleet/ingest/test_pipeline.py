"""What happens to payloads, step by step."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.fernet import Fernet

from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.errors import Invalid, Unavailable
from fleet.ingest import pipeline as pipeline_module
from fleet.ingest.pipeline import Inbound, Pipeline
from fleet.ingest.senders import Sender
from fleet.secrets import Sealer
from fleet.settings import Settings
from fleet.telemetry.memory import MemoryHistory
from fleet.telemetry.messages import Letter, Packet, Record
from fleet.telemetry.models import Kind, Quality
from fleet.telemetry.store import Appended

SENDER = Sender(UUID(int=1), UUID(int=2), 7, "m1", UUID(int=3))


class Heard:
    """A receiver that remembers."""

    def __init__(self) -> None:
        self.committed_total = 0
        self.failures: list[str] = []
        self.news = asyncio.Event()

    def committed(self, count: int) -> None:
        self.committed_total += count
        self.news.set()

    def failed(self, reason: str, *, superseded: bool = False) -> None:
        self.failures.append(reason)
        self.news.set()


def inbound(payload: bytes, kind: Kind = Kind.TELEMETRY) -> Inbound:
    return Inbound(SENDER, "mqtt", kind, "devices/m1/telemetry", payload)


@asynccontextmanager
async def running(database: Database, history: MemoryHistory) -> AsyncIterator[Pipeline]:
    context = Context(Settings(data_dir=Path("/nonexistent")), database, ManualClock(), Sealer(Fernet.generate_key()))
    pipeline = Pipeline(context, history)
    task = asyncio.create_task(pipeline.run())
    yield pipeline
    task.cancel()
    await asyncio.wait([task])


async def test_a_payload_becomes_a_record_and_is_committed(database: Database) -> None:
    history, heard = MemoryHistory(), Heard()
    async with running(database, history) as pipeline:
        item = pipeline.take(inbound(b'{"id":"a","ts":1767225600000,"values":{"t":4}}'), heard)
        assert (item.letter, heard.committed_total) == (None, 0)
        await pipeline.drained()
    assert heard.committed_total == 1
    (record,) = history.records
    assert (record.device_key, record.content, record.quality) == (7, {"t": 4}, Quality.DEVICE)


async def test_what_cannot_be_read_is_a_dead_letter_and_committed_all_the_same(database: Database) -> None:
    history, heard = MemoryHistory(), Heard()
    async with running(database, history) as pipeline:
        item = pipeline.take(inbound(b"\xff{"), heard)
        await pipeline.drained()
    assert heard.committed_total == 1
    (letter,) = history.letters
    assert letter is item.letter
    assert (letter.device_name, letter.way, letter.payload) == ("m1", "mqtt", b"\xff{")
    assert letter.reason.startswith("expected JSON")


async def test_a_payload_that_is_too_long_is_a_dead_letter(database: Database) -> None:
    history, heard = MemoryHistory(), Heard()
    async with running(database, history) as pipeline:
        pipeline.take(inbound(b'{"values":{"t":4}}' + b" " * 65_536), heard)
        await pipeline.drained()
    assert (len(history.letters), history.records) == (1, [])
    assert "65536 bytes" in history.letters[0].reason


async def test_bad_ones_in_a_stream_leave_their_neighbours_alone(database: Database) -> None:
    history, good, bad = MemoryHistory(), Heard(), Heard()
    async with running(database, history) as pipeline:
        for n in range(50):
            pipeline.take(inbound(b'{"id":%d,"values":{"t":1}}' % n), good)
            pipeline.take(inbound(b'{"values":{"t":NaN}}'), bad)
        await pipeline.drained()
    assert (good.committed_total, len(history.records)) == (50, 50)
    assert (bad.committed_total, len(history.letters)) == (50, 50)


async def test_while_one_commit_runs_the_next_batch_gathers(database: Database) -> None:
    history, heard = MemoryHistory(), Heard()
    history.gate.clear()
    async with running(database, history) as pipeline:
        pipeline.take(inbound(b'{"id":0,"values":{"t":1}}'), heard)
        await asyncio.sleep(0.01)
        for n in range(1, 21):
            pipeline.take(inbound(b'{"id":%d,"values":{"t":1}}' % n), heard)
        assert heard.committed_total == 0
        history.gate.set()
        await pipeline.drained()
    assert history.batches == [1, 20]
    assert heard.committed_total == 21


async def test_a_commit_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "MAX_BATCH", 10)
    history, heard = MemoryHistory(), Heard()
    async with running(database, history) as pipeline:
        for n in range(25):
            pipeline.take(inbound(b'{"id":%d,"values":{"t":1}}' % n), heard)
        pipeline.take(inbound(b"[" + b",".join(b'{"values":{"t":%d}}' % n for n in range(30)) + b"]"), heard)
        await pipeline.drained()
    assert history.batches == [10, 10, 35]
    assert heard.committed_total == 26


async def test_when_storage_fails_nothing_is_acknowledged_and_the_next_batch_tries_again(database: Database) -> None:
    history, first, second = MemoryHistory(), Heard(), Heard()
    history.failure = Unavailable("disk full")
    async with running(database, history) as pipeline:
        pipeline.take(inbound(b'{"id":1,"values":{"t":1}}'), first)
        pipeline.take(inbound(b'{"id":2,"values":{"t":1}}'), first)
        await pipeline.drained()
        assert (first.committed_total, first.failures) == (0, ["disk full"])
        history.failure = None
        pipeline.take(inbound(b'{"id":1,"values":{"t":1}}'), second)
        await pipeline.drained()
    assert (second.committed_total, len(history.records)) == (1, 1)


class Choosy(MemoryHistory):
    """Refuses every batch that holds a certain record, as a database does with one bad row."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def append(
        self, records: Sequence[Record], letters: Sequence[Letter], packets: Sequence[Packet] = ()
    ) -> Appended:
        if any(record.content == {"poison": 1} for record in records):
            raise self._error
        return await super().append(records, letters, packets)


@pytest.mark.parametrize("error", [Invalid("expected fewer names"), ValueError("a driver's surprise")])
async def test_one_that_can_never_be_stored_is_found_and_becomes_a_dead_letter(
    database: Database, error: Exception
) -> None:
    history, good, bad = Choosy(error), Heard(), Heard()
    async with running(database, history) as pipeline:
        for n in range(20):
            poison = n in (3, 4, 17)
            payload = b'{"values":{"poison":1}}' if poison else b'{"values":{"t":%d}}' % n
            pipeline.take(inbound(payload), bad if poison else good)
        await pipeline.drained()
    assert (good.committed_total, bad.committed_total) == (17, 3)
    assert [record.content for record in history.records] == [{"t": n} for n in range(20) if n not in (3, 4, 17)]
    reasons = {letter.reason for letter in history.letters}
    assert len(history.letters) == 3
    assert reasons == {"expected fewer names"} or "ValueError" in reasons.pop()


async def test_a_backlog_asks_the_ways_in_to_wait(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "FULL", 3000)
    history, heard, relieved = MemoryHistory(), Heard(), asyncio.Event()
    history.gate.clear()
    async with running(database, history) as pipeline:
        taken = 0
        while not pipeline.full:
            pipeline.take(inbound(b'{"id":%d,"values":{"t":1}}' % taken), heard)
            taken += 1
        assert taken == 6
        pipeline.when_relieved(relieved.set)
        history.gate.set()
        await pipeline.drained()
        assert not pipeline.full
        assert relieved.is_set()


async def test_a_receiver_that_breaks_does_not_keep_others_from_hearing(database: Database) -> None:
    class Broken(Heard):
        def committed(self, count: int) -> None:
            raise RuntimeError("bug")

    history, broken, fine = MemoryHistory(), Broken(), Heard()
    async with running(database, history) as pipeline:
        pipeline.take(inbound(b'{"id":1,"values":{"t":1}}'), broken)
        pipeline.take(inbound(b'{"id":2,"values":{"t":1}}'), fine)
        await pipeline.drained()
    assert (fine.committed_total, broken.failures) == (1, ["a fault in the service"])


async def test_who_has_lost_its_session_hears_so_and_nothing_of_it_is_acknowledged(database: Database) -> None:
    class Fenced(MemoryHistory):
        async def append(
            self, records: Sequence[Record], letters: Sequence[Letter], packets: Sequence[Packet] = ()
        ) -> Appended:
            return (await super().append(records, letters))._replace(superseded=frozenset({UUID(int=8)}))

    class Former(Heard):
        def failed(self, reason: str, *, superseded: bool = False) -> None:
            super().failed(f"{reason}: {superseded}")

    former, latter = Former(), Heard()
    async with running(database, Fenced()) as pipeline:
        for receiver, holder in ((former, UUID(int=8)), (latter, UUID(int=9)), (former, None)):
            packet = Packet(UUID(int=7), 1, b"a", holder=holder) if holder else None
            pipeline.take(inbound(b'{"values":{"t":1}}'), receiver, packet)
        await pipeline.drained()
    assert (former.committed_total, former.failures) == (0, ["the same client connected anew: True"])
    assert (latter.committed_total, latter.failures) == (1, [])


async def test_closing_fails_what_is_left(database: Database) -> None:
    context = Context(Settings(data_dir=Path("/nonexistent")), database, ManualClock(), Sealer(Fernet.generate_key()))
    pipeline, heard = Pipeline(context, MemoryHistory()), Heard()
    pipeline.take(inbound(b'{"values":{"t":1}}'), heard)
    await pipeline.close()
    assert heard.failures == ["the service stops"]
