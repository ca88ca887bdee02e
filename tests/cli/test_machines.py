"""`fleet simulate machines`, against the whole service.

What is stored is not looked at here, so the service has the database it comes with.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.cli.conftest import Service, Shell
from tests.loopback import free_port
from tests.service import ServiceProcess, environment


async def simulate(data_dir: Path, *options: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "cli", "simulate", "machines", "--data-dir", str(data_dir), *options)
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment())


async def test_machines_are_registered_once_and_report(tmp_path: Path) -> None:
    async with ServiceProcess(tmp_path) as service, service.client() as client:
        for run in range(2):
            process = await simulate(service.data_dir, "--count", "3", "--interval", "0.1", "--json")
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(b"sell-out vm-02\n")
            async with asyncio.timeout(30):
                while json.loads(await process.stdout.readline())["acknowledged"] < 6:
                    pass
            process.terminate()
            out, err = await process.communicate()
            last = json.loads(out.splitlines()[-1])
            assert (process.returncode, last["machines"], last["refused"]) == (0, 3, {}), err
            assert last["published"] == last["acknowledged"]
            assert [device["name"] async for device in client.pages("/v1/devices")] == ["vm-01", "vm-02", "vm-03"], run
        kept = service.data_dir / "simulated-machines.csv"
        assert kept.stat().st_mode & 0o777 == 0o600
        async with asyncio.timeout(30):
            while (points := {p["name"]: p["value"] for p in (await client.get("/v1/devices/vm-03"))["points"]}) == {}:
                await asyncio.sleep(0.02)
        assert 0 < points["temperature"] < 6


async def test_a_wrong_token_is_told_and_fails(tmp_path: Path) -> None:
    (tmp_path / "tokens.csv").write_text("name,token\nvm-77,0123456789abcdef0123456789abcdef\n")
    async with ServiceProcess(tmp_path) as service:
        process = await simulate(service.data_dir, "--credentials", str(tmp_path / "tokens.csv"))
        assert process.stderr is not None
        async with asyncio.timeout(30):
            while b"vm-77 is refused: " not in (line := await process.stderr.readline()):
                assert line
        process.terminate()
        out, err = await process.communicate()
    assert process.returncode == 1
    assert out.startswith(b"Machines: 1; messages: 1, of which 0 were acknowledged.")
    assert b"got none acknowledged: check the address and the tokens" in err


async def test_that_nobody_answers_is_told(tmp_path: Path) -> None:
    (tmp_path / "tokens.csv").write_text("vm-77,0123456789abcdef0123456789abcdef\n")
    url = f"mqtt://127.0.0.1:{free_port()}"
    process = await simulate(tmp_path, "--credentials", str(tmp_path / "tokens.csv"), "--mqtt", url)
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while f"expected {url} to answer, got nothing yet".encode() not in (line := await process.stderr.readline()):
            assert line
    process.terminate()
    await process.communicate()
    assert process.returncode == 1


def test_a_machine_that_may_be_real_is_left_alone(shell: Shell, service: Service) -> None:
    shell.pipe("devices add vm-01")
    screen = shell.pipe("simulate machines --count 2")
    assert (screen.code, screen.out) == (2, "")
    assert "got a device that is there already and may be real: choose another --name-prefix" in screen.err


def test_wrong_input_is_one_sentence(shell: Shell, service: Service, tmp_path: Path) -> None:
    def refused(options: str, sentence: str) -> None:
        assert shell.pipe(f"simulate machines {options}") == (2, "", f"fleet: {sentence}\n")

    unreadable = "expected a readable file of name,token at {}, got: {}; correct the path"
    refused("--credentials none.csv", unreadable.format("none.csv", "No such file or directory"))
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe")
    refused("--credentials bad.csv", unreadable.format("bad.csv", "no text"))
    (tmp_path / "bad.csv").write_text("vm-01,token\nvm-02\n")
    refused("--credentials bad.csv", "expected name,token in row 2 of bad.csv, got 1 cells: correct that row")
    address = "expected an MQTT address such as mqtt://127.0.0.1:1883, got 'http://127.0.0.1': correct it with --mqtt"
    refused("--mqtt http://127.0.0.1", address)
