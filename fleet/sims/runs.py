"""Provisioning runs: begun, moved on by the service where it is its move, ended. The bench's part is bench.py."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit, due
from fleet.audit import Actor, Way, system
from fleet.context import Context
from fleet.devices import service as devices
from fleet.devices.models import Device
from fleet.due import Due, finish, still_mine
from fleet.errors import FleetError, Invalid, NotFound
from fleet.secrets import Sealer
from fleet.sims import provisioning, service
from fleet.sims.models import Effective, ProvisionRun, RunState, Sim
from fleet.sims.provisioning import Facts, Step
from fleet.telemetry.models import Message

FIRST_POINT = "provision.first_point"
"""The due kind that looks for a machine's first message after it was bound; keyed by the run's id."""

LOOKS = (1.0, 60.0)
"""Seconds between two looks for the first point: at first, and at most; a tenth of the time waited in between."""
BUFFERED = timedelta(days=1)
"""How old the first message after binding may be by the machine's own time."""


def start(
    tx: Session, actor: Actor, now: datetime, sealer: Sealer, *, device: str, provider: str, apn: str, pin: str = ""
) -> ProvisionRun:
    """The run that provisions `device`: the one under way if there is one for this provider and APN, else a new one.

    `pin` is sealed. Raises NotFound for an unknown device, Invalid for what is no PIN or no APN.
    """
    machine = devices.get(tx, actor.account_id, device)
    if pin and not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise Invalid("expected a PIN of 4 to 8 digits, got something else: correct it")
    if not apn or not apn.isascii() or any(c in apn for c in '" \r\n\t,;'):
        raise Invalid(f"expected the name of an access point, got {apn[:40]!r}: ask the provider for its APN")
    query = select(ProvisionRun).where(ProvisionRun.device_id == machine.id, ProvisionRun.state == RunState.RUNNING)
    run = tx.exec(query).first()
    if run is not None and (run.provider, run.apn) != (provider, apn):
        fail(tx, actor, now, run, f"replaced by a run for provider {provider} and APN {apn}")
        run = None
    if run is None:
        run = ProvisionRun(
            account_id=actor.account_id,
            created_at=now,
            updated_at=now,
            device_id=machine.id,
            provider=provider,
            apn=apn,
            facts=Facts().model_dump(mode="json"),
        )
        audit.record(tx, actor, now, "provision.started", f"device {device}", provider=provider, apn=apn)
    if pin:
        keep(tx, now, run, facts_of(run).model_copy(update={"pin_given": sealer.seal(pin).decode()}))
    tx.add(run)
    tx.flush()
    return run


def get(tx: Session, account_id: UUID, run_id: UUID) -> ProvisionRun:
    """The run; raises NotFound."""
    run = tx.get(ProvisionRun, run_id)
    if run is None or run.account_id != account_id:
        raise NotFound(f"expected the id of a provisioning run, got {run_id}: start one")
    return run


def listing(
    tx: Session, account_id: UUID, after: str | None, limit: int, state: RunState | None = None
) -> list[ProvisionRun]:
    """Runs in the order they began, those after the id `after`; of one state where named."""
    query = select(ProvisionRun).where(ProvisionRun.account_id == account_id)
    query = query.order_by(col(ProvisionRun.id)).limit(limit)
    if after is not None:
        query = query.where(col(ProvisionRun.id) > _id(after))
    if state is not None:
        query = query.where(ProvisionRun.state == state)
    return list(tx.exec(query))


def facts_of(run: ProvisionRun) -> Facts:
    """What the run has learnt and done."""
    return Facts.model_validate(run.facts)


def keep(tx: Session, now: datetime, run: ProvisionRun, facts: Facts) -> None:
    """Store what the run has learnt and done."""
    run.facts, run.updated_at = facts.model_dump(mode="json"), now
    tx.add(run)


def sim_of(tx: Session, run: ProvisionRun) -> Sim | None:
    """The SIM of the run, once it is identified."""
    return service.find(tx, run.account_id, run.iccid) if run.iccid else None


def next_step(tx: Session, run: ProvisionRun) -> Step:
    """What the run waits for."""
    sim = sim_of(tx, run)
    return provisioning.next_step(facts_of(run), active=sim is not None and sim.effective is Effective.ACTIVE)


def advance(tx: Session, actor: Actor, now: datetime, run: ProvisionRun, providers: Collection[str]) -> None:
    """Take every step that is the service's and can be taken now; what refuses them ends the run."""
    while run.state is RunState.RUNNING:
        step, facts, sim = next_step(tx, run), facts_of(run), sim_of(tx, run)
        device = tx.get_one(Device, run.device_id)
        try:
            if step is Step.ACTIVATE and sim is not None:
                if facts.activation_requested:
                    if sim.detail:
                        fail(tx, actor, now, run, f"provider {sim.provider} refused SIM {sim.iccid}: {sim.detail}")
                    return
                service.activate(tx, actor, now, sim, providers, run.provider)
                keep(tx, now, run, facts.model_copy(update={"activation_requested": True}))
            elif step is Step.BIND:
                binding = devices.bind(tx, actor, now, device, run.iccid, run.imei)
                keep(tx, now, run, facts.model_copy(update={"bound_at": binding.bound_at}))
                due.schedule(tx, run.account_id, FIRST_POINT, str(run.id), now)
            elif step is Step.DONE:
                run.state, run.updated_at = RunState.DONE, now
                tx.add(run)
                audit.record(tx, actor, now, "provision.done", f"device {device.name}", iccid=run.iccid, imei=run.imei)
            else:
                return
        except FleetError as error:
            fail(tx, actor, now, run, str(error))


def fail(tx: Session, actor: Actor, now: datetime, run: ProvisionRun, why: str) -> None:
    """End the run; `why` is one sentence for a person."""
    run.state, run.error, run.updated_at = RunState.FAILED, why, now
    tx.add(run)
    device = tx.get_one(Device, run.device_id)
    audit.record(tx, actor, now, "provision.failed", f"device {device.name}", iccid=run.iccid, why=why)


def sim_changed(tx: Session, sim: Sim, now: datetime, providers: Collection[str]) -> None:
    """A SIM has a new state, or its provider refused it: go on with the runs that wait for it."""
    query = select(ProvisionRun).where(
        ProvisionRun.account_id == sim.account_id,
        ProvisionRun.iccid == sim.iccid,
        ProvisionRun.state == RunState.RUNNING,
    )
    for run in tx.exec(query):
        advance(tx, system(sim.account_id, Way.TIMER), now, run, providers)


class FirstPoint:
    """Handles the due kind `provision.first_point`."""

    def __init__(self, context: Context) -> None:
        self._database, self._clock = context.database, context.clock
        self._providers = [provider.name for provider in context.settings.provider]

    async def look(self, due: Due) -> None:
        """End the run if its machine has been heard from since it was bound; look again later otherwise."""
        now = self._clock.now()
        await self._database.write(lambda tx: self._look(tx, due, now))

    def _look(self, tx: Session, due: Due, now: datetime) -> None:
        if not still_mine(tx, due):
            return
        run = tx.get(ProvisionRun, UUID(due.key))
        bound_at = None if run is None else facts_of(run).bound_at
        if run is None or bound_at is None or run.state is not RunState.RUNNING:
            finish(tx, due)
            return
        device = tx.get_one(Device, run.device_id)
        if not _heard(tx, device, bound_at):
            waited = (now - bound_at) / self._clock.span(1.0)
            finish(tx, due, now + self._clock.span(min(LOOKS[1], max(LOOKS[0], waited / 10))))
            return
        actor = system(run.account_id, Way.TIMER)
        keep(tx, now, run, facts_of(run).model_copy(update={"first_point_at": now}))
        audit.record(tx, actor, now, "sim.first_point", f"sim {run.iccid}", device=device.name)
        advance(tx, actor, now, run, self._providers)
        finish(tx, due)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("expected a cursor from an earlier page, got something else: start again without one") from error


def _heard(tx: Session, device: Device, since: datetime) -> bool:
    query = (
        select(Message.seq)
        .where(
            Message.device_key == device.key,
            Message.used_ms >= _ms(since - BUFFERED),
            Message.received_ms >= _ms(since),
        )
        .limit(1)
    )
    return tx.exec(query).first() is not None


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
