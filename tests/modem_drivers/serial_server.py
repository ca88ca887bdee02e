"""Debian's ser2net in front of a port of this machine, as it stands in front of a modem in another building."""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from typing import Literal

Protocol = Literal["socket", "rfc2217"]

_ACCEPTERS = {"socket": "tcp", "rfc2217": "telnet(rfc2217),tcp"}


class SerialServer:
    """One port, always at the same address; `start` and `stop` as often as wanted."""

    def __init__(self, device: Path, protocol: Protocol, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._number = free.getsockname()[1]
        self.address = f"{protocol}://127.0.0.1:{self._number}"
        self._file = folder / "ser2net.yaml"
        self._file.write_text(
            f"""%YAML 1.1
---
connection: &modem
  accepter: {_ACCEPTERS[protocol]},127.0.0.1,{self._number}
  connector: serialdev,{device},115200n81,local
  options:
    kickolduser: true
"""
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Run the program and wait until it listens; connections to it are not made, the modem would see them."""
        self._process = await asyncio.create_subprocess_exec(
            "ser2net", "-n", "-u", "-c", str(self._file), env={"PATH": "/usr/sbin:/usr/bin"}
        )
        async with asyncio.timeout(30):
            while not self._listens():
                assert self._process.returncode is None, "ser2net has ended"
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Kill the program: its connections end, its address refuses."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _listens(self) -> bool:
        """Whether the kernel shows the port in state LISTEN (0A)."""
        rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
        return any(row.split()[1].endswith(f":{self._number:04X}") and row.split()[3] == "0A" for row in rows)
