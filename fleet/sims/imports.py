"""SIMs come into the inventory: in bulk, each row with its own outcome, so that a bad row stops no good one."""

import enum
from collections.abc import Collection, Sequence
from datetime import datetime

from pydantic import BaseModel
from sqlmodel import Session, col, insert, select

from fleet import audit
from fleet.audit import Actor
from fleet.errors import Conflict, FleetError, Invalid
from fleet.ids import check_phone, uuid7
from fleet.secrets import Sealer
from fleet.sims.models import Desired, Effective, Reason, Sim, SimImport
from fleet.sims.service import check_iccid, check_provider

MAX_ROWS = 1000
"""Rows in one transaction: short enough that others wait little."""
LOOKUP = 500
"""ICCIDs in one query; SQLite takes at most 32,766 parameters, old builds 999."""


class Outcome(enum.StrEnum):
    """What became of a row."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    INVALID = "invalid"


class Imported(BaseModel):
    """One row's outcome; `detail` is a sentence where it is neither added nor unchanged."""

    iccid: str
    outcome: Outcome
    detail: str = ""


def add(
    tx: Session, actor: Actor, now: datetime, sealer: Sealer, providers: Collection[str], rows: Sequence[SimImport]
) -> list[Imported]:
    """The outcome of each row, in order; `providers` are those configured.

    A row that is in the inventory with the same facts is unchanged.
    """
    results, fresh = judge(tx, actor, sealer, providers, rows)
    if fresh:
        tx.execute(insert(Sim), [_values(actor, now, sealer, row) for row in fresh.values()])
        first, *_, last = [*fresh, *fresh]
        audit.record(
            tx, actor, now, "sim.imported", f"{len(fresh)} SIMs", added=len(fresh), first=first, last=last
        )  # fmt: skip
    return results


def judge(
    tx: Session, actor: Actor, sealer: Sealer, providers: Collection[str], rows: Sequence[SimImport]
) -> tuple[list[Imported], dict[str, SimImport]]:
    """What becomes of each row, in order, and the rows that are to be added, by ICCID; nothing is changed."""
    checked = [_check(row, providers) for row in rows]
    present = _present(tx, actor, {row.iccid for row in checked if isinstance(row, SimImport)})
    results: list[Imported] = []
    fresh: dict[str, SimImport] = {}
    for raw, row in zip(rows, checked, strict=True):
        if isinstance(row, FleetError):
            results.append(Imported(iccid=raw.iccid[:40], outcome=Outcome.INVALID, detail=str(row)))
        elif row.iccid in fresh:
            results.append(_conflict(row.iccid, "is in the import twice: keep one row"))
        elif row.iccid in present:
            results.append(_compare(sealer, present[row.iccid], row))
        else:
            fresh[row.iccid] = row
            results.append(Imported(iccid=row.iccid, outcome=Outcome.ADDED))
    return results, fresh


def add_one(
    tx: Session, actor: Actor, now: datetime, sealer: Sealer, providers: Collection[str], row: SimImport
) -> Sim:
    """The new SIM; raises Invalid, and Conflict where one with its ICCID exists."""
    (result,) = add(tx, actor, now, sealer, providers, [row])
    if result.outcome is Outcome.INVALID:
        raise Invalid(result.detail)
    if result.outcome is not Outcome.ADDED:
        raise Conflict(
            f"expected a SIM that is not in the inventory, got {result.iccid}, which is: show it with "
            f"`fleet sims show {result.iccid}`"
        )
    return tx.exec(select(Sim).where(Sim.account_id == actor.account_id, Sim.iccid == result.iccid)).one()


def _check(row: SimImport, providers: Collection[str]) -> SimImport | FleetError:
    """The row in its written form, or what is wrong with it."""
    try:
        if row.pin and not (row.pin.isascii() and row.pin.isdigit() and 4 <= len(row.pin) <= 8):
            raise Invalid("expected a PIN of 4 to 8 digits, got something else: correct the row")
        iccid = check_iccid(row.iccid)
        return SimImport(
            iccid=iccid,
            provider=check_provider(iccid, row.provider, providers) if row.provider else "",
            msisdn=check_phone(row.msisdn) if row.msisdn else "",
            pin=row.pin,
        )
    except FleetError as error:
        return error


def _present(tx: Session, actor: Actor, iccids: set[str]) -> dict[str, Sim]:
    wanted = sorted(iccids)
    found: dict[str, Sim] = {}
    for start in range(0, len(wanted), LOOKUP):
        query = select(Sim).where(
            Sim.account_id == actor.account_id, col(Sim.iccid).in_(wanted[start : start + LOOKUP])
        )
        found.update({sim.iccid: sim for sim in tx.exec(query)})
    return found


def _compare(sealer: Sealer, sim: Sim, row: SimImport) -> Imported:
    """Unchanged unless the row says something else of the SIM than the inventory does."""
    for name, said, known in (("provider", row.provider, sim.provider), ("msisdn", row.msisdn, sim.msisdn)):
        if said and said != known:
            has = f"{name} {known!r}" if known else f"no {name}"
            return _conflict(row.iccid, f"is in the inventory with {has}, the row says {said!r}: correct the row")
    if row.pin and (sim.pin_sealed is None or sealer.open(sim.pin_sealed) != row.pin):
        return _conflict(row.iccid, "is in the inventory without this PIN: give it to fleet sims provision")
    return Imported(iccid=row.iccid, outcome=Outcome.UNCHANGED)


def _conflict(iccid: str, what: str) -> Imported:
    return Imported(iccid=iccid, outcome=Outcome.CONFLICT, detail=f"SIM {iccid} {what}")


def _values(actor: Actor, now: datetime, sealer: Sealer, row: SimImport) -> dict[str, object]:
    """A row of the table; bulk inserts know no defaults of the model."""
    return {
        "id": uuid7(), "account_id": actor.account_id, "created_at": now, "updated_at": now,
        "iccid": row.iccid, "imsi": "", "msisdn": row.msisdn, "provider": row.provider,
        "desired": Desired.INVENTORY, "effective": Effective.INVENTORY, "reason": Reason.NONE, "detail": "",
        "claimed": False, "asking": "", "told": False,
        "pin_sealed": sealer.seal(row.pin) if row.pin else None, "pin_refused": [],
    }  # fmt: skip
