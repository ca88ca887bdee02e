"""What README promises a new user, with the commands as they stand there and Debian's mosquitto_pub.

On SQLite alone: that is what a new user has.
"""

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from tests.needs import needs
from tests.service import ServiceProcess, environment

ANA = "+12025550123"


async def fleet(*arguments: str, data_dir: Path) -> Any:
    """A command of the CLI with --json; its document. Fails with the command's own words."""
    command = [sys.executable, "-m", "cli", *arguments, "--json", "--data-dir", str(data_dir)]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=environment())
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def publish(service: ServiceProcess, token: str, temperature: float) -> None:
    host, port = service.mqtt
    payload = json.dumps({"values": {"temperature": temperature}})
    process = await asyncio.create_subprocess_exec(
        *("mosquitto_pub", "-V", "mqttv311", "-q", "1", "-h", host, "-p", str(port)),
        *("-i", "vm-0417", "-u", "vm-0417", "-P", token, "-t", "devices/vm-0417/telemetry", "-m", payload),
        stderr=PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == 0, err.decode()


async def expect(process: Process, pattern: str) -> re.Match[str]:
    """The next line of the program's output that matches."""
    assert process.stdout is not None
    seen = []
    async with asyncio.timeout(30):
        while line := (await process.stdout.readline()).decode():
            seen.append(line)
            if found := re.search(pattern, line):
                return found
    raise AssertionError(f"expected a line with {pattern!r}, got {seen}")


async def test_a_point_becomes_a_text_and_a_reply_takes_the_ticket(tmp_path: Path) -> None:
    needs("mosquitto_pub")
    link = tmp_path / "modem"
    modem = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "simulate", "modem", "--model", "quectel-ec25", "--link", str(link)),
        stdin=PIPE,
        stdout=PIPE,
        env=environment(),
    )
    assert modem.stdin is not None
    try:
        async with asyncio.timeout(30):
            while not link.is_symlink():
                await asyncio.sleep(0.02)
        service = ServiceProcess(tmp_path, f'[[modem]]\nport = "{link}"\n')
        async with service:
            data_dir = service.data_dir
            await fleet("technicians", "add", "ana", "--phone", ANA, data_dir=data_dir)
            await fleet("policies", "add", "cooling", "--step", "ana:300", data_dir=data_dir)
            warm = ("--point", "temperature", "--above", "5", "--clear-below", "4", "--policy", "cooling")
            await fleet("rules", "add", "warm", *warm, data_dir=data_dir)
            token = (await fleet("devices", "add", "vm-0417", data_dir=data_dir))["token"]

            await publish(service, token, 6.2)
            offer = await expect(modem, rf"{re.escape(ANA)}: .*vm-0417.*?(\d+)A")
            points = (await fleet("devices", "show", "vm-0417", data_dir=data_dir))["points"]
            assert [(point["name"], point["value"]) for point in points] == [("temperature", 6.2)]

            modem.stdin.write(f"reply {ANA} {offer[1]}A\n".encode())
            await expect(modem, rf"{re.escape(ANA)}: .*yours")
            (ticket,) = await fleet("tickets", "list", data_dir=data_dir)
            assert (ticket["state"], ticket["technician"]) == ("accepted", "ana")

            await publish(service, token, 3.9)
            async with asyncio.timeout(30):
                while (await fleet("tickets", "show", "1", data_dir=data_dir))["state"] != "resolved":
                    await asyncio.sleep(0.05)
            assert await service.stop() == 0
    finally:
        modem.kill()
        await modem.wait()
