"""Writes one ready-made PDU again and again and reads until OK, by lines of JSON as gsmmodem.py does.

It decides, decodes and recovers nothing: what it reaches is the most that the machine and the simulated modem allow.
"""

import json
import os
import sys
import time
import tty

SET_UP = (b"ATE0\r", b"AT+CMGF=0\r", b"AT+CNMI=2,1,0,1,0\r")
PDU = b"002101089151551010000017C3F79B9D769F41E6709D4D0785E9A0799A5E06C100\x1a"
"""To Alice: Cooling fault at site 1, with a report."""


def _say(**what: object) -> None:
    print(json.dumps(what), flush=True)


def _until(port: int, end: bytes) -> None:
    got = b""
    while end not in got:
        got += os.read(port, 4096)


def main() -> None:
    """Work until standard input ends."""
    port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
    tty.setraw(port)
    for command in SET_UP:
        os.write(port, command)
        _until(port, b"OK\r\n")
    _say(ready=True)
    for line in sys.stdin:
        handed = []
        for _ in json.loads(line)["texts"]:
            handed.append(time.monotonic())
            os.write(port, b"AT+CMGS=%d\r" % (len(PDU) // 2 - 1))
            _until(port, b"> ")
            os.write(port, PDU)
            _until(port, b"OK\r\n")
        _say(handed=handed)


main()
