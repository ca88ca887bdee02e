"""smstools3: texts out of a folder, texts and delivery reports into others."""

import asyncio
import re
import time
from collections.abc import Iterable
from itertools import count

from tests.peers.daemon import Daemon
from tests.peers.peer import Folder, Received
from tests.peers.program import Program

_CONFIG = """
devices = GSM1
outgoing = {folder}/outgoing
checked = {folder}/checked
incoming = {folder}/incoming
report = {folder}/report
failed = {folder}/failed
sent = {folder}/sent
logfile = {folder}/smsd.log
infofile = {folder}/smsd.working
pidfile = {folder}/smsd.pid
loglevel = 5
delaytime = 0
delaytime_mainprocess = 1
receive_before_send = no
incoming_utf8 = yes

[GSM1]
device = {port}
init = AT+CNMI=2,1,0,2,0
incoming = yes
report = yes
memory_start = 0
decode_unicode_text = yes
keep_open = no
"""
_FOLDERS = ("outgoing", "checked", "incoming", "report", "failed", "sent")


class Smstools(Daemon):
    """The shortest polls it takes, and its port opened anew for each, so that it survives a modem that was gone.

    Its manual's configure.html: `delaytime`, `keep_open`; it has further pauses of its own.
    """

    name = "smstools3"
    programs = ("smsd",)

    async def start(self) -> None:
        """See Peer."""
        for name in _FOLDERS:
            (self.folder / name).mkdir()
        config = self.folder / "smsd.conf"
        config.write_text(_CONFIG.format(port=self.port, folder=self.folder))
        self._numbers = count()
        self._program = await Program.start("smsd", "-c", str(config), "-t", log=self.folder / "out")
        self._watchers = [asyncio.create_task(self._watch(name)) for name in ("incoming", "report")]

    async def send(self, to: str, texts: Iterable[str]) -> list[float]:
        """See Peer."""
        handed = []
        for text in texts:
            name = f"text{next(self._numbers):04}"
            written = self.folder / name
            written.write_text(f"To: {to.lstrip('+')}\nReport: yes\n\n{text}")
            written.rename(self.folder / "outgoing" / name)
            handed.append(time.monotonic())
        return handed

    async def _watch(self, name: str) -> None:
        folder = Folder(self.folder / name, _whole)
        while True:
            _, content, at = await folder.new_file()
            headers, _, body = content.partition("\n\n")
            if name == "report":
                self.reports.put_nowait(body)
            else:
                self.received.put_nowait(Received(_field(headers, "From"), body, at))


def _whole(content: str) -> bool:
    """It writes a file in steps, and says in front how many octets the text has."""
    headers, _, body = content.partition("\n\n")
    return bool(body) and len(body.encode()) >= int(_field(headers, "Length"))


def _field(headers: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)$", headers, re.MULTILINE)
    return found[1] if found else "0"
