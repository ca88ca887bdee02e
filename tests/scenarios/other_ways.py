"""Machines that report by CoAP and through a broker while the service is killed again and again."""

import asyncio
import random
import sys
import tempfile
from pathlib import Path

import httpx2
from sqlmodel import col, func, select

from fleet.db import Database
from fleet.devices.models import Device
from fleet.telemetry.models import Message
from tests.coap_publisher import CoapPublisher
from tests.loopback import free_port
from tests.mosquitto import Mosquitto
from tests.publisher import Publisher
from tests.scenarios.storing import check_stored
from tests.service import ServiceProcess, environment

MACHINES = 4
"""So many report by CoAP, and as many through the broker."""
RATE = 50.0
"""Messages per second of each machine."""


async def kill_run(folder: Path, seed: int, kills: int, database_url: str = "") -> int:
    """Kill the service at random moments, then count: how many messages were sent, each of them stored once.

    `database_url`: empty for SQLite.
    """
    moments = random.Random(seed)
    directory, port = Path(tempfile.mkdtemp(prefix="fleet-mosquitto-")), free_port()
    service = ServiceProcess(
        folder,
        f'[database]\nurl = "{database_url}"\n[broker]\nurl = "mqtt://127.0.0.1:{port}"\nusername = "_fleet"\n'
        f'password_file = "{directory}/service.password"\n',
    )
    async with service:
        async with service.client() as api:
            names = [f"{way}-{number}" for way in ("coap", "broker") for number in range(MACHINES)]
            tokens = {name: (await api.post("/v1/devices", {"name": name}))["token"] for name in names}
        await write_config(service, directory, port)
        async with Mosquitto(directory / "mosquitto.conf", port):
            coap = service.endpoints.coap
            machines: list[CoapPublisher | Publisher] = []
            for name in names:
                if name.startswith("coap"):
                    machines.append(CoapPublisher(name, tokens[name], coap, RATE))
                else:
                    machines.append(Publisher(name, tokens[name], ("127.0.0.1", port), RATE))
            await connected(service)
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                for machine in machines:
                    group.create_task(machine.run(stop))
                for _ in range(kills):
                    await asyncio.sleep(moments.uniform(0.2, 1.0))
                    await service.kill()
                    await service.start()
                await asyncio.sleep(0.5)
                stop.set()
            url = database_url or f"sqlite:///{service.data_dir / 'fleet.db'}"
            sent = sum(machine.sent for machine in machines)
            await stored(url, names, sent)
            await service.stop()
            check_stored(url, machines)
            return sent


async def write_config(service: ServiceProcess, directory: Path, port: int) -> None:
    """As an operator does."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "mqtt", "mosquitto-config", str(directory), "--port", str(port)),
        *("--data-dir", str(service.data_dir)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(),
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def connected(service: ServiceProcess) -> None:
    """Wait until the service listens to the broker: what is published before has nobody to be kept for."""
    async with (
        asyncio.timeout(30),
        httpx2.AsyncClient(base_url=service.endpoints.http, trust_env=False, timeout=60) as client,
    ):
        while "fleet_broker_connected 1.0" not in (await client.get("/metrics")).text:
            await asyncio.sleep(0.05)


async def stored(url: str, names: list[str], expected: int) -> None:
    """Wait until the broker has delivered everything: its acknowledgement to a device came before."""
    database = Database(url)
    query = select(func.count()).select_from(Message).join(Device, col(Device.key) == col(Message.device_key))
    found = 0
    try:
        async with asyncio.timeout(60):
            while found < expected:
                found = await database.read(lambda tx: tx.exec(query.where(col(Device.name).in_(names))).one())
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"expected {expected} messages to be stored, got {found}") from None
    finally:
        database.close()
