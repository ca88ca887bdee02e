"""A modem that answers and has lost its network is helped back, gently at first."""

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from typing import Final

from modem_drivers.errors import CommandRefused, NotRegistered
from modem_drivers.modem import Modem
from modem_drivers.recovery import REPAIRS, Repair, repairs_due

_log: Final = logging.getLogger(__name__)


class NetworkWatch:
    """Looks at the registration of one modem; each time `patience` seconds are used up one more thing is tried."""

    def __init__(self, patience: float) -> None:
        self.repairs: Counter[Repair] = Counter()
        self._patience = patience
        self._lost_at: float | None = None
        self._tried = 0

    def forget(self) -> None:
        """The modem was set up anew."""
        self._lost_at, self._tried = None, 0

    async def look(self, modem: Modem) -> None:
        """One look, and one repair where one is due.

        Raises NotRegistered where nothing is left but to set the modem up again, and CommandRefused,
        CommandTimeout or PortGone.
        """
        registration = await modem.network.registration()
        if registration.registered or registration.sms_possible:
            self.forget()
            return
        now = asyncio.get_running_loop().time()
        if self._lost_at is None:
            self._lost_at = now
        if repairs_due(now - self._lost_at, self._patience) <= self._tried:
            return
        repair = REPAIRS[self._tried]
        self._tried += 1
        self.repairs[repair] += 1
        _log.warning("modem %s is without a network: %s", modem.info.imei, repair.value)
        match repair:
            case Repair.CHOOSE:
                with suppress(CommandRefused):
                    await modem.session.command("+COPS=0")
            case Repair.RADIO:
                await radio_off_and_on(modem)
            case Repair.SET_UP:
                raise NotRegistered(
                    "expected the modem on its network again after its radio was restarted, it is not; "
                    "check the antenna and the SIM's subscription"
                )


async def radio_off_and_on(modem: Modem) -> None:
    """Takes the radio, not the modem, out of the network and back (3GPP TS 27.007 clause 8.2).

    Raises CommandRefused, CommandTimeout, PortGone.
    """
    await modem.session.command(modem.profile.power.radio_off)
    await modem.session.command("+CFUN=1")
