"""Drives modem_drivers alone by lines of JSON, as a program of somebody who only wants texts would; see gsmmodem.py."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import count

from modem_drivers import Modem, Sent, Stored, Supervisor
from modem_drivers.pdu import StatusReport, Submit, encode_submit

UNDER_WAY = 2
"""Texts: one on the line, the next ready to follow it."""


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def _received(stored: Stored) -> None:
    at = time.monotonic()
    _say(received={"sender": stored.deliver.sender.number, "text": stored.deliver.text, "at": at})


async def _report(report: StatusReport) -> None:
    _say(report=True)


async def _set_up(modem: Modem) -> None:
    modem.sms.on_message, modem.sms.on_report = _received, _report
    await modem.sms.start()


async def _send_all(supervisor: Supervisor, to: str, texts: Iterator[tuple[int, str]], handed: list[float]) -> None:
    """One text after the other, as long as there are any."""
    for reference, text in texts:
        handed.append(time.monotonic())
        for part in encode_submit(to, text, first_reference=reference % 256):
            await _send(supervisor, part)


async def _send(supervisor: Supervisor, part: Submit) -> None:
    """Again until it is sent."""
    while True:
        modem = await supervisor.wait_ready()
        if isinstance(await modem.sms.submit(part), Sent):
            return


async def main() -> None:
    """Work until standard input ends."""
    supervisor = Supervisor(sys.argv[1], on_modem=_set_up)
    keeping = asyncio.create_task(supervisor.run())
    await supervisor.wait_ready()
    _say(ready=True)
    loop, references = asyncio.get_running_loop(), count()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        handed: list[float] = []
        texts = zip(references, order["texts"], strict=False)
        await asyncio.gather(*(_send_all(supervisor, order["to"], texts, handed) for _ in range(UNDER_WAY)))
        _say(handed=handed)
    keeping.cancel()


asyncio.run(main())
