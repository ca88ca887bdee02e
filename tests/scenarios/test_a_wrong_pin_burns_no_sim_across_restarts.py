"""The PIN in the settings is wrong: the SIM loses one try, not one for each start of the service."""

import asyncio
from pathlib import Path

from tests.peers.stand import Stand, stand
from tests.service import ServiceProcess

PIN, WRONG = "2468", "13572468"
STARTS = 3
ALARM = "needs a person"


class Tries:
    """A service whose settings hold the wrong PIN, and the card it tries it on."""

    def __init__(self, folder: Path, bench: Stand, database_url: str) -> None:
        self._log = folder / "service.log"
        (folder / "pin").write_text(f"{WRONG}\n")
        config = f'[[modem]]\nport = "{bench.served.path}"\npin_file = "{folder / "pin"}"\n'
        self.service = ServiceProcess(folder, config, database_url=database_url)
        self.bench = bench

    @property
    def left(self) -> int:
        """Tries the card has left."""
        assert self.bench.modem.sim is not None
        return self.bench.modem.sim.pin_tries

    def log(self) -> str:
        """Everything the service has logged."""
        return self._log.read_text()

    async def told(self, count: int) -> None:
        """Wait until a person was called for so often."""
        async with asyncio.timeout(30):
            while self.log().count(ALARM) < count:
                await asyncio.sleep(0.02)


async def test_it_is_tried_once_and_a_person_is_told_at_every_start(tmp_path: Path, database_url: str) -> None:
    async with stand(tmp_path / "modem", pin=PIN) as bench:
        tries = Tries(tmp_path, bench, database_url)
        for start in range(1, STARTS + 1):
            await tries.service.start()
            await tries.told(start)
            await tries.service.kill()
            assert tries.left == 2
        assert "2 tries left" in tries.log()
        assert "refused this PIN before" in tries.log()
        assert WRONG not in tries.log()


async def test_killed_in_the_very_try_it_still_leaves_the_last_one(tmp_path: Path, database_url: str) -> None:
    async with stand(tmp_path / "modem", pin=PIN) as bench:
        tries = Tries(tmp_path, bench, database_url)
        for _ in range(STARTS - 1):
            before = tries.left
            await tries.service.start()
            seen = tries.log().count(ALARM)
            async with asyncio.timeout(30):
                while tries.left == before and tries.log().count(ALARM) == seen:
                    await asyncio.sleep(0)
            await tries.service.kill()
        assert tries.left >= 1
        await tries.service.start()
        await tries.told(tries.log().count(ALARM) + 1)
        await tries.service.stop()
        assert tries.left >= 1
