"""The stage: the service as `fleet serve` builds it, and fixtures that it knows only by serial line, MQTT and HTTP."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cli.client import AsyncClient, Endpoints
from fleet import app
from fleet.clock import Clock
from fleet.settings import CoapSettings, HttpSettings, ModemSettings, MqttSettings, ProviderSettings, Settings, load
from hw_fixtures.modem import SimCard, SimulatedModem, load_model, serve_pty
from hw_fixtures.network import Network, Phone, Text
from hw_fixtures.providers.sandbox import Sandbox
from hw_fixtures.providers.sandbox import serve as serve_provider
from hw_fixtures.vending.machine import VendingMachine
from hw_fixtures.vending.telemeter import Telemeter
from hw_fixtures.vending.uplink import Uplink

MACHINES: Final = tuple(f"vm-{number:02}" for number in range(1, 13))
NEW: Final = MACHINES[:3]
"""The machines whose SIMs are provisioned while you watch."""
PHONES: Final = {"ana": "+12025550101", "ben": "+12025550102", "carla": "+12025550103"}
PIN: Final = "2468"
APN: Final = "machines.example"
PENDING_S: Final = 1.5
"""Real seconds the provider takes for an activation."""
POLL_S: Final = 1.0
"""Real seconds between two looks at a SIM whose activation is under way."""
REPORT_S: Final = 0.25
"""Real seconds between two reports of a machine."""
CODE: Final = re.compile(r"\b(\d+)A\b")


@dataclass(frozen=True, slots=True)
class Bench:
    """A new machine's modem: where it is found, and the SIM in it."""

    device: str
    port: str
    iccid: str


@dataclass
class Stage:
    """All that the story needs; the service itself is reached through `api` alone."""

    api: AsyncClient
    endpoints: Endpoints
    clock: Clock
    network: Network
    benches: list[Bench]
    data_dir: Path
    machines: dict[str, VendingMachine] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def phone(self, person: str) -> Phone:
        """The phone of a technician."""
        return self.network.phone(PHONES[person])

    def code(self, person: str) -> str:
        """The reply code in the last offer on their phone."""
        return next(found[1] for text in reversed(self.phone(person).inbox) if (found := CODE.search(text.text)))

    def on_offer(self, person: str, act: Callable[[], None]) -> None:
        """Have `act` done each time an offer reaches their phone."""

        def read(text: Text) -> None:
            if CODE.search(text.text):
                act()

        self.phone(person).on_text.append(read)

    def start_machine(self, name: str, token: str) -> None:
        """The machine is switched on and reports."""
        machine = VendingMachine(name, seed=1)
        self.machines[name] = machine
        uplink = Uplink(self.endpoints.mqtt, name, token)
        self.spawn(Telemeter(machine, uplink, now=self.clock.now, interval=REPORT_S).run())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` until the stage is cleared."""
        self._tasks.add(asyncio.create_task(work))

    async def clear(self) -> None:
        """Stop what was spawned; what failed in it is raised."""
        for task in self._tasks:
            task.cancel()
        done = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in done:
            if isinstance(result, Exception):
                raise result


@asynccontextmanager
async def stage(
    data_dir: Path, speed: float, http_port: int, mqtt_port: int, *, with_modem: bool
) -> AsyncIterator[Stage]:
    """Set the stage in `data_dir`: provider, modems, phones, then the service. Raises SetupError."""
    async with AsyncExitStack() as stack:
        clock = Clock(speed)
        network = Network(clock.now)
        fixtures = data_dir / "fixtures"
        fixtures.mkdir(parents=True)
        sandbox, provider = await stack.enter_async_context(_provider(fixtures, clock))
        gateway = fixtures / "modem-gateway"
        if with_modem:
            await stack.enter_async_context(serve_pty(_modem(network, 0, pin=None), gateway))
        benches = []
        for number, device in enumerate(NEW, start=1):
            modem = _modem(network, number, pin=PIN)
            port = fixtures / f"modem-{device}"
            await stack.enter_async_context(serve_pty(modem, port))
            assert modem.sim is not None
            benches.append(Bench(device, str(port), modem.sim.iccid))
        sandbox.ledger.silent.add(benches[-1].iccid)  # this one's activation is heard of by polling
        settings = _settings(data_dir, http_port, mqtt_port, provider, gateway)
        service = await stack.enter_async_context(app.running(settings, clock))
        endpoints = Endpoints(service.endpoints.http, service.endpoints.mqtt, service.endpoints.token)
        api = await stack.enter_async_context(AsyncClient(endpoints))
        set_up = Stage(api, endpoints, clock, network, benches, data_dir)
        stack.push_async_callback(set_up.clear)
        yield set_up


@asynccontextmanager
async def _provider(folder: Path, clock: Clock) -> AsyncIterator[tuple[Sandbox, ProviderSettings]]:
    token, secret = folder / "provider.token", folder / "provider.secret"
    token.write_text(secrets.token_hex(16))
    secret.write_text(secrets.token_hex(16))
    sandbox = Sandbox(token.read_text(), secret=secret.read_text(), pending=PENDING_S, now=clock.now)
    async with serve_provider(sandbox) as url:
        files = {"token_file": token, "callback_secret_file": secret}
        yield sandbox, ProviderSettings(name="sandbox", url=url, poll_s=POLL_S, **files)


def _settings(data_dir: Path, http: int, mqtt: int, provider: ProviderSettings, gateway: Path) -> Settings:
    return load(
        None,
        data_dir=data_dir,
        http=HttpSettings(port=http),
        mqtt=MqttSettings(port=mqtt),
        coap=CoapSettings(enabled=False),
        provider=[provider],
        modem=[ModemSettings(port=str(gateway))],
    )


def _modem(network: Network, number: int, *, pin: str | None) -> SimulatedModem:
    card = SimCard(
        iccid=_luhn(f"89883030000000000{number}"),
        imsi=f"00101000000000{number}",
        msisdn=f"+1555019{number}",
        pin=pin,
    )
    return SimulatedModem(
        load_model("quectel-ec25"),
        network=network,
        sim=card,
        imei=_luhn(f"8676980400001{number}"),
        registered_after=1.0 if number else 0.0,
        cmgs_latency=0.2,
    )


def _luhn(body: str) -> str:
    """`body` and its check digit (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)
