"""Three SIMs, each in its own machine's modem, go into service; the service dies while their provider works."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from cli import bench
from cli.client import AsyncClient
from cli.errors import Stop
from hw_fixtures.modem import MemoryModem, SimCard, SimulatedModem, load_model, serve_memory
from hw_fixtures.network import Network
from hw_fixtures.providers.sandbox import Sandbox, serve
from modem_drivers.identity import luhn_digit
from tests.fleet.sims.rig import iccid
from tests.service import ServiceProcess

MACHINES = {f"vm-0{number}": iccid(number) for number in (1, 2, 3)}
ONCE = (
    "provision.started", "sim.identified", "sim.unlocked", "sim.imsi_read", "sim.activation_requested", "sim.claimed",
    "sim.activated", "sim.apn_set", "sim.registered", "sim.bound", "sim.first_point", "provision.done",
)  # fmt: skip
CONFIG = """
[[provider]]
name = "sandbox"
url = "{url}"
callback_secret_file = "{secret}"
"""


def modem(number: int, sim: str, network: Network) -> SimulatedModem:
    card = SimCard(sim, f"00101000000000{number}", f"+1555019{number}", pin="4321")
    imei = f"8676980400000{number}"[:14]
    return SimulatedModem(
        load_model("quectel-ec25"), network=network, sim=card, imei=imei + luhn_digit(imei), reboot_after=0.1
    )


async def all_pending(client: AsyncClient) -> None:
    async with asyncio.timeout(60):
        while len((await client.get("/v1/sims", effective="pending"))["items"]) < len(MACHINES):
            await asyncio.sleep(0.02)


async def report(url: str, tokens: dict[str, str]) -> None:
    """The machines report once a second, as machines do."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
        while True:
            for name, token in tokens.items():
                headers = {"Authorization": f"Bearer {token}"}
                body = {"values": {"temperature": 4.5}}
                answer = await http.post(f"/v1/devices/{name}/telemetry", json=body, headers=headers)
                assert answer.is_success, answer.text
            await asyncio.sleep(1)


async def provision(client: AsyncClient, lines: dict[str, MemoryModem], **more: Any) -> list[Any]:
    runs = (
        bench.provision(client, line, name, "sandbox", "iot.example", "4321", **more) for name, line in lines.items()
    )
    return await asyncio.gather(*runs, return_exceptions=True)


async def test_three_sims_are_provisioned_though_the_service_is_killed_in_between(
    tmp_path: Path, database_url: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("shared")
    sandbox = Sandbox(secret="shared", pending=3)
    network = Network(lambda: datetime.now(UTC))
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(sandbox))
        lines = {
            name: await stack.enter_async_context(serve_memory(modem(number, sim, network)))
            for number, (name, sim) in enumerate(MACHINES.items(), 1)
        }
        config = CONFIG.format(url=url, secret=secret)
        service = await stack.enter_async_context(ServiceProcess(tmp_path, config, database_url=database_url))
        async with service.client() as client:
            tokens = {name: (await client.post("/v1/devices", {"name": name}))["token"] for name in MACHINES}
            first = asyncio.create_task(provision(client, lines))
            await all_pending(client)
            await service.kill()
            assert all(isinstance(end, Stop) for end in await first)
        await service.start()
        async with service.client() as client:
            reporting = asyncio.create_task(report(client.endpoints.http, tokens))
            ends = await provision(client, lines)
            reporting.cancel()
            assert [(end["device"], end["state"], end["iccid"]) for end in ends] == [
                (name, "done", sim) for name, sim in MACHINES.items()
            ]
            acts = [entry async for entry in client.pages("/v1/audit")]
    verbs = Counter(entry["verb"] for entry in acts)
    assert [verbs[verb] for verb in ONCE] == [len(MACHINES)] * len(ONCE)
    assert set(sandbox.ledger.done.values()) == {1}
    assert sum(sandbox.ledger.asked[act] for act in ("claim", "activate")) == 6
