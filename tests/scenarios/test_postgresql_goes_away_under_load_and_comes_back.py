"""PostgreSQL restarted, crashed, stopped under load: nothing acknowledged is lost, the service recovers by itself."""

import asyncio
from pathlib import Path

from tests.postgres import cluster, create_database
from tests.scenarios.storing import check_stored, load, status
from tests.service import ServiceProcess


async def outages(folder: Path, seconds: float) -> None:
    """Restart it in order, crash and restart it, stop it for `seconds`, always with machines reporting."""
    with cluster() as server:
        url = create_database(server.url, "fleet")
        async with ServiceProcess(folder, f'[database]\nurl = "{url}"\n') as service:
            process = service.pid
            async with load(service) as machines:
                await machines.flows()
                for mode in ("fast", "immediate"):
                    await asyncio.to_thread(server.stop, mode)
                    await asyncio.to_thread(server.start)
                    await machines.flows()
                await asyncio.to_thread(server.stop, "fast")
                await asyncio.sleep(0.5)  # what was committed before may still be on its way to the machines
                await machines.stands_still(seconds)
                for machine in machines.http:
                    assert machine.answers.get(503), f"{machine.name} was not told to come back: {machine.answers}"
                    assert int(machine.retry_after) >= 1
                assert (await status(service, "/health/ready"), await status(service, "/health/live")) == (503, 200)
                await asyncio.to_thread(server.start)
                await machines.flows()
                assert await status(service, "/health/ready") == 200
            check_stored(url, machines.all)
            assert service.pid == process, "the service went on by itself"
            assert await service.stop() == 0


async def test_no_acknowledgement_while_it_is_away_and_nothing_lost(tmp_path: Path) -> None:
    await outages(tmp_path, seconds=5)
