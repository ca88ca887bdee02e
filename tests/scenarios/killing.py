"""The kill run: the service is killed again and again while a text is being written, an offer is pending and publishes
are unacknowledged; afterwards everything is counted."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cli.client import AsyncClient, Endpoints
from hw_fixtures.modem import SimCard, SimulatedModem, load_model
from hw_fixtures.modem.pty import serve_pty
from hw_fixtures.network import Network, Phone
from tests.http_publisher import HttpPublisher
from tests.publisher import Publisher
from tests.scenarios.storing import check_stored
from tests.service import ServiceProcess
from tests.waiting import until

Way = Literal["mqtt", "http"]
"""How the machines report."""
RATE = 500.0
PUBLISHERS = 10
CMGS_LATENCY = 0.6
"""Real seconds the modem takes for a text: long enough to be killed in the middle of it."""
OFFER_S = 3
PHONES = {"ana": "+12025550101", "ben": "+12025550102"}
ONCE = ("alert.raised", "ticket.opened", "ticket.offered", "offer.timed_out", "ticket.accepted", "ticket.exhausted")
"""Steps that happen at most once for one subject and one turn."""


class KillRun:
    """Everything on stage: the service, its modem, two technicians' phones, the machines."""

    def __init__(self, folder: Path, seed: int, way: Way = "mqtt", database_url: str = "") -> None:
        """`way`: how the machines report; `database_url`: empty for SQLite."""
        self._way, self._database_url = way, database_url
        self.random = random.Random(seed)
        self.network = Network(lambda: datetime.now(UTC))
        link = folder / "gateway-modem"
        card = SimCard(iccid="8988300000000000013", imsi="001010000000001", msisdn="+15550199")
        self.modem = SimulatedModem(
            load_model("quectel-ec25"),
            network=self.network,
            sim=card,
            imei="867698040000005",
            cmgs_latency=CMGS_LATENCY,
        )
        self._link = link
        sections = (f'[[modem]]\nport = "{link}"', "[escalation]\nsettle_s = 2", f'[database]\nurl = "{database_url}"')
        self.service = ServiceProcess(folder, "\n".join(sections))
        self.publishers: list[Publisher | HttpPublisher] = []

    async def run(self, kills: int) -> None:
        """Kill the service `kills` times, let everything come to rest, check what must hold."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(serve_pty(self.modem, self._link))
            await stack.enter_async_context(self.service)
            await self._set_up(kills)
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                for publisher in self.publishers:
                    group.create_task(publisher.run(stop))
                for number in range(kills):
                    await self._kill_while_all_is_under_way(number)
                await asyncio.sleep(0.5)
                stop.set()
            await self._rest()
            async with self.service.client() as api:
                entries = [entry async for entry in api.pages("/v1/audit")]
            await self.service.stop()
            check_steps(entries, [name for name, _ in self._victims])
            url = self._database_url or f"sqlite:///{self.service.data_dir / 'fleet.db'}"
            stored = check_stored(url, self.publishers)
            assert all(stored[name] == 1 for name, _ in self._victims)
            for phone in PHONES.values():
                check_phone(self.network.phone(phone), kills)

    async def _set_up(self, kills: int) -> None:
        async with self.service.client() as api:
            await furnish(api, self.network)
            for number in range(PUBLISHERS):
                token = (await api.post("/v1/devices", {"name": f"pub-{number}"}))["token"]
                self.publishers.append(self._publisher(f"pub-{number}", token))
            self._victims = [
                (f"vm-{number}", (await api.post("/v1/devices", {"name": f"vm-{number}"}))["token"])
                for number in range(kills)
            ]

    def _publisher(self, name: str, token: str) -> Publisher | HttpPublisher:
        rate = RATE / PUBLISHERS
        if self._way == "http":
            return HttpPublisher(name, token, self.service.endpoints.http, rate)
        return Publisher(name, token, self.service.mqtt, rate)

    async def _kill_while_all_is_under_way(self, number: int) -> None:
        """A door opens, an offer's text is being written: kill, at a random moment of that; start again."""
        name, token = self._victims[number]
        async with self.service.client() as api:
            await open_door(api.endpoints, name, token)
            await until(lambda: writing(api, name), f"a text about {name} being written")
        await until(self._some_unacknowledged, "unacknowledged publishes")
        await asyncio.sleep(self.random.uniform(0, CMGS_LATENCY * 0.8))
        while not await self._some_unacknowledged():
            await asyncio.sleep(0)
        await self.service.kill()
        await self.service.start()

    async def _some_unacknowledged(self) -> bool:
        return any(publisher.unacknowledged for publisher in self.publishers)

    async def _rest(self) -> None:
        """Until every ticket has gone through its policy."""

        async with self.service.client() as api:
            await all_exhausted(api, len(self._victims))


async def furnish(api: AsyncClient, network: Network) -> None:
    """Two technicians with phones, a policy that asks both, a rule for opened doors."""
    for name, phone in PHONES.items():
        await api.post("/v1/technicians", {"name": name, "phone": phone})
        network.phone(phone)
    steps = [{"technician": name, "timeout_s": OFFER_S} for name in PHONES]
    await api.post("/v1/policies", {"name": "night", "steps": steps})
    spec = {"kind": "event", "code": "door_open"}
    await api.post("/v1/rules", {"name": "door", "policy": "night", "spec": spec})


async def open_door(endpoints: Endpoints, device: str, token: str) -> None:
    """A machine reports over HTTP that its door is open."""
    async with AsyncClient(replace(endpoints, token=token)) as machine:
        await machine.post(f"/v1/devices/{device}/events", {"id": "door", "code": "door_open", "state": "on"})


async def writing(api: AsyncClient, device: str) -> bool:
    """Whether the text of an offer about `device` is being written."""
    numbers = [ticket["number"] async for ticket in api.pages("/v1/tickets") if ticket["device"] == device]
    offers = [offer for number in numbers for offer in (await api.get(f"/v1/tickets/{number}/offers"))["items"]]
    return any(offer["state"] == "pending" and offer["text"] == "writing" for offer in offers)


async def all_exhausted(api: AsyncClient, tickets: int) -> None:
    """Wait until so many tickets have gone through their policy."""

    async def exhausted() -> bool:
        found = [ticket async for ticket in api.pages("/v1/tickets")]
        return len(found) == tickets and all(ticket["state"] == "exhausted" for ticket in found)

    await until(exhausted, "every ticket to have been offered to both technicians", within=90 + 10 * tickets)


def check_steps(entries: list[dict[str, Any]], devices: Iterable[str]) -> None:
    """No step of an escalation was taken twice, and each of these machines had one ticket."""
    steps = Counter(
        (entry["verb"], entry["subject"], entry["facts"].get("technician"))
        for entry in entries
        if entry["verb"] in ONCE
    )
    assert {step: times for step, times in steps.items() if times > 1} == {}
    for name in devices:
        assert sum(entry["verb"] == "ticket.opened" and entry["facts"]["device"] == name for entry in entries) == 1


def check_phone(phone: Phone, tickets: int) -> None:
    """Somebody got each ticket's offer at least once, at most twice, and then word for word."""
    offers = Counter(text.text for text in phone.inbox if re.search(r"\d+A\b", text.text))
    codes = [re.search(r"(\d+)A\b", text).group(1) for text in offers]  # type: ignore[union-attr]
    assert len(offers) == tickets, offers
    assert len(set(codes)) == tickets, "a code was used for two orders"
    assert max(offers.values()) <= 2, offers
