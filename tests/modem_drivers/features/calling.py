"""A modem of each kind on a network with phones, its looks at the list of calls hastened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hw_fixtures.modem import SimCard, SimulatedModem, load_model, serve_memory
from hw_fixtures.network import Network, Phone
from modem_drivers import Modem
from modem_drivers.profiles import profile_for

OURS, PHONE = "+15550199", "+15550101"
EC25, SIM7600, PLAIN = "quectel-ec25", "simcom-sim7600", "generic-3gpp"
WITH_VOICE = (EC25, SIM7600, PLAIN)


@dataclass
class Yard:
    """The modem as its driver has it, the one that is simulated, and a phone."""

    modem: Modem
    simulated: SimulatedModem
    network: Network
    phone: Phone
    said: bytearray


@asynccontextmanager
async def yard(model: str, **options: float) -> AsyncIterator[Yard]:
    network = Network(lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    card = SimCard("8988300000000000013", "001010123456789", OURS)
    simulated = SimulatedModem(
        load_model(model),
        network=network,
        sim=card,
        imei="867698040000005",
        **options,
    )
    async with serve_memory(simulated) as served:
        said = bytearray()
        served.tap = lambda who, data: said.extend(data) if who == "host" else None
        profile = profile_for(simulated.model.manufacturer, simulated.model.model)
        modem = await Modem.open(served, profile=replace(profile, settle=0.005))
        modem.voice.poll = 0.01
        try:
            yield Yard(modem, simulated, network, network.phone(PHONE), said)
        finally:
            await modem.close()
