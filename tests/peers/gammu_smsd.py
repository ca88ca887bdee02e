"""gammu-smsd on files: texts out of a folder, texts into another, delivery reports into its log."""

import asyncio
import re
import time
from collections.abc import Iterable
from itertools import count

from tests.peers.daemon import Daemon
from tests.peers.peer import Folder, Received
from tests.peers.program import Program

_CONFIG = """
[gammu]
device = {port}
connection = at115200

[smsd]
service = files
logfile = {folder}/smsd.log
debuglevel = 1
commtimeout = {poll}
receivefrequency = {poll}
loopsleep = {poll}
statusfrequency = 0
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
deliveryreport = log
inboxpath = {folder}/inbox/
outboxpath = {folder}/outbox/
sentsmspath = {folder}/sent/
errorsmspath = {folder}/error/
"""
_REPORT = re.compile(r"Delivery report: \S.*")
_SENDER = re.compile(r"IN\d+_\d+_\d+_(.+)_\d+\.txt")


class GammuSmsd(Daemon):
    """The shortest polls it takes without keeping a core busy while there is nothing to do."""

    name = "gammu-smsd"
    poll = 1
    """Seconds; 0 is its fastest (gammu-smsdrc(5): LoopSleep, ReceiveFrequency, StatusFrequency)."""
    programs = ("gammu-smsd",)

    async def start(self) -> None:
        """See Peer."""
        for name in ("inbox", "outbox", "sent", "error"):
            (self.folder / name).mkdir()
        config = self.folder / "smsdrc"
        config.write_text(_CONFIG.format(port=self.port, folder=self.folder, poll=self.poll))
        self._numbers = count()
        self._log = self.folder / "smsd.log"
        self._program = await Program.start("gammu-smsd", "-c", str(config), log=self.folder / "out")
        self._watchers = [asyncio.create_task(self._inbox()), asyncio.create_task(self._reports())]

    async def send(self, to: str, texts: Iterable[str]) -> list[float]:
        """See Peer."""
        handed = []
        for text in texts:
            name = f"OUTA20260101_000000_{next(self._numbers):04}_{to}_x.txtd"
            written = self.folder / name
            written.write_text(text)
            written.rename(self.folder / "outbox" / name)
            handed.append(time.monotonic())
        return handed

    async def _inbox(self) -> None:
        folder = Folder(self.folder / "inbox")
        while True:
            name, content, at = await folder.new_file()
            sender = _SENDER.fullmatch(name)
            self.received.put_nowait(Received(sender[1] if sender else "", content, at))

    async def _reports(self) -> None:
        told = 0
        while True:
            found = _REPORT.findall(self._log.read_text(errors="replace")) if self._log.exists() else []
            for line in found[told:]:
                self.reports.put_nowait(line)
            told = len(found)
            await asyncio.sleep(0.1)
