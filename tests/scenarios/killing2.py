"""The kill run of QoS 2: killed between PUBLISH, PUBREC, PUBREL and PUBCOMP; afterwards everything is counted."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from fleet.db import Database
from fleet.db.log import Position
from fleet.telemetry.log import read_log
from tests.publisher2 import Publisher2
from tests.service import ServiceProcess


async def kill_run(folder: Path, kills: int, seed: int, database_url: str = "") -> int:
    """Kill the service `kills` times under two publishers, one of each version; how many messages they sent.

    `database_url`: empty for SQLite.
    """
    chance, stop = random.Random(seed), asyncio.Event()
    async with ServiceProcess(folder, f'[log]\nlevel = "warning"\n[database]\nurl = "{database_url}"\n') as service:
        publishers = []
        async with service.client() as api:
            for level in (4, 5):
                token = (await api.post("/v1/devices", {"name": f"v{level}"}))["token"]
                publishers.append(Publisher2(f"v{level}", token, service.mqtt, level))
        async with asyncio.TaskGroup() as group:
            for publisher in publishers:
                group.create_task(publisher.run(stop))
            for _ in range(kills):
                completed = [publisher.completed for publisher in publishers]
                while any(now.completed < before + 50 for now, before in zip(publishers, completed, strict=True)):
                    await asyncio.sleep(0.01)
                await asyncio.sleep(chance.uniform(0, 0.05))
                await service.kill()
                await service.start()
            stop.set()
        await service.stop()
        check_once(database_url or f"sqlite:///{service.data_dir / 'fleet.db'}", publishers, seed)
    return sum(publisher.sent for publisher in publishers)


def check_once(database_url: str, publishers: Sequence[Publisher2], seed: int) -> None:
    """Each message is stored once, and nobody was told to discard its session."""
    database = Database(database_url)
    reports = database.read_now(lambda tx: read_log(tx, Position(), 10_000_000))
    database.close()
    stored = Counter((report.device_key, report.values["k"]) for report in reports)
    keys = sorted({key for key, _ in stored})
    sent = Counter((key, k) for key, publisher in zip(keys, publishers, strict=True) for k in range(publisher.sent))
    assert stored == sent, f"seed {seed}"
    assert [publisher.present_lost for publisher in publishers] == [0] * len(publishers)
