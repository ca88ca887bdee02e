"""Kannel: its bearerbox on the modem, its smsbox between that and HTTP; texts and reports come by HTTP."""

import asyncio
import time
from collections.abc import Iterable
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.loopback import free_port, listens
from tests.peers.peer import Peer, Received
from tests.peers.program import Program
from tests.waiting import until

_CONFIG = """
group = core
admin-port = {admin}
admin-password = bench
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1

group = smsc
smsc = at
smsc-id = modem
modemtype = generic
device = {port}
speed = 115200
keepalive = 1
reconnect-delay = 1

group = modems
id = generic
name = "Generic"
init-string = "AT+CNMI=1,2,0,1,0"
sendline-sleep = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
sendsms-interface = 127.0.0.1
global-sender = +15550199
mo-recode = true

group = sendsms-user
username = bench
password = bench

group = sms-service
keyword = default
get-url = "http://127.0.0.1:{ours}/text?from=%p&text=%b&charset=%C"
max-messages = 0
catch-all = true
"""


class Kannel(Peer):
    """As it comes, but for a sleep between commands of 1 ms instead of 100, and a look at its modem every second.

    Userguide: `sendline-sleep`, `keepalive`, `reconnect-delay`. Without the last two it opened a port that had
    been gone after a minute or more, or never.
    """

    name = "kannel"
    programs = ("bearerbox", "smsbox")
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """See Peer."""
        self._programs: list[Program] = []
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self._ours = self._server.sockets[0].getsockname()[1]
        self._http, box = free_port(), free_port()
        config = self.folder / "kannel.conf"
        config.write_text(_CONFIG.format(port=self.port, admin=free_port(), box=box, http=self._http, ours=self._ours))
        for program in self.programs:
            log = self.folder / program
            self._programs.append(await Program.start(program, "-v", "1", str(config), log=log))
            await until(lambda: listens(box))
        await until(lambda: _get(self._http, "/"))

    async def stop(self) -> None:
        """See Peer."""
        if self._server is not None:
            for program in reversed(self._programs):
                await program.end()
            self._server.close()
            await self._server.wait_closed()

    async def send(self, to: str, texts: Iterable[str]) -> list[float]:
        """See Peer."""
        handed = []
        report = f"http://127.0.0.1:{self._ours}/report?type=%d"
        for text in texts:
            query = {"username": "bench", "password": "bench", "to": to, "text": text}
            query |= {"dlr-mask": "3", "dlr-url": report}
            handed.append(time.monotonic())
            answer = await _get(self._http, f"/cgi-bin/sendsms?{urlencode(query, quote_via=quote)}")
            assert b" 202 " in answer.partition(b"\r\n")[0], answer.decode()
        return handed

    def cpu_seconds(self) -> float:
        """See Peer."""
        return sum(program.cpu_seconds() for program in self._programs)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        at = time.monotonic()
        url = urlsplit(request.split(" ")[1])
        query = {name: values[0] for name, values in parse_qs(url.query, encoding="latin-1").items()}
        if url.path == "/report":
            self.reports.put_nowait(query["type"])
        else:
            charset = query["charset"].replace("UTF-16BE", "utf-16-be")
            self.received.put_nowait(Received(query["from"], query["text"].encode("latin-1").decode(charset), at))
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()


async def _get(port: int, path: str) -> bytes:
    """The whole answer; empty where there is none."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
    except OSError:
        return b""
    return answer
