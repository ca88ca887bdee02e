"""What has to be recorded is recorded as soon as the database is there again."""

import pytest

from fleet.errors import Invalid, Unavailable
from fleet.gateway import patience


async def test_it_goes_on_until_the_database_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "AGAIN", 0.001)
    tries: list[int] = []

    async def work() -> str:
        tries.append(1)
        if len(tries) < 4:
            raise Unavailable("expected a disk with room, got one that is full")
        return "recorded"

    assert await patience.patiently("an outcome", work) == "recorded"
    assert len(tries) == 4


async def test_other_faults_are_not_hidden() -> None:
    async def work() -> None:
        raise Invalid("expected something else")

    with pytest.raises(Invalid):
        await patience.patiently("an outcome", work)
