"""The modems of this installation, each at work."""

import asyncio
import logging
from collections.abc import Callable
from uuid import UUID

from fleet.context import Context
from fleet.gateway.patience import patiently
from fleet.gateway.worker import Worker
from fleet.messages import carrying
from fleet.settings import ModemSettings
from modem_drivers.transport import Transport

log = logging.getLogger(__name__)


def by_port(settings: ModemSettings) -> str:
    """The line to a modem: the address of its port."""
    return settings.port


class Gateway:
    """Carries the account's texts through the modems in the settings."""

    def __init__(
        self, context: Context, account_id: UUID, line: Callable[[ModemSettings], str | Transport] = by_port
    ) -> None:
        """`line`: how to reach each modem. Raises SetupError where a PIN file cannot be read."""
        self._context, self._account_id = context, account_id
        self.workers = [
            Worker(context, account_id, context.process, settings, line(settings))
            for settings in context.settings.modem
        ]

    async def run(self) -> None:
        """Work for ever; without modems texts wait until they expire."""
        await self._take_over()
        if not self.workers:
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as tasks:
            for worker in self.workers:
                tasks.create_task(worker.run())

    async def _take_over(self) -> None:
        """What this process had under way before it was restarted is under way no more: no need to wait for the lease.

        A SQLite file is one process's, so there every lease is.
        """
        now, write = self._context.clock.now(), self._context.database.write
        whose = None if self._context.database.dialect == "sqlite" else self._context.process
        count = await patiently(
            "the gateway", lambda: write(lambda tx: carrying.bury(tx, now, self._account_id, whose))
        )
        if count:
            log.info(
                "%d texts were under way when the service ended; each is settled before anything is repeated", count
            )
