"""Reads and writes and no more, by lines of JSON as gsmmodem.py does.

Out goes one ready-made PDU again and again, in comes what AT+CMGR answers. It decides and recovers nothing: what it
reaches is the most that the machine and the simulated modem allow.
"""

import json
import os
import re
import select
import sys
import time
import tty
from collections import deque

from modem_drivers.pdu import decode_deliver

SET_UP = (b"ATE0\r", b"AT+CMGF=0\r", b"AT+CNMI=2,1,0,1,0\r")
PDU = b"002101089151551010000017C3F79B9D769F41E6709D4D0785E9A0799A5E06C100\x1a"
"""To Alice: Cooling fault at site 1, with a report."""
ANNOUNCED = re.compile(rb'\+CMTI: "..",([0-9]+)')
TEXT = re.compile(rb"\+CMGR: .*\r\n([0-9A-F]+)\r\n")


def _say(**what: object) -> None:
    print(json.dumps(what), flush=True)


class Line:
    """The modem's line; `stored` is where the texts are that it has announced."""

    def __init__(self, path: str) -> None:
        self.port = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.port)
        self.stored: deque[bytes] = deque()
        self._tail = b""

    def ask(self, command: bytes, end: bytes = b"OK\r\n") -> bytes:
        """Write, and read until what ends the answer."""
        os.write(self.port, command)
        got = b""
        while end not in got:
            got += self.hear()
        return got

    def hear(self) -> bytes:
        """What has come, with the announcements in it noted."""
        got = os.read(self.port, 4096)
        lines = (self._tail + got).split(b"\n")
        self._tail = lines.pop()
        self.stored += (found[1] for line in lines if (found := ANNOUNCED.match(line)))
        return got

    def take(self) -> None:
        """Read and delete every text that is announced; what the text says is looked up behind the clock."""
        while self.stored:
            index = self.stored.popleft()
            got = self.ask(b"AT+CMGR=" + index + b"\r")
            at = time.monotonic()
            found = TEXT.search(got)
            if found is not None:
                deliver = decode_deliver(found[1].decode())
                _say(received={"sender": deliver.sender.number, "text": deliver.text, "at": at})
            self.ask(b"AT+CMGD=" + index + b"\r")


def main() -> None:
    """Work until standard input ends."""
    line = Line(sys.argv[1])
    for command in SET_UP:
        line.ask(command)
    _say(ready=True)
    while True:
        ready, _, _ = select.select([line.port, sys.stdin], [], [])
        if line.port in ready:
            line.hear()
            line.take()
        elif not (order := sys.stdin.readline()):
            return
        else:
            handed = []
            for _ in json.loads(order)["texts"]:
                handed.append(time.monotonic())
                line.ask(b"AT+CMGS=%d\r" % (len(PDU) // 2 - 1), b"> ")
                line.ask(PDU)
            _say(handed=handed)
            line.take()


main()
