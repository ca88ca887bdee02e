"""The PIN of a modem's SIM: tried once, and never again after the SIM has refused it, whatever restarts."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from fleet.context import Context
from fleet.gateway.models import RefusedPin
from fleet.gateway.patience import patiently
from modem_drivers.at.parsers.card import SimState
from modem_drivers.errors import PinRequired
from modem_drivers.modem import Modem


class RefusedPins:
    """The modem library's PinGuard: what was refused before, and what is refused now."""

    def __init__(self, known: set[str]) -> None:
        self.known, self.fresh = known, list[tuple[str, str]]()

    def refused_before(self, iccid: str, pin: str) -> bool:
        """See PinGuard."""
        return pin in self.known

    def remember_refused(self, iccid: str, pin: str) -> None:
        """See PinGuard."""
        self.known.add(pin)
        self.fresh.append((iccid, pin))


async def unlock(context: Context, account_id: UUID, modem: Modem, pin: str) -> None:
    """Unlock the SIM with `pin` ("" if none is configured); does nothing where it is not locked.

    Raises SimError: PinRequired without a PIN, PinRefused once, PinGuarded from then on.
    """
    if await modem.sim.state() is not SimState.PIN:
        return
    if not pin:
        raise PinRequired
    iccid = await modem.sim.iccid()
    read, write = context.database.read, context.database.write
    known = await patiently("a PIN", lambda: read(lambda tx: _known(tx, context, account_id, iccid)))
    guard = RefusedPins(known)
    try:
        await modem.sim.unlock(pin, guard=guard)
    finally:
        if guard.fresh:
            now = context.clock.now()
            await patiently(
                "a refused PIN", lambda: write(lambda tx: _remember(tx, context, account_id, now, guard.fresh))
            )


def _known(tx: Session, context: Context, account_id: UUID, iccid: str) -> set[str]:
    rows = tx.exec(select(RefusedPin).where(RefusedPin.account_id == account_id, RefusedPin.iccid == iccid))
    return {context.sealer.open(row.pin_sealed) for row in rows}


def _remember(tx: Session, context: Context, account_id: UUID, now: datetime, refused: list[tuple[str, str]]) -> None:
    for iccid, pin in refused:
        tx.add(RefusedPin(account_id=account_id, created_at=now, iccid=iccid, pin_sealed=context.sealer.seal(pin)))
