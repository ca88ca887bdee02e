"""A simulated modem with a SIM in it, as these tests meet it."""

from hw_fixtures.modem import SimCard, SimulatedModem, load_model
from hw_fixtures.network import Network
from modem_drivers import Modem, Outcome
from modem_drivers.identity import luhn_digit

ICCID = "894450100121314156" + luhn_digit("894450100121314156")
IMEI = "86010703000001" + luhn_digit("86010703000001")
IMSI = "001010123456789"
OURS, PHONE = "+15550199", "+15550101"


class Guard:
    """Remembers in memory which PINs were refused."""

    def __init__(self) -> None:
        self.refused: set[tuple[str, str]] = set()

    def refused_before(self, iccid: str, pin: str) -> bool:
        return (iccid, pin) in self.refused

    def remember_refused(self, iccid: str, pin: str) -> None:
        self.refused.add((iccid, pin))


def simulated(
    model: str,
    network: Network,
    *,
    imei: str = IMEI,
    pin: str | None = None,
    registered_after: float = 0,
    reboot_after: float = 0.1,
) -> SimulatedModem:
    """A modem of this model; times in seconds."""
    return SimulatedModem(
        load_model(model),
        network=network,
        sim=SimCard(ICCID, IMSI, OURS, pin=pin),
        imei=imei,
        registered_after=registered_after,
        reboot_after=reboot_after,
    )


async def text(modem: Modem, words: str, reference: int = 1) -> list[Outcome]:
    """Texts the phone; the outcome of each part."""
    parts = modem.sms.compose(PHONE, words, first_reference=reference, concat_reference=reference)
    return [await modem.sms.submit(part) for part in parts]
