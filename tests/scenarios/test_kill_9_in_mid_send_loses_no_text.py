"""The service is killed while a modem takes one text and more wait: none is lost, the one in doubt is repeated once."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from cli.client import AsyncClient
from hw_fixtures.modem.host import Speaker
from modem_drivers import pdu
from tests.peers.stand import ALICE, Stand, stand
from tests.scenarios.killing import open_door
from tests.service import ServiceProcess
from tests.waiting import until

QUEUED = 5
CMGS_S = 1.5
"""Real seconds the network takes for a text: long enough to be killed in the middle of it."""
SETTLE_S = 2
PDU = re.compile(rb"([0-9A-F]+)\x1a")


class Wire:
    """Every text the service has written to the modem."""

    def __init__(self, bench: Stand) -> None:
        self._heard = bytearray()
        self._next = bench.served.tap
        bench.served.tap = self._tap

    def _tap(self, speaker: Speaker, data: bytes) -> None:
        if speaker == "host":
            self._heard += data
        if self._next is not None:
            self._next(speaker, data)

    @property
    def written(self) -> list[pdu.SubmitPdu]:
        """As the network reads them, in order."""
        return [pdu.decode_submit(hexed.decode()) for hexed in PDU.findall(bytes(self._heard))]


@pytest.mark.parametrize("rejects_duplicates", [True, False], ids=["a centre that knows TP-RD", "one that does not"])
async def test_five_texts_are_queued(rejects_duplicates: bool, database_url: str, tmp_path: Path) -> None:
    async with stand(tmp_path / "modem", latency=CMGS_S) as bench:
        bench.network.centre.rejects_duplicates = rejects_duplicates
        wire = Wire(bench)
        bench.served.unplug()  # until all are queued
        config = f'[[modem]]\nport = "{tmp_path / "modem"}"\n\n[escalation]\nsettle_s = {SETTLE_S}\n'
        async with ServiceProcess(tmp_path, config, database_url=database_url) as service:
            async with service.client() as api:
                await five_machines_break(api)
                await until(lambda: states(api, "queued", QUEUED), "five texts waiting")
            bench.served.plug()
            async with asyncio.timeout(20):
                while len(wire.written) < 1:
                    await asyncio.sleep(0.01)
            await service.kill()
            assert bench.phone.inbox == [], "killed before the network had answered"
            await service.start()
            async with service.client() as api:
                await until(lambda: states(api, "sent", QUEUED), "five texts sent", within=60)
                audit = [entry["verb"] async for entry in api.pages("/v1/audit")]
            await service.stop()

    first, *others = wire.written
    again = [text for text in others if text.reject_duplicates]
    assert [(text.text, text.reference) for text in again] == [(first.text, first.reference)]
    assert not first.reject_duplicates
    assert len(others) == QUEUED, "the four that waited, and the one in doubt once more"
    assert audit.count("text.unknown") == audit.count("text.resent") == 1
    inbox = [text.text for text in bench.phone.inbox]
    assert len(set(inbox)) == QUEUED
    assert len(inbox) == (QUEUED if rejects_duplicates else QUEUED + 1)


async def five_machines_break(api: AsyncClient) -> None:
    """Five alerts, each offered to Alice."""
    await api.post("/v1/technicians", {"name": "alice", "phone": ALICE})
    await api.post("/v1/policies", {"name": "night", "steps": [{"technician": "alice", "timeout_s": 600}]})
    await api.post("/v1/rules", {"name": "door", "policy": "night", "spec": {"kind": "event", "code": "door_open"}})
    for number in range(QUEUED):
        token = (await api.post("/v1/devices", {"name": f"vm-{number}"}))["token"]
        await open_door(api.endpoints, f"vm-{number}", token)


async def states(api: AsyncClient, state: str, count: int) -> bool:
    """Whether so many texts are in this state."""
    found: list[dict[str, Any]] = [text async for text in api.pages("/v1/texts") if text["state"] == state]
    return len(found) == count
