"""Devices change between two processes in mid-sentence and leave their old connections half open; one is killed."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.publisher2 import Publisher2
from tests.scenarios.killing2 import check_once
from tests.service import ServiceProcess

ROAMS = 8
"""Of each device: more would only wait for the brake on those that fight for a client id."""


@pytest.mark.timeout(400)
async def test_devices_roam(tmp_path: Path, durable_postgres: str) -> None:
    seed = 20
    chance, stop = random.Random(seed), asyncio.Event()
    config = f'key_file = "{tmp_path / "key"}"\n[database]\nurl = "{durable_postgres}"\n[log]\nlevel = "warning"\n'
    one, other = (ServiceProcess(tmp_path / name, config) for name in ("one", "other"))
    async with one, other:
        publishers = list[Publisher2]()
        async with one.client() as api:
            for level in (4, 5, 4, 5):
                name = f"v{len(publishers)}-{level}"
                token = (await api.post("/v1/devices", {"name": name}))["token"]
                publishers.append(Publisher2(name, token, one.mqtt, level))

        async def flow(publisher: Publisher2, most: int) -> None:
            enough = publisher.completed + chance.randint(1, most)
            async with asyncio.timeout(120):
                while publisher.completed < enough:
                    await asyncio.sleep(0.005)

        async def roam(publisher: Publisher2, turn: int) -> None:
            await flow(publisher, 40)
            publisher.roam((one, other)[turn % 2].mqtt)

        async with asyncio.TaskGroup() as group:
            for publisher in publishers:
                group.create_task(publisher.run(stop))
            for turn in range(1, ROAMS + 1):
                await asyncio.gather(*(roam(publisher, turn) for publisher in publishers))
                if turn == ROAMS // 2:
                    await one.kill()
                    await one.start()
            await asyncio.gather(*(flow(publisher, 20) for publisher in publishers))
            stop.set()
        assert await one.stop() == await other.stop() == 0
        check_once(durable_postgres, publishers, seed)
