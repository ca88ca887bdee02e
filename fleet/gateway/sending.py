"""One text through one modem: on record before it is written, its outcome on record after."""

import asyncio
from contextlib import suppress
from uuid import UUID

from sqlmodel import Session

from fleet.audit import Actor
from fleet.context import Context
from fleet.errors import Unavailable
from fleet.gateway.patience import patiently
from fleet.messages import carrying, parts
from fleet.messages.carrying import Carrier, Patience
from fleet.messages.models import Attempt, TextMessage
from fleet.messages.parts import Outcome, Part, Result
from modem_drivers.errors import Cms
from modem_drivers.features.sms import Refused, Sent, Unknown
from modem_drivers.modem import Modem

LEASE = 30.0
"""Real seconds a text stays with its modem without a sign of life."""
RENEW = LEASE / 3


class Sender:
    """Carries texts through whichever modem it is given, one at a time."""

    def __init__(self, context: Context, actor: Actor, gateway_id: UUID) -> None:
        self._context, self._actor, self._gateway_id = context, actor, gateway_id
        self._settle = context.clock.span(context.settings.escalation.settle_s)

    async def carry_one(self, modem: Modem) -> bool:
        """Claim the next text and carry it; False when there was none. Raises Unavailable with nothing claimed."""
        carrier = Carrier(self._gateway_id, modem.info.imei)
        attempt = await self._context.database.write(lambda tx: self._take(tx, carrier))
        if attempt is None:
            return False
        results: list[Result] = []
        keeper = asyncio.create_task(self._keep_lease(attempt.message_id, carrier))
        try:
            await _submit(modem, parts.load(attempt.parts), results)
        except asyncio.CancelledError:
            results.append(Result(Outcome.UNKNOWN, cause="the service stopped while writing"))
            with suppress(Unavailable):  # then the end of the lease says the same
                await asyncio.shield(self._record(attempt, results))
            raise
        finally:
            keeper.cancel()
        message = await patiently("the outcome of a text", lambda: self._record(attempt, results))
        self._context.metrics.texts.labels(message.state).inc()
        return True

    def _take(self, tx: Session, carrier: Carrier) -> Attempt | None:
        now, account_id = self._context.clock.now(), self._actor.account_id
        patience = Patience(lease=self._context.clock.span(LEASE), settle=self._settle)
        while (message := carrying.claim(tx, now, account_id, carrier, patience)) is not None:
            attempt = carrying.begin_attempt(tx, self._actor, now, message, carrier)
            if attempt is not None:
                return attempt
        return None

    async def _record(self, attempt: Attempt, results: list[Result]) -> TextMessage:
        def work(tx: Session) -> TextMessage:
            now = self._context.clock.now()
            return carrying.end_attempt(tx, self._actor, now, attempt.id, results, self._settle)

        return await self._context.database.write(work)

    async def _keep_lease(self, message_id: UUID, carrier: Carrier) -> None:
        while True:
            await asyncio.sleep(RENEW)
            until = self._context.clock.now() + self._context.clock.span(LEASE)
            with suppress(Unavailable):
                await self._context.database.write(
                    lambda tx, until=until: carrying.renew(tx, message_id, carrier, until)  # type: ignore[misc]
                )


async def _submit(modem: Modem, todo: list[Part], results: list[Result]) -> None:
    """Hand over part by part, until one does not surely leave."""
    for part in todo:
        result = await _submit_part(modem, part)
        results.append(result)
        if result.outcome is not Outcome.SENT:
            return


async def _submit_part(modem: Modem, part: Part) -> Result:
    match await modem.sms.submit(part.submit()):
        case Sent(reference):
            return Result(Outcome.SENT, reference)
        case Refused(Cms.DUPLICATE_REJECTED) if part.resend:
            return Result(Outcome.SENT, part.reference)  # the message centre has the first one
        case Refused(_, text, may_retry):
            return Result(Outcome.REFUSED, cause=text, may_retry=may_retry)
        case Unknown(reason):
            return Result(Outcome.UNKNOWN, cause=reason)
