"""What one unit can do. Firmware and SIM decide, not the model's name: each thing is asked for with AT+X=?."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modem_drivers.features.offers import offered

if TYPE_CHECKING:
    from modem_drivers.modem import Modem


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Texts, calls, the far end's keys heard, keys sent, speech made by the modem, USSD."""

    texts: bool
    voice: bool
    keys: bool
    keys_sent: bool
    speech: bool
    ussd: bool


async def probe(modem: "Modem") -> Capabilities:
    """What this unit can do, asked of it; nothing is sent to anybody and nothing costs.

    Raises PortGone and CommandTimeout.
    """
    voice = await modem.voice.supported()
    return Capabilities(
        texts=await offered(modem.session, "+CMGS"),
        voice=voice,
        keys=voice and await modem.keys.supported(),
        keys_sent=voice and await offered(modem.session, "+VTS"),
        speech=voice and await modem.speech.supported(),
        ussd=await modem.ussd.supported(),
    )
