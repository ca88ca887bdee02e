"""Drives python-gsmmodem-new by lines of JSON; runs in the environment that has it, so it imports nothing of ours.

In: {"to": …, "texts": […]}. Out: {"ready": true}; {"handed": […]}, when each text was; {"received": …};
{"report": true}.
"""

import json
import sys
import threading
import time
from typing import Any

from gsmmodem.modem import GsmModem  # type: ignore[import-not-found]

_RETRY_S = 0.05
_lock = threading.Lock()


def _say(**what: object) -> None:
    with _lock:
        print(json.dumps(what), flush=True)


def _received(sms: Any) -> None:
    at = time.monotonic()
    _say(received={"sender": sms.number, "text": sms.text, "at": at})


def _send(modem: Any, to: str, text: str) -> None:
    """As a caller would who must not lose it: again until it is sent."""
    while True:
        try:
            modem.sendSms(to, text)
        except Exception as error:
            print(repr(error), file=sys.stderr, flush=True)
            time.sleep(_RETRY_S)
        else:
            return


def main() -> None:
    """Work until standard input ends."""
    modem = GsmModem(
        sys.argv[1],
        smsReceivedCallbackFunc=_received,
        smsStatusReportCallback=lambda report: _say(report=True),
        AT_CNMI="2,1,0,1,0",
    )
    modem.connect()
    _say(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        handed = []
        for text in order["texts"]:
            handed.append(time.monotonic())
            _send(modem, order["to"], text)
        _say(handed=handed)


main()
