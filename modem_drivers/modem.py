"""The modem people use: opened by address, identified, with a room for each thing it can do."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from modem_drivers.errors import (
    CommandError,
    CommandRefused,
    IdentityError,
    ModemError,
    PortError,
    PortMissing,
)
from modem_drivers.features.answers import identity, value
from modem_drivers.features.capabilities import Capabilities, probe
from modem_drivers.features.keys import Keys
from modem_drivers.features.network import Network
from modem_drivers.features.packet_data import PacketData
from modem_drivers.features.sim import Sim
from modem_drivers.features.sms import Sms
from modem_drivers.features.speech import Speech
from modem_drivers.features.ussd import UssdSession
from modem_drivers.features.voice import Voice
from modem_drivers.identity import normalise_imei
from modem_drivers.probe import BY_IMEI, at_ports, device_at
from modem_drivers.profiles import GENERIC, Profile, profile_for
from modem_drivers.session import Session
from modem_drivers.transport import Transport, open_port


@dataclass(frozen=True, slots=True)
class Info:
    """Who the modem is, in its own words, and its IMEI of 15 digits."""

    manufacturer: str
    model: str
    revision: str
    imei: str


class Modem:
    """One open modem. Its verbs live in `sim`, `network`, `data`, `sms`, `voice`, `keys`, `speech` and `ussd`.

    What a unit may lack is asked of it first; `session` takes any command.
    """

    def __init__(self, session: Session, info: Info) -> None:
        self.session = session
        self.info = info
        self.sim = Sim(session)
        self.network = Network(session)
        self.data = PacketData(session, self.network)
        self.sms = Sms(session)
        self.voice = Voice(session)
        self.keys = Keys(session)
        self.speech = Speech(session)
        self.ussd = UssdSession(session)

    @classmethod
    async def open(cls, address: str | Transport, *, profile: Profile | None = None) -> Self:
        """Opens the modem, brings it into step, identifies it and sets it up.

        `address` is a device file, `socket://host:port`, `rfc2217://host:port`, or a Transport; `usb:1-1.2` is
        whatever modem is plugged in there, `imei:490154203237518` that modem wherever it is plugged in. Without
        `profile` it is chosen by what the modem says it is. Raises PortMissing, PortBusy, PortGone, CommandTimeout
        where nothing answers, IdentityError where it has, or `imei:` names, no valid IMEI, and CommandRefused or
        UnexpectedReply where it does not tell who it is.
        """
        if isinstance(address, str) and address.startswith(BY_IMEI):
            return await cls._find(address, profile)
        transport = open_port(device_at(address)) if isinstance(address, str) else address
        session = Session(transport, profile or GENERIC)
        await session.open()
        try:
            await _set_up(session, GENERIC)
            info = await _identify(session)
            chosen = profile or profile_for(info.manufacturer, info.model)
            session.use(chosen)
            await _set_up(session, chosen, done=GENERIC)
        except BaseException:
            await session.close()
            raise
        return cls(session, info)

    @classmethod
    async def _find(cls, address: str, profile: Profile | None) -> Self:
        """Asks the modem at each AT port that is free who it is."""
        imei = normalise_imei(address.removeprefix(BY_IMEI))
        for port in at_ports():
            try:
                modem = await cls.open(port.device, profile=profile)
            except (PortError, CommandError, IdentityError):
                continue
            if modem.info.imei == imei:
                return modem
            await modem.close()
        raise PortMissing(address, "no modem at a free port has this IMEI")

    @property
    def profile(self) -> Profile:
        """The profile in use."""
        return self.session.profile

    @property
    def closed(self) -> asyncio.Event:
        """Set once the line is lost or closed; `reason` then says why."""
        return self.session.closed

    @property
    def reason(self) -> ModemError | None:
        """Why the modem is closed, None while it is open."""
        return self.session.reason

    async def identify(self) -> Info:
        """Who the modem is, asked of it again (3GPP TS 27.007 clauses 5.1 to 5.4). Raises as `open` once it is open."""
        self.info = await _identify(self.session)
        return self.info

    async def capabilities(self) -> Capabilities:
        """What this unit can do, asked of it once a session; nothing is sent to anybody.

        Raises PortGone and CommandTimeout.
        """
        return await probe(self)

    async def close(self) -> None:
        """Closes the modem; what it was doing fails with PortGone. Closing twice is harmless."""
        try:
            await self.sms.stop()
            await self.voice.stop()
        finally:  # also where whoever closes it does not wait for a consumer
            await self.session.close()


async def _set_up(session: Session, profile: Profile, *, done: Profile | None = None) -> None:
    for command in profile.setup:
        if done is None or command not in done.setup:
            with suppress(CommandRefused):
                await session.command(command)


async def _identify(session: Session) -> Info:
    manufacturer = await _word(session, "+CGMI")
    model = await _word(session, "+CGMM")
    revision = await _word(session, "+CGMR")
    imei = normalise_imei(identity(await session.command("+CGSN"), "+CGSN"))
    return Info(manufacturer, model, revision, imei)


async def _word(session: Session, command: str) -> str:
    try:
        return value(await session.command(command), command)
    except CommandRefused:
        return ""
