"""Acknowledged means on disk: seen from outside, in the order of the service's own system calls.

kill -9 keeps the page cache, so it proves nothing about fsync; strace does.

On SQLite alone: PostgreSQL syncs in processes of its own, and `fleet serve` refuses one that does not.
"""

import asyncio
from pathlib import Path

from tests.fleet.ingest.mqtt.client import publish
from tests.fleet.ingest.mqtt.wire import client
from tests.needs import needs
from tests.scenarios.tracing import OPTIONS, Finding, calls, check
from tests.service import ServiceProcess

CLIENTS = 20
EACH = 15
"""Messages of each client, two of them under way at a time."""


def marker(packet: int) -> bytes:
    return b"marker-%05d" % packet


async def traced(folder: Path, synchronous: str) -> Finding:
    """Run the service under strace with many clients at once; what its system calls show."""
    trace = folder / "trace"
    service = ServiceProcess(folder, f'[database]\nsynchronous = "{synchronous}"\n', (*OPTIONS, str(trace)))
    async with service:
        async with service.client() as api:
            tokens = [(await api.post("/v1/devices", {"name": f"m{n}"}))["token"] for n in range(CLIENTS)]
        await asyncio.gather(*[report(service.mqtt[1], n, token) for n, token in enumerate(tokens)])
        await service.stop()
    async with asyncio.timeout(20):
        while "+++ exited" not in trace.read_text()[-200:]:
            await asyncio.sleep(0.05)
    packets = range(1, CLIENTS * EACH + 1)
    return check(calls(trace.read_text().splitlines()), {packet: marker(packet) for packet in packets})


async def report(port: int, number: int, token: str) -> None:
    """One client's messages; every packet id is used by one client only."""
    topic = f"devices/m{number}/telemetry"
    packets = range(number * EACH + 1, (number + 1) * EACH + 1)
    async with client(port, f"m{number}", token) as (one, _):
        for under_way, packet in enumerate(packets):
            one.send(publish(topic, b'{"values":{"text":"%s"}}' % marker(packet), packet))
            if under_way:
                assert (await one.next())[0] == 0x40
        assert (await one.next())[0] == 0x40


async def test_every_puback_waits_for_a_sync_of_its_data(tmp_path: Path) -> None:
    needs("strace")
    finding = await traced(tmp_path, "FULL")
    assert sorted(finding.acknowledged) == list(range(1, CLIENTS * EACH + 1))
    assert finding.unsynced == []


async def test_without_synchronous_commits_the_check_sees_it(tmp_path: Path) -> None:
    needs("strace")
    finding = await traced(tmp_path, "OFF")
    assert sorted(finding.acknowledged) == list(range(1, CLIENTS * EACH + 1))
    assert finding.unsynced == finding.acknowledged
