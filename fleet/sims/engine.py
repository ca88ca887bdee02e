"""Brings SIMs to their desired state: one durable step at a time, each claimed from the due work.

A step is decided in one transaction, which also commits `asking` before a request that changes something; the
request is made outside any transaction; a second transaction writes what came of it.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from fleet import audit
from fleet.audit import Actor, Role, Way
from fleet.context import Context
from fleet.due import Due, finish, schedule, still_mine
from fleet.due.runner import Handler
from fleet.settings import ProviderSettings
from fleet.sims import lifecycle, providers, runs, service
from fleet.sims.lifecycle import CHANGES, Act
from fleet.sims.models import Effective, Reason, Sim
from fleet.sims.providers.base import Busy, Provider, ProviderError, Refused, Unanswered, Word

MAX_BACK_OFF = 300.0
"""Seconds between two tries at a provider that does not answer, at most."""
IMPOSED_POLLS = 20
"""A suspension that the provider imposed is looked at this many times less often than a pending activation."""

_VERBS = {
    Effective.ACTIVE: "sim.activated",
    Effective.SUSPENDED: "sim.suspended",
    Effective.RETIRED: "sim.retired",
    Effective.PENDING: "sim.pending",
    Effective.INVENTORY: "sim.shelved",
}

log = logging.getLogger(__name__)


class Step(NamedTuple):
    """What was decided: do `act` about `iccid` at `provider`; `way` says what prompted it."""

    act: Act
    iccid: str
    provider: str
    way: Way


class Engine:
    """Handles the due kinds of this room; `close` it when the service stops."""

    def __init__(self, context: Context, own_url: Callable[[], str]) -> None:
        """`own_url`: where providers reach this service's HTTP API, asked when it is needed first.

        Raises SetupError for providers that cannot be as configured.
        """
        providers.check(context.settings.provider)
        self._database, self._clock = context.database, context.clock
        self._settings = {provider.name: provider for provider in context.settings.provider}
        self._public_url, self._own_url = context.settings.public_url, own_url
        self._providers: dict[str, Provider] = {}
        self._not_before: dict[str, datetime] = {}
        self.due_handlers: dict[str, Handler] = {
            service.SETTLE: self.settle, runs.FIRST_POINT: runs.FirstPoint(context).look,
        }  # fmt: skip

    async def settle(self, due: Due) -> None:
        """Take one step for the SIM `due` is about."""
        now = self._clock.now()
        step = await self._database.write(lambda tx: self._begin(tx, due, now))
        if step is None:
            return
        try:
            word = await self._request(step)
        except ProviderError as error:
            await self._failed(due, step, error)
        else:
            now = self._clock.now()
            await self._database.write(lambda tx: self._done(tx, due, step, word, now))

    async def close(self) -> None:
        """Let go of the connections to the providers."""
        for provider in self._providers.values():
            await provider.close()

    def _begin(self, tx: Session, due: Due, now: datetime) -> Step | None:
        """Decide the next act and commit to it; None when there is none to take now."""
        if not still_mine(tx, due):
            return None
        sim = tx.get(Sim, UUID(due.key))
        act = Act.REST if sim is None else lifecycle.next_act(service.facts(sim))
        if sim is None or act is Act.REST:
            finish(tx, due)
            return None
        if sim.provider not in self._settings:
            log.warning("SIM %s waits for its provider %r, which is not configured", sim.iccid, sim.provider)
            finish(tx, due, now + self._clock.span(MAX_BACK_OFF))
            return None
        if (not_before := self._not_before.get(sim.provider, now)) > now:
            finish(tx, due, not_before)
            return None
        if act in CHANGES:
            sim.asking = act.value
            tx.add(sim)
        return Step(act, sim.iccid, sim.provider, Way.CALLBACK if sim.told else Way.POLL)

    async def _request(self, step: Step) -> Word | None:
        provider = self._provider(self._settings[step.provider])
        acts: dict[Act, Callable[[str], Awaitable[Word]]] = {
            Act.CLAIM: provider.claim,
            Act.ACTIVATE: provider.activate,
            Act.SUSPEND: provider.suspend,
        }
        return await acts[step.act](step.iccid) if step.act in acts else await provider.state(step.iccid)

    def _done(self, tx: Session, due: Due, step: Step, word: Word | None, now: datetime) -> None:
        """Write the provider's word and go on to what follows from it."""
        if not still_mine(tx, due):
            return
        sim = tx.get_one(Sim, UUID(due.key))
        actor = Actor(sim.account_id, Role.PROVIDER, step.provider, step.way)
        if word is None and sim.claimed:
            word = Word(Effective.RETIRED, detail="the provider no longer has this SIM in the account")
        if word is not None and not sim.claimed:
            audit.record(tx, actor, now, "sim.claimed", f"sim {sim.iccid}")
        before, sim.effective = sim.effective, Effective.INVENTORY if word is None else word.effective
        sim.asking, sim.claimed = "", word is not None
        sim.told = sim.told and not (step.act not in CHANGES and step.way is Way.CALLBACK)
        if word is not None and sim.effective.value == sim.desired.value:
            sim.detail = ""
        sim.reason = Reason.PROVIDER if sim.detail else lifecycle.reason(sim.desired, word)
        sim.updated_at = now
        tx.add(sim)
        if sim.effective is not before:
            why = {"reason": sim.reason.value} if sim.reason in lifecycle.IMPOSED else {}
            audit.record(tx, actor, now, _VERBS[sim.effective], f"sim {sim.iccid}", **why)
            runs.sim_changed(tx, sim, now, self._settings)
        following = lifecycle.next_act(service.facts(sim))
        if following is Act.REST:
            finish(tx, due)
        else:
            schedule(tx, sim.account_id, service.SETTLE, due.key, now + self._pause(sim, following))

    async def _failed(self, due: Due, step: Step, error: ProviderError) -> None:
        """Write what is known after a failure: refused for good, surely not done, or to be settled by reading."""
        now = self._clock.now()
        if isinstance(error, Refused) and step.act in CHANGES:
            await self._database.write(lambda tx: self._refused(tx, due, step, str(error), now))
            return
        asked = error.retry_after if isinstance(error, Busy | Unanswered) else 0.0
        again = now + self._clock.span(max(asked, min(MAX_BACK_OFF, 0.5 * 2 ** min(due.tries, 10))))
        if asked:
            self._not_before[step.provider] = again
        log.warning("%s of SIM %s at %s comes again: %s", step.act, step.iccid, step.provider, error)

        def later(tx: Session) -> None:
            if not still_mine(tx, due):
                return
            if isinstance(error, Busy) and step.act in CHANGES:
                tx.get_one(Sim, UUID(due.key)).asking = ""
            finish(tx, due, again)

        await self._database.write(later)

    def _refused(self, tx: Session, due: Due, step: Step, detail: str, now: datetime) -> None:
        if not still_mine(tx, due):
            return
        sim = tx.get_one(Sim, UUID(due.key))
        sim.asking, sim.reason, sim.detail, sim.updated_at = "", Reason.PROVIDER, detail, now
        tx.add(sim)
        actor = Actor(sim.account_id, Role.PROVIDER, step.provider, step.way)
        audit.record(tx, actor, now, "sim.refused", f"sim {sim.iccid}", act=step.act.value, detail=detail)
        runs.sim_changed(tx, sim, now, self._settings)
        if sim.told:
            schedule(tx, sim.account_id, service.SETTLE, due.key, now)
        else:
            finish(tx, due)

    def _pause(self, sim: Sim, following: Act) -> timedelta:
        """How long to wait before the act that follows."""
        if following is not Act.WATCH:
            return timedelta(0)
        poll = self._settings[sim.provider].poll_s
        return self._clock.span(poll if sim.effective is Effective.PENDING else poll * IMPOSED_POLLS)

    def _provider(self, settings: ProviderSettings) -> Provider:
        if settings.name not in self._providers:
            self._providers[settings.name] = providers.connect(settings, self._public_url or self._own_url())
        return self._providers[settings.name]
