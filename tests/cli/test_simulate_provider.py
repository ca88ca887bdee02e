"""`fleet simulate provider`: a process of its own that says where it is."""

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import PIPE

import httpx2

from tests.cli.conftest import Shell
from tests.service import environment


async def test_it_says_where_it_is_serves_its_customer_and_ends_with_ctrl_c() -> None:
    options = ["simulate", "provider", "--port", "0", "--pending", "0", "--token", "abc", "--json"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", *options, stdout=PIPE, stderr=PIPE, env=environment()
    )
    assert process.stdout is not None
    try:
        url = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))["url"]
        async with httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer abc"}, timeout=60) as client:
            claimed = await client.post("/v1/sims", json={"iccid": "8988303000000000003"})
            assert claimed.status_code == 201
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert f'url = "{url}"'.encode() in errors


def test_a_taken_port_is_one_sentence(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        screen = shell.pipe(f"simulate provider --port {port}")
    assert (screen.code, screen.out) == (2, "")
    assert screen.err == (
        f"fleet: expected port {port} to be free, got: Address already in use; choose another with --port\n"
    )
