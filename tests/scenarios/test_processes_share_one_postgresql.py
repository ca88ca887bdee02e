"""Processes of the service on one PostgreSQL: one dies and the rest carry on; each does what its role says."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from hw_fixtures.modem import SimCard, SimulatedModem, load_model
from hw_fixtures.modem.pty import serve_pty
from hw_fixtures.network import Network
from tests.fleet.ingest.mqtt.client import publish
from tests.fleet.ingest.mqtt.wire import client
from tests.publisher import Publisher
from tests.scenarios.killing import (
    PHONES,
    all_exhausted,
    check_phone,
    check_steps,
    furnish,
    open_door,
    writing,
)
from tests.scenarios.storing import check_stored, status
from tests.service import ServiceProcess
from tests.waiting import until

SIMS = (
    ("8988300000000000013", "001010000000001", "+12025550001"),
    ("8988300000000000021", "001010000000002", "+12025550002"),
)
IMEIS = ("867698040000005", "867698040000013")
LATENCY = 2.0
"""Real seconds a modem takes for a text: long enough to be killed in the middle of it."""
MACHINES = 4
RATE = 25.0


class Yard:
    """Processes that share a database and a key, each with a folder and, if it likes, a modem of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder, self._url = folder, database_url
        self.network = Network(lambda: datetime.now(UTC))

    def modem(self, number: int) -> SimulatedModem:
        """A simulated modem on the common network."""
        model = load_model("quectel-ec25")
        card = SimCard(*SIMS[number])
        return SimulatedModem(model, network=self.network, sim=card, imei=IMEIS[number], cmgs_latency=LATENCY)

    def port(self, number: int) -> Path:
        """Where that modem is plugged in."""
        return self._folder / f"modem-{number}"

    def process(self, name: str, modem: int | None = None, roles: str = "") -> ServiceProcess:
        """A process that is not started yet."""
        lines = [f'key_file = "{self._folder / "key"}"', "[database]", f'url = "{self._url}"']
        lines += ["[escalation]", "settle_s = 2"]
        if modem is not None:
            lines += ["[[modem]]", f'port = "{self.port(modem)}"']
        return ServiceProcess(self._folder / name, "\n".join(lines), roles=roles)


async def has_modem(process: ServiceProcess) -> bool:
    """Whether its modem is ready."""
    async with httpx2.AsyncClient(base_url=process.endpoints.http, trust_env=False, timeout=60) as browser:
        metrics = (await browser.get("/metrics")).text
    return any(line.startswith("fleet_modem_ready{") and line.endswith(" 1.0") for line in metrics.splitlines())


async def test_one_of_two_is_killed_and_the_other_carries_on(tmp_path: Path, durable_postgres: str) -> None:
    yard = Yard(tmp_path, durable_postgres)
    async with AsyncExitStack() as stack:
        for number in range(2):
            await stack.enter_async_context(serve_pty(yard.modem(number), yard.port(number)))
        dying, living = yard.process("one", 0), yard.process("two", 1)
        stack.push_async_callback(dying.kill)
        stack.push_async_callback(living.kill)
        await asyncio.gather(dying.start(), living.start())  # at once, on an empty database
        api = await stack.enter_async_context(living.client())
        await furnish(api, yard.network)
        await until(lambda: has_modem(dying), "a modem that is ready")
        await until(lambda: has_modem(living), "a modem that is ready")
        publishers = []
        for number in range(2 * MACHINES):
            name, at = f"pub-{number}", (dying, living)[number % 2].mqtt
            publishers.append(Publisher(name, (await api.post("/v1/devices", {"name": name}))["token"], at, RATE))
        doors = {name: (await api.post("/v1/devices", {"name": name}))["token"] for name in ("vm-1", "vm-2", "vm-3")}
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for publisher in publishers:
                group.create_task(publisher.run(stop))
            await open_door(dying.endpoints, "vm-1", doors["vm-1"])
            await open_door(living.endpoints, "vm-2", doors["vm-2"])

            async def both_modems_write() -> bool:
                return await writing(api, "vm-1") and await writing(api, "vm-2")

            await until(both_modems_write, "each process to write a text")
            await dying.kill()
            for publisher in publishers:
                publisher.address = living.mqtt
            await open_door(living.endpoints, "vm-3", doors["vm-3"])
            await all_exhausted(api, len(doors))
            stop.set()
        check_steps([entry async for entry in api.pages("/v1/audit")], doors)
        assert await living.stop() == 0
        stored = check_stored(durable_postgres, publishers)
        assert [stored[name] for name in doors] == [1, 1, 1]
        for phone in PHONES.values():
            check_phone(yard.network.phone(phone), len(doors))


async def test_each_process_does_what_its_role_says(tmp_path: Path, durable_postgres: str) -> None:
    yard = Yard(tmp_path, durable_postgres)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serve_pty(yard.modem(0), yard.port(0)))
        api_process, ingest = yard.process("api", roles="api"), yard.process("ingest", roles="ingest")
        thinking = yard.process("thinking", roles="rules, escalation")
        gateway = yard.process("gateway", 0, roles="gateway")
        processes = (api_process, ingest, thinking, gateway)
        for process in processes:
            stack.push_async_callback(process.kill)
        await asyncio.gather(*(process.start() for process in processes))
        assert [bool(process.endpoints.mqtt) for process in processes] == [False, True, False, False]
        api = await stack.enter_async_context(api_process.client())
        await furnish(api, yard.network)
        token = (await api.post("/v1/devices", {"name": "vm-1"}))["token"]
        async with client(ingest.mqtt[1], "vm-1", token) as (machine, _):
            machine.send(publish("devices/vm-1/events", b'{"code": "door_open", "state": "on"}', 1))
            assert (await machine.next())[0] == 0x40
        text = await yard.network.phone(PHONES["ana"]).expect("to accept", 30)
        code = text.text.split("Reply ")[1].split("A to accept")[0]
        yard.network.phone(PHONES["ana"]).send(SIMS[0][2], f"{code}A")
        await yard.network.phone(PHONES["ana"]).expect("is yours", 30)
        assert [ticket["state"] async for ticket in api.pages("/v1/tickets")] == ["accepted"]
        assert [await status(process, "/v1/tickets") for process in processes] == [401, 404, 404, 404]
        assert [await status(process, "/health/ready") for process in processes] == [200, 200, 200, 200]
        assert [await process.stop() for process in processes] == [0, 0, 0, 0]
