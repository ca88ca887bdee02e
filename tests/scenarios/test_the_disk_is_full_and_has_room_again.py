"""SQLite on a disk that is full: nothing is acknowledged, and the service goes on by itself when there is room.

On SQLite alone: PostgreSQL's disk is its server's, and is away or back (test_postgresql_goes_away_under_load_…).
"""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import needs
from tests.scenarios.storing import check_stored, load, status
from tests.service import ServiceProcess

SIZE_MB = 8


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of a few megabytes."""
    needs("mount", "umount")
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs to mount a small file system, got: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_no_acknowledgement_until_there_is_room(small_disk: Path) -> None:
    async with ServiceProcess(small_disk) as service:
        process = service.pid
        async with load(service) as machines:
            await machines.flows()
            ballast = small_disk / "ballast"
            fill(ballast)
            while not all(machine.answers.get(503) for machine in machines.http):
                await asyncio.sleep(0.1)
            fill(ballast)  # what SQLite gave back when it gave up
            await asyncio.sleep(0.5)
            await machines.stands_still(3)
            assert all(int(machine.retry_after) >= 1 for machine in machines.http)
            assert await status(service, "/health/live") == 200
            ballast.unlink()
            await machines.flows()
        check_stored(f"sqlite:///{service.data_dir / 'fleet.db'}", machines.all)
        assert service.pid == process, "the service went on by itself"
        assert await service.stop() == 0


def fill(ballast: Path) -> None:
    """Take what room there is."""
    with ballast.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
