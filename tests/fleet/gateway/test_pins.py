"""A PIN that was refused is never tried again by itself, whatever restarts."""

from pathlib import Path

import pytest

from fleet.clock import Clock
from fleet.db import Database
from fleet.errors import SetupError
from fleet.messages.models import MessageState
from modem_drivers.errors import PinGuarded, PinRefused, PinRequired
from tests.fleet.gateway.station import ANA, Station, station

WRONG = "13572468"


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def problem(place: Station, kind: type[Exception]) -> str:
    """Wait until the modem is held up by that."""
    supervisor = place.gateway.workers[0].supervisor
    await place.until(kind.__name__, lambda _tx: True if isinstance(supervisor.problem, kind) else None)
    return str(supervisor.problem)


def pin_file(folder: Path, pin: str) -> Path:
    path = folder / "pin"
    path.write_text(f"{pin}\n")
    return path


async def test_a_locked_sim_is_unlocked_with_the_configured_pin(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with station(database, clock, pin="2468", pin_file=pin_file(tmp_path, "2468")) as place, place.running():
        await place.put("hello")
        await place.network.phone(ANA).expect("hello", 10)


async def test_a_refused_pin_is_tried_once_even_over_restarts(database: Database, clock: Clock, tmp_path: Path) -> None:
    async with station(database, clock, pin="2468", pin_file=pin_file(tmp_path, WRONG)) as place:
        card = place.modems[0].modem.sim
        assert card is not None
        async with place.running():
            assert "2 tries left" in await problem(place, PinRefused)
        for _ in range(2):
            async with place.running():
                assert "refused this PIN before" in await problem(place, PinGuarded)
                assert card.pin_tries == 2
        stored = b"".join(path.read_bytes() for path in tmp_path.glob("fleet.db*"))
        assert WRONG.encode() not in stored, "the PIN is stored sealed"


async def test_another_pin_is_tried_after_a_refused_one(database: Database, clock: Clock, tmp_path: Path) -> None:
    async with station(database, clock, pin="2468", pin_file=pin_file(tmp_path, WRONG)) as place:
        async with place.running():
            await problem(place, PinRefused)
        pin_file(tmp_path, "2468")
        async with place.running():
            await place.put()
            await place.text(MessageState.SENT)


async def test_a_locked_sim_without_a_pin_is_said_and_texts_wait(database: Database, clock: Clock) -> None:
    async with station(database, clock, pin="2468") as place, place.running():
        await place.put()
        assert "locked by its PIN" in await problem(place, PinRequired)
        assert (await place.text(MessageState.QUEUED)).attempts == 0


async def test_a_pin_file_that_cannot_be_read_is_one_sentence(database: Database, clock: Clock, tmp_path: Path) -> None:
    async with station(database, clock, pin_file=tmp_path / "missing") as place:
        with pytest.raises(SetupError, match="expected a readable secret file"):
            async with place.running():
                pass
