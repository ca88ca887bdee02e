"""What the bench reports of a provisioning run, step by step; each report moves the run on as far as it goes."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from fleet import audit, inputs
from fleet.audit import Actor
from fleet.devices.models import Device
from fleet.errors import Conflict, Invalid
from fleet.secrets import Sealer
from fleet.sims import provisioning, runs, service
from fleet.sims.models import ProvisionRun, RunState, Sim
from fleet.sims.provisioning import (
    BENCH,
    ORDER,
    RESULTS,
    ApnSet,
    Facts,
    Identified,
    ImsiRead,
    Registered,
    Result,
    Step,
    Unlocked,
)
from modem_drivers.errors import IdentityError
from modem_drivers.identity import normalise_imei


def report(
    tx: Session,
    actor: Actor,
    now: datetime,
    sealer: Sealer,
    providers: Collection[str],
    run: ProvisionRun,
    step: Step,
    result: dict[str, Any],
) -> None:
    """Take in the bench's result of `step` and go on from there.

    The first step may be reported again at any time (the bench was restarted); a step that is done already changes
    nothing. Raises Invalid for a result that cannot be, Conflict for a step that is not the next one. What makes it
    impossible to go on ends the run with one sentence in `error`.
    """
    if run.state is not RunState.RUNNING:
        return
    given = _parse(step, result)
    waited = runs.next_step(tx, run)
    if step is not Step.IDENTIFY and step is not waited:
        if ORDER.index(step) < ORDER.index(waited):
            return
        raise Conflict(f"expected the result of step {waited}, got that of {step}: do {waited} first")
    run.error = ""
    _Report(tx, actor, now, sealer, run, tx.get_one(Device, run.device_id), runs.facts_of(run)).take(given)
    runs.advance(tx, actor, now, run, providers)


def trouble(tx: Session, now: datetime, run: ProvisionRun, step: Step, sentence: str) -> None:
    """The bench could not do `step`: kept for people to see; the run waits for the bench to try again."""
    if run.state is RunState.RUNNING:
        run.error, run.updated_at = f"{step}: {sentence[:500]}", now
        tx.add(run)


def pin_to_try(tx: Session, sealer: Sealer, run: ProvisionRun) -> str:
    """The PIN for the step `unlock`; empty while another step is next."""
    sim = runs.sim_of(tx, run)
    if run.state is not RunState.RUNNING or sim is None or sim.pin_sealed is None:
        return ""
    return sealer.open(sim.pin_sealed) if runs.next_step(tx, run) is Step.UNLOCK else ""


def hash_pin(iccid: str, pin: str) -> str:
    """How a refused PIN is remembered. It can be guessed back, and then is known to be wrong."""
    return hashlib.sha256(f"{iccid}:{pin}".encode()).hexdigest()


@dataclass(slots=True)
class _Report:
    """One report being taken in."""

    tx: Session
    actor: Actor
    now: datetime
    sealer: Sealer
    run: ProvisionRun
    device: Device
    facts: Facts

    def take(self, given: Result) -> None:
        if isinstance(given, Identified):
            self._identified(given)
        elif isinstance(given, Unlocked):
            self._unlocked(given)
        elif isinstance(given, ImsiRead):
            sim = service.get(self.tx, self.run.account_id, self.run.iccid)
            sim.imsi, sim.updated_at = given.imsi, self.now
            self._record("sim.imsi_read", network=given.imsi[:5])
            self._keep(imsi=given.imsi)
        elif isinstance(given, ApnSet):
            self._record("sim.apn_set", apn=given.apn)
            self._keep(apn_set=True)
        elif isinstance(given, Registered):
            self._record("sim.registered", registration=given.registration, operator=given.operator)
            self._keep(registration=given.registration)

    def _identified(self, given: Identified) -> None:
        run, iccid, imei = self.run, service.check_iccid(given.iccid), _check_imei(given.imei)
        if run.iccid and run.iccid != iccid:
            self._fail(f"expected SIM {run.iccid}, with which this run began, got {iccid}: provision again to take it")
            return
        other = self._other_machine(iccid)
        if other:
            self._fail(
                f"expected a SIM that no other machine has, got {iccid}, which belongs to {other}: "
                "check which SIM is in which machine"
            )
            return
        if (run.iccid, run.imei) != (iccid, imei):
            run.iccid, run.imei = iccid, imei
            self._record("sim.identified", imei=imei)
            self._keep(apn_set=False, registration="", bound_at=None)
        sim = service.find(self.tx, run.account_id, iccid)
        if sim is None:
            sim = Sim(account_id=run.account_id, created_at=self.now, updated_at=self.now, iccid=iccid)
        self.tx.add(sim)
        if given.pin_wanted and provisioning.pin_was_refused(self.facts, given.retries_left):
            self._remember_refused(sim, given.retries_left)
        if self.facts.pin_given:
            sim.pin_sealed = self.facts.pin_given.encode()
        self._keep(
            identified=True,
            pin_given="",
            pin_trying=False,
            pin_wanted=given.pin_wanted,
            retries_left=given.retries_left,
        )
        if given.pin_wanted:
            self._check_pin(sim)

    def _check_pin(self, sim: Sim) -> None:
        """End the run unless there is a PIN that this SIM has not refused."""
        if sim.pin_sealed is None:
            self._fail(f"expected the PIN of SIM {sim.iccid}, which is locked, got none: give it with --pin-file")
        elif hash_pin(sim.iccid, self.sealer.open(sim.pin_sealed)) in sim.pin_refused:
            self._fail(
                f"expected a PIN that SIM {sim.iccid} has not refused, got one that it has: it is not tried again; "
                "give the right one with --pin-file"
            )

    def _unlocked(self, given: Unlocked) -> None:
        sim = service.get(self.tx, self.run.account_id, self.run.iccid)
        self._keep(
            pin_trying=given.outcome == "trying",
            pin_wanted=given.outcome != "accepted",
            retries_left=given.retries_left,
        )
        if given.outcome == "accepted":
            self._record("sim.unlocked")
        elif given.outcome == "refused":
            self._remember_refused(sim, given.retries_left)
            left = "unknown" if given.retries_left is None else given.retries_left
            self._fail(
                f"expected the PIN of SIM {sim.iccid}, got one that it refused (tries left: {left}): "
                "it is not tried again; give the right one with --pin-file"
            )

    def _remember_refused(self, sim: Sim, retries_left: int | None) -> None:
        if sim.pin_sealed is None:
            return
        refused = hash_pin(sim.iccid, self.sealer.open(sim.pin_sealed))
        sim.pin_refused = sorted({*sim.pin_refused, refused})
        sim.updated_at = self.now
        self._record("sim.pin_refused", retries_left=retries_left)

    def _other_machine(self, iccid: str) -> str:
        """The name of another machine that has this SIM, or is being given it; empty for none."""
        bound = service.machine_of(self.tx, self.run.account_id, iccid)
        if bound and bound != self.device.name:
            return bound
        running = (
            select(Device.name)
            .join(ProvisionRun, col(ProvisionRun.device_id) == col(Device.id))
            .where(
                ProvisionRun.account_id == self.run.account_id,
                ProvisionRun.iccid == iccid,
                ProvisionRun.state == RunState.RUNNING,
                ProvisionRun.device_id != self.run.device_id,
            )
        )
        return self.tx.exec(running).first() or ""

    def _keep(self, **learnt: Any) -> None:
        self.facts = self.facts.model_copy(update=learnt)
        runs.keep(self.tx, self.now, self.run, self.facts)

    def _record(self, verb: str, **facts: Any) -> None:
        audit.record(
            self.tx, self.actor, self.now, verb, f"sim {self.run.iccid}", device=self.device.name, **facts
        )  # fmt: skip

    def _fail(self, why: str) -> None:
        runs.fail(self.tx, self.actor, self.now, self.run, why)


def _check_imei(raw: str) -> str:
    try:
        return normalise_imei(raw)
    except IdentityError as error:
        raise Invalid(str(error)) from error


def _parse(step: Step, result: dict[str, Any]) -> Result:
    if step not in BENCH:
        raise Invalid(f"expected a step of the bench ({', '.join(s for s in ORDER if s in BENCH)}), got {step}")
    try:
        return RESULTS[step].model_validate(result)
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{inputs.place(first) or 'result'} of step {step}"
        raise Invalid(inputs.wrong(first, where, "correct the report")) from error
