"""Texts in PDU mode: out by AT+CMGS, in through the inbox. Clauses are of 3GPP TS 27.005."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from modem_drivers import pdu
from modem_drivers.at import params
from modem_drivers.at.codes import Cme, Cms
from modem_drivers.at.commands import CTRL_Z
from modem_drivers.at.parsers.memories import fill, offered
from modem_drivers.errors import CommandRefused, CommandTimeout, PortGone, UnexpectedReply
from modem_drivers.features.answers import rows
from modem_drivers.features.inbox import Inbox

_NO_ACKNOWLEDGEMENTS: Final = "+CSMS=0"
"""With 1 every direct delivery would want an AT+CNMA, and a modem may have it stored from before."""
_LAST_REFERENCE: Final = 255  # TP-MR, 3GPP TS 23.040 clause 9.2.3.6
_PDU_MODE: Final = "+CMGF=0"


@dataclass(frozen=True, slots=True)
class Sent:
    """The network took the text; a later status report bears `reference` (TP-MR)."""

    reference: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The text did not leave; `may_retry` where the cause may pass."""

    code: Cms | Cme | None
    text: str
    may_retry: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The text was handed to the modem and nobody knows what became of it: settle that before a repeat."""

    reason: str


Outcome = Sent | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Storage:
    """How full the memory is that received texts go to, counted in messages."""

    used: int
    total: int

    @property
    def full(self) -> bool:
        """No text has room: the next ones wait at the network."""
        return self.used >= self.total


class Sms(Inbox):
    """Texts over one modem. All but `compose` and `submit` raise PortGone and CommandTimeout beside what they name."""

    async def start(self) -> None:
        """Sets PDU mode, storage and notification (clauses 3.2.3, 3.2.2, 3.4.1), then reads in everything stored.

        Set `on_message` and `on_report` first. Raises CommandRefused where the modem has no SMS, UnexpectedReply where
        it has no memory for them.
        """
        with suppress(CommandRefused):
            await self._session.command(_NO_ACKNOWLEDGEMENTS)
        await self._session.command(_PDU_MODE)
        await self._choose_storage()
        await self._route()
        await self.begin()
        await self.sweep()

    async def send(self, to: str, text: str) -> tuple[Outcome, ...]:
        """Sends a text and returns the outcome of each part; the first that is not Sent is the last.

        For programs that keep no record of what they send; one that does composes first, stores the parts and
        submits them. Raises PduError for what cannot be sent, CommandRefused where the modem has no SMS.
        """
        references = secrets.randbelow(256), secrets.randbelow(256)
        parts = self.compose(to, text, first_reference=references[0], concat_reference=references[1])
        await self._session.command(_PDU_MODE)
        outcomes: list[Outcome] = []
        for part in parts:
            outcomes.append(await self.submit(part))
            if not isinstance(outcomes[-1], Sent):
                break
        return tuple(outcomes)

    def compose(
        self,
        to: str,
        text: str,
        *,
        first_reference: int,
        concat_reference: int = 0,
        wide_reference: bool = False,
        resend: bool = False,
        validity: timedelta | None = None,
        message_class: int | None = None,
        silent: bool = False,
        shifts: Iterable[pdu.Shift] = pdu.READABLE,
    ) -> tuple[pdu.Submit, ...]:
        """The parts a text travels in, with a report asked for; nothing is written. Raises PduError.

        `resend` marks them as a repeat of the same references, which a message centre may then reject (TP-RD, 3GPP
        TS 23.040 clause 9.2.3.25). For the others see pdu.encode_submit.
        """
        return pdu.encode_submit(
            to,
            text,
            first_reference=first_reference,
            concat_reference=concat_reference,
            wide_reference=wide_reference,
            reject_duplicates=resend,
            validity=validity,
            message_class=message_class,
            silent=silent,
            shifts=shifts,
        )

    async def submit(self, part: pdu.Submit) -> Outcome:
        """What became of one part handed to the network (clause 4.3): the modem's faults are outcomes, never raised."""
        payload = part.hex.encode("ascii") + CTRL_Z
        try:
            response = await self._session.command(f"+CMGS={part.length}", payload=payload)
        except CommandRefused as refused:
            if refused.code is Cms.NETWORK_TIMEOUT:
                return Unknown(str(refused))
            return Refused(refused.code, refused.text, refused.code is None or refused.may_retry)
        except (CommandTimeout, PortGone) as error:
            if error.payload_written:
                return Unknown(str(error))
            return Refused(None, str(error), may_retry=True)
        found = rows(response)
        reference = params.number(found[-1][0]) if found and found[-1] else None
        if reference is None:
            return Unknown("the modem said OK without the message's reference")
        if not 0 <= reference <= _LAST_REFERENCE:  # the modem's own count: it took the text, under the one we chose
            return Sent(part.reference)
        return Sent(reference)

    async def storage(self) -> Storage:
        """How full the memory for received texts is (clause 3.2.2). Raises CommandRefused, UnexpectedReply."""
        response = await self._session.command("+CPMS?")
        found = fill(response.lines[-1].partition(":")[2]) if response.lines else None
        if not found:
            got = response.lines[-1] if response.lines else "none"
            raise UnexpectedReply("AT+CPMS?", "how full each memory is", got)
        return Storage(found[-1].used, found[-1].total)

    async def _choose_storage(self) -> None:
        """Takes the preferred memory for all uses; which there are is remembered for sweeps."""
        answer = await self._session.command("+CPMS=?")
        groups = offered(answer.lines[-1].partition(":")[2]) if answer.lines else ()
        names = groups[0] if groups else ()
        self.memories = tuple(name for name in self._session.profile.storage if name in names)
        if not self.memories:
            raise UnexpectedReply("AT+CPMS=?", "the memories ME or SM", ", ".join(names) or "none")
        await self.use_memory(self.memories[0], for_all=len(groups))

    async def _route(self) -> None:
        """Asks to be told of stored texts by +CMTI and of reports by +CDS, in the first form accepted."""
        refused: CommandRefused | None = None
        for form in self._session.profile.routing:
            try:
                await self._session.command(f"+CNMI={form}")
            except CommandRefused as error:
                refused = error
            else:
                return
        if refused is not None:
            raise refused
