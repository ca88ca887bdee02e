"""What uplinks are tested against: a real Mosquitto, and a service that takes messages without acknowledging."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.loopback import listens
from tests.needs import needs


@asynccontextmanager
async def mosquitto(folder: Path, port: int, *options: str) -> AsyncIterator[str]:
    """A Mosquitto on `port` while the block lasts, with its persistence in `folder`; yields its URL."""
    needs("mosquitto")
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\npersistence true\npersistence_location {folder}/\nlog_type none\n"
        + ("" if options else "allow_anonymous true\n")
        + "".join(f"{option}\n" for option in options)
    )
    folder.chmod(0o777)
    process = await asyncio.create_subprocess_exec("mosquitto", "-c", str(config))
    try:
        async with asyncio.timeout(20):
            while not await listens(port):
                assert process.returncode is None, "mosquitto ended"
                await asyncio.sleep(0.01)
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def subscriber(url: str, topic: str) -> AsyncIterator[asyncio.StreamReader]:
    """The lines `topic payload` that Debian's mosquitto_sub prints, from the moment it has subscribed."""
    needs("mosquitto_sub")
    process = await asyncio.create_subprocess_exec(
        *("stdbuf", "-oL", "mosquitto_sub", "-d", "-v", "-q", "1"),
        *("-h", "127.0.0.1", "-p", url.rpartition(":")[2], "-t", topic),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            while b"SUBACK" not in await process.stdout.readline():
                pass
        yield process.stdout
    finally:
        process.terminate()
        await process.communicate()


class Silent:
    """A listener that hangs up on its first connection after `publishes_before_hang_up`, acknowledging none of them,
    and acknowledges on every later one."""

    def __init__(self, publishes_before_hang_up: int) -> None:
        self._left = publishes_before_hang_up
        self.connects: list[bytes] = []
        self.publishes: list[bytes] = []
        """First byte and body of each PUBLISH, as they came."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head, body = await _packet(reader)
                if head == 0x10:
                    self.connects.append(body)
                    writer.write(b"\x20\x02\x00\x00")
                elif head & 0xF0 == 0x30:
                    self.publishes.append(bytes([head]) + body)
                    self._left -= 1
                    if self._left == 0:
                        return
                    if self._left < 0:
                        writer.write(b"\x40\x02" + _packet_id(body))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return head, await reader.readexactly(length)


def _packet_id(body: bytes) -> bytes:
    at = 2 + int.from_bytes(body[:2], "big")
    return body[at : at + 2]
