"""QoS 1 publish → PUBACK: how many a second, and how long one takes, beside Mosquitto in the same run.

Not the same work: our PUBACK means decoded, stored once and synced to disk; Mosquitto's means received (no
subscriber, no persistence). `python -m tests.bench.mqtt [--quick] [--json]`
"""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bench.load import Measured, flat_out, paced
from tests.bench.report import Figure, present
from tests.loopback import free_port
from tests.service import ServiceProcess

MACHINES = 200
WINDOW = 10
RATE_GOAL = 15_000.0
"""Messages per second on two cores that generator and service share."""
PACE = 1_000.0
"""Messages per second at which the time of one is measured."""
P99_GOAL_MS = 10.0


@asynccontextmanager
async def mosquitto(folder: Path) -> AsyncIterator[int]:
    """A broker of our own that lets anybody in; its port."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    port = free_port()
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n"
    )
    process = subprocess.Popen([program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


async def measure(port: int, tokens: dict[str, str], seconds: float) -> tuple[Measured, Measured]:
    """The most it takes, and how it is at an easy pace."""
    calm = await paced(port, tokens, PACE, seconds)  # first: after the flood its rules are still being evaluated
    return await flat_out(port, tokens, WINDOW, seconds), calm


async def run(quick: bool) -> list[Figure]:
    """Measure both."""
    seconds = 6.0 if quick else 30.0
    folder = Path(tempfile.mkdtemp(prefix="fleet-bench-"))
    try:
        async with ServiceProcess(folder, '[log]\nlevel = "warning"\n') as service:
            tokens = {}
            async with service.client() as api:
                for number in range(MACHINES):
                    tokens[f"m{number}"] = (await api.post("/v1/devices", {"name": f"m{number}"}))["token"]
            ours = await measure(service.mqtt[1], tokens, seconds)
        async with mosquitto(folder) as port:
            peer = await measure(port, tokens, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    name = "mosquitto (received, not stored)"
    return [
        Figure(
            f"MQTT QoS 1 publish to PUBACK, {MACHINES} connections, {WINDOW} under way each",
            "messages/s",
            round(ours[0].rate),
            RATE_GOAL,
            "higher",
            round(peer[0].rate),
            name,
        ),
        Figure(
            f"MQTT QoS 1 publish to PUBACK p99 at {PACE:g} messages/s",
            "ms",
            round(ours[1].percentile(0.99), 2),
            P99_GOAL_MS,
            "lower",
            round(peer[1].percentile(0.99), 2),
            name,
        ),
    ]


if __name__ == "__main__":
    present(__doc__, run)
