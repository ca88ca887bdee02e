"""CoAP POST → 2.04: how many a second, how long one takes and what it costs, beside libcoap's server in the same run.

Not the same work: our 2.04 means decoded, stored once and synced to disk; libcoap's example server keeps the payload in
memory, and takes PUT, since it refuses to POST where nothing is. `python -m tests.bench.coap [--quick] [--json]`
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from tests.bench.coap_load import posts
from tests.bench.load import Measured
from tests.bench.report import Figure, present
from tests.fleet.ingest.coap.datagrams import POST, device, message
from tests.loopback import free_port
from tests.service import ServiceProcess

CLIENTS = 64
GET, PUT = 0x01, 0x03
LIBCOAP = "coap-server-notls"
"""In Debian: libcoap3-bin."""
NAME = "libcoap (PUT, kept in memory)"


class Results(NamedTuple):
    """What one server came to."""

    crowd: Measured
    cost_us: float
    """Processor time of the server for a message of the crowd, microseconds."""
    alone: Measured


@asynccontextmanager
async def libcoap() -> AsyncIterator[tuple[int, str]]:
    """libcoap's example server, ready; its process id and URL."""
    port = free_port()
    command = [LIBCOAP, "-A", "127.0.0.1", "-p", str(port), "-d", str(2 * CLIENTS), "-v", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"coap://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(10), device(url) as probe:
            while True:
                probe.send(message(GET, [], mid=1))
                try:
                    await probe.raw(within=0.2)
                    break
                except TimeoutError:
                    continue
        yield process.pid, url
    finally:
        process.terminate()
        process.wait()


def processor_time(pid: int) -> float:
    """Seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(pid: int, url: str, code: int, tokens: dict[str, str], seconds: float) -> Results:
    """One client by itself, then all of them."""
    alone = await posts(url, code, dict(list(tokens.items())[:1]), seconds)
    before = processor_time(pid)
    crowd = await posts(url, code, tokens, seconds)
    return Results(crowd, 1e6 * (processor_time(pid) - before) / len(crowd.latencies), alone)


async def run(quick: bool) -> list[Figure]:
    """Measure both; ours alone where libcoap is not installed."""
    seconds = 6.0 if quick else 30.0
    folder = Path(tempfile.mkdtemp(prefix="fleet-bench-"))
    peer = None
    try:
        async with ServiceProcess(folder, '[log]\nlevel = "warning"\n') as service:
            tokens = {}
            async with service.client() as api:
                for number in range(CLIENTS):
                    tokens[f"m{number}"] = (await api.post("/v1/devices", {"name": f"m{number}"}))["token"]
            ours = await measure(service.pid, service.endpoints.coap, POST, tokens, seconds)
        if shutil.which(LIBCOAP):
            async with libcoap() as (pid, url):
                peer = await measure(pid, url, PUT, tokens, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return figures(ours, peer)


def figures(ours: Results, peer: Results | None) -> list[Figure]:
    """What is printed."""
    each = f"CoAP confirmable to 2.04, {CLIENTS} clients, one under way each"
    alone = "CoAP confirmable to 2.04, one client,"

    def figure(what: str, unit: str, better: Literal["higher", "lower"], take: Callable[[Results], float]) -> Figure:
        return Figure(what, unit, take(ours), None, better, take(peer) if peer else None, NAME if peer else None)

    return [
        figure(each, "messages/s", "higher", lambda of: round(of.crowd.rate)),
        figure(f"{each}: processor time of the server", "us/message", "lower", lambda of: round(of.cost_us)),
        figure(f"{alone} p50", "ms", "lower", lambda of: round(of.alone.percentile(0.5), 2)),
        figure(f"{alone} p99", "ms", "lower", lambda of: round(of.alone.percentile(0.99), 2)),
    ]


if __name__ == "__main__":
    present(__doc__, run)
