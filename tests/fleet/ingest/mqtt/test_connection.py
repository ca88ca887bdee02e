"""How a connection treats its socket: when it reads, when it stops, how it lets go."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.fernet import Fernet

from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.ingest import pipeline as pipeline_module
from fleet.ingest.mqtt import connection as connection_module
from fleet.ingest.mqtt.codec.packets import Connect
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.connection import Connection
from fleet.ingest.mqtt.effects import Denied, Welcome
from fleet.ingest.mqtt.login import Admitted
from fleet.ingest.pipeline import Pipeline
from fleet.ingest.senders import Sender
from fleet.secrets import Sealer
from fleet.settings import Settings
from fleet.telemetry.memory import MemoryHistory
from tests.fleet.ingest.mqtt.client import connect, publish

SENDER = Sender(UUID(int=1), UUID(int=2), 7, "m1", UUID(int=3))
ADMITTED = Admitted(UUID(int=5), SENDER, UUID(int=4), False, Welcome("m1", "c1", False))
TELEMETRY = "devices/m1/telemetry"


class Wire(asyncio.Transport):
    """A transport that notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reading = True
        self.closing = self.aborted = False
        self.unsent = 0

    def get_extra_info(self, name: str, default: object = None) -> object:
        return {"peername": ("10.0.0.9", 1234), "socket": self}[name]

    def setsockopt(self, *_option: int) -> None:
        pass

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def pause_reading(self) -> None:
        assert self.reading, "paused twice"
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading, "resumed twice"
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.aborted = True


class Desk:
    """The owner of a connection: lets everybody in when told to."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.labels: list[str] = []
        self.kept: list[tuple[tuple[str, int], ...]] = []
        self.denied: list[Denied] = []

    def now(self) -> float:
        return 0.0

    def opened(self, connection: Connection) -> None: ...

    def closed(self, connection: Connection) -> None: ...

    def left(self, connection: Connection) -> None: ...

    def log_in(self, connection: Connection, connect: Connect) -> None: ...

    def keep(self, connection: Connection, subscriptions: tuple[tuple[str, int], ...]) -> None:
        self.kept.append(subscriptions)

    def count(self, label: str, times: int = 1) -> None:
        self.labels += [label] * times

    def deny(self, connection: Connection, denied: Denied) -> None:
        self.denied.append(denied)


@pytest.fixture
def desk(database: Database) -> Desk:
    context = Context(Settings(data_dir=Path("/nonexistent")), database, ManualClock(), Sealer(Fernet.generate_key()))
    return Desk(Pipeline(context, MemoryHistory()))


def opened(desk: Desk) -> tuple[Connection, Wire]:
    connection, wire = Connection(desk), Wire()
    connection.connection_made(wire)
    connection.data_received(connect())
    assert not wire.reading, "nothing is read while the decision is outstanding"
    connection.admit(ADMITTED)
    assert (wire.reading, wire.written) == (True, b"\x20\x02\x00\x00")
    return connection, wire


async def test_a_peer_that_does_not_take_answers_is_not_read_from(desk: Desk) -> None:
    connection, wire = opened(desk)
    connection.pause_writing()
    assert not wire.reading
    connection.resume_writing()
    assert wire.reading


async def test_a_full_pipeline_stops_reading_until_there_is_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "FULL", 100)
    connection, wire = opened(desk)
    connection.data_received(publish(TELEMETRY, b'{"values":{"t":1}}', 1))
    assert not wire.reading
    running = asyncio.create_task(desk.pipeline.run())
    await desk.pipeline.drained()
    assert wire.reading
    assert wire.written.endswith(b"\x40\x02\x00\x01")
    running.cancel()
    await asyncio.wait([running])


async def test_a_full_pipeline_keeps_nobody_from_connecting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "FULL", -1)
    connection, wire = Connection(desk), Wire()
    connection.connection_made(wire)
    connection.data_received(connect()[:5])
    assert wire.reading
    connection.data_received(connect()[5:])
    connection.admit(ADMITTED)
    assert (wire.reading, wire.written) == (False, b"\x20\x02\x00\x00")


async def test_a_peer_that_leaves_its_last_answer_lying_is_dropped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "FLUSH", 0.0)
    connection, wire = opened(desk)
    wire.unsent = 4
    connection.end("the service stops", Reason.SERVER_SHUTTING_DOWN)
    assert (wire.closing, wire.aborted) == (True, False)
    await asyncio.sleep(0.01)
    assert wire.aborted


async def test_what_was_read_before_the_socket_went_is_still_handed_over(desk: Desk) -> None:
    connection, wire = Connection(desk), Wire()
    connection.connection_made(wire)
    connection.data_received(connect() + publish(TELEMETRY, b'{"values":{"t":1}}'))
    connection.connection_lost(None)
    assert not connection.open
    connection.admit(ADMITTED)
    assert len(desk.pipeline._gathered) == 1
    assert wire.written == b""


async def test_faults_and_failures_are_counted(desk: Desk) -> None:
    connection, wire = opened(desk)
    connection.data_received(publish("devices/m2/telemetry", b"x", 1))
    assert (desk.labels, wire.closing) == (["protocol"], True)
    connection, wire = opened(desk)
    connection.failed("disk full")
    assert (desk.labels, wire.closing) == (["protocol", "storage"], True)
