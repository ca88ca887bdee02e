"""One modem at work: kept alive, set up after every reconnection, texts out, texts and reports in."""

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TypeVar
from uuid import UUID

from fleet.audit import Way, system
from fleet.context import Context
from fleet.db.outbox import wait_real
from fleet.errors import Unavailable
from fleet.gateway.patience import patiently
from fleet.gateway.pins import unlock
from fleet.gateway.power import PowerSwitch
from fleet.gateway.sending import Sender
from fleet.messages import inbound, service
from fleet.observability import Metrics
from fleet.settings import ModemSettings, read_secret
from modem_drivers.errors import CommandRefused, ModemError, PduError, UnexpectedReply
from modem_drivers.features.inbox import Stored
from modem_drivers.modem import Modem
from modem_drivers.pdu import StatusReport
from modem_drivers.recovery import Repair, Rung
from modem_drivers.rescue import SupervisorCounters
from modem_drivers.supervisor import ModemState, Supervisor
from modem_drivers.transport import Transport

LOOK = 5.0
"""Real seconds after which a modem looks for texts by itself, for those queued by other processes."""
SWEEP = 300.0
"""Real seconds between looks into the modem's memory, for texts whose announcement was lost."""
REGISTER = 60.0
"""Real seconds a modem may take to register before it is treated as failing."""
PATIENCE = 120.0
"""Real seconds a modem may be without its network before something is done about it, and between two such things."""
PATIENCE_FOR_PORT = 300.0
"""Real seconds a port may be missing before the power switch is used, and again before a person is called."""
RETRY = 1.0
"""Real seconds before a modem that failed is tried again; twice as long with every failure."""

log = logging.getLogger(__name__)
Step = TypeVar("Step", Rung, Repair)


class Worker:
    """One modem of the gateway."""

    def __init__(
        self, context: Context, account_id: UUID, gateway_id: UUID, settings: ModemSettings, line: str | Transport
    ) -> None:
        self._context = context
        self._actor = system(account_id, Way.GATEWAY)
        self._sender = Sender(context, self._actor, gateway_id)
        self._pin = read_secret(settings.pin_file)
        self._sweep_at = 0.0
        self.supervisor = Supervisor(
            line,
            on_modem=self._set_up,
            on_alarm=self._alarm,
            power_switch=PowerSwitch(context, self._actor, settings) if settings.power_switch else None,
            expect_imei=settings.imei or None,
            retry_after=RETRY,
            patience_for_network=PATIENCE,
            patience_for_port=PATIENCE_FOR_PORT,
        )
        self._port = settings.port
        self._show(context.metrics)

    async def run(self) -> None:
        """Work for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.supervisor.run())
            tasks.create_task(self._work())

    async def _work(self) -> None:
        database, topic = self._context.database, service.TOPIC
        waiter = database.subscribe(topic)
        try:
            while True:
                waiter.clear()
                modem = await self.supervisor.wait_ready()
                try:
                    if await self._sender.carry_one(modem):
                        continue
                    await self._sweep_if_due(modem)
                except Unavailable as error:
                    log.warning("modem %s waits: %s", self._port, error)
                except ModemError as error:
                    log.warning("modem %s: %s", self._port, error)
                await wait_real(waiter, LOOK)
        finally:
            database.unsubscribe(topic, waiter)

    async def _set_up(self, modem: Modem) -> None:
        """After every (re)connection: unlock, take in what waits, register."""
        await unlock(self._context, self._actor.account_id, modem, self._pin)
        imei = modem.info.imei

        async def on_message(stored: Stored) -> None:
            await self._take_in(imei, stored)

        async def on_report(report: StatusReport) -> None:
            await self._take_report(imei, report)

        async def on_unreadable(found: str, error: PduError) -> None:
            await self._bury(imei, found, error)

        modem.sms.on_message, modem.sms.on_report, modem.sms.on_unreadable = on_message, on_report, on_unreadable
        await modem.sms.start()
        self._sweep_at = self._context.clock.monotonic() + SWEEP
        await modem.network.wait_registered(REGISTER)
        await self._measure(modem)
        log.info("modem %s is ready, IMEI %s", self._port, imei)

    async def _take_in(self, imei: str, stored: Stored) -> None:
        """Raising keeps the text in the modem; it is read again soon."""
        now = self._context.clock.now()
        try:
            text = await self._context.database.write(
                lambda tx: inbound.receive(tx, self._actor, now, imei, stored.pdu)
            )
        except Unavailable:
            self._sweep_at = 0.0
            raise
        if text is not None:
            self._context.metrics.inbound.inc()

    async def _bury(self, imei: str, found: str, error: PduError) -> None:
        now = self._context.clock.now()
        await self._context.database.write(lambda tx: inbound.unreadable(tx, self._actor, now, imei, found, str(error)))
        log.warning("modem %s: a text nobody can read is kept as a dead letter: %s", self._port, error)

    async def _take_report(self, imei: str, report: StatusReport) -> None:
        """A report is announced once and not kept by the modem, so it waits here."""
        now, write = self._context.clock.now(), self._context.database.write
        await patiently(
            "a delivery report", lambda: write(lambda tx: inbound.report(tx, self._actor, now, imei, report))
        )

    async def _sweep_if_due(self, modem: Modem) -> None:
        now = self._context.clock.monotonic()
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP
            await modem.sms.sweep()
            await self._measure(modem)

    async def _measure(self, modem: Modem) -> None:
        """How full the modem's memory is once all that could be taken in is taken in."""
        with suppress(CommandRefused, UnexpectedReply):  # a modem that does not tell works all the same
            storage = await modem.sms.storage()
            self._context.metrics.modem_storage.labels(self._port).set(storage.used / max(storage.total, 1))

    def _show(self, metrics: Metrics) -> None:
        """What has happened to the modem and what was tried on it, read when somebody asks."""
        supervisor = self.supervisor
        metrics.modems.labels(self._port).set_function(partial(_is, supervisor, ModemState.READY))
        for state in ModemState:
            metrics.modem_states.labels(self._port, state.value).set_function(partial(_is, supervisor, state))
        for name in ("connects", "losses", "failures", "restarts", "sleeps", "alarms"):
            metrics.modem_events.labels(self._port, name).set_function(partial(_count, supervisor.counters, name))
        for name in ("timeouts", "strays"):
            metrics.modem_events.labels(self._port, name).set_function(partial(_on_the_line, supervisor, name))
        resyncs = metrics.modem_recoveries.labels(self._port, "resync")
        resyncs.set_function(partial(_on_the_line, supervisor, "resynchronisations"))
        for rung in (Rung.REOPEN, Rung.RADIO, Rung.RESET, Rung.POWER):
            metrics.modem_recoveries.labels(self._port, rung.name.lower()).set_function(
                partial(_tried, supervisor.counters.rungs, rung)
            )
        if supervisor.network is not None:
            for repair in Repair:
                metrics.modem_recoveries.labels(self._port, f"network_{repair.name.lower()}").set_function(
                    partial(_tried, supervisor.network.repairs, repair)
                )

    def _alarm(self, error: ModemError) -> None:
        log.error("modem %s needs a person: %s", self._port, error)


def _is(supervisor: Supervisor, state: ModemState) -> float:
    return float(supervisor.state is state)


def _count(counters: SupervisorCounters, name: str) -> float:
    return float(getattr(counters, name))


def _on_the_line(supervisor: Supervisor, name: str) -> float:
    return float(getattr(supervisor.line, name))


def _tried(counts: Counter[Step], step: Step) -> float:
    return float(counts[step])
