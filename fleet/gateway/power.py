"""The power switch of a modem: a program of the operator's that takes the power away and gives it back."""

import asyncio
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from typing import IO, Final

from fleet.audit import Actor, record
from fleet.context import Context
from fleet.errors import SetupError, Unavailable
from fleet.settings import ModemSettings
from modem_drivers.errors import ModemError

GRACE: Final = 10.0
"""Real seconds a program may go on after the service was told to stop."""
_SHOWN: Final = 200
"""So many of the last octets a failed program wrote are repeated."""


class PowerSwitch:
    """Runs the `power_switch` of one modem, without a shell; each run is audited."""

    def __init__(self, context: Context, actor: Actor, settings: ModemSettings) -> None:
        """Raises SetupError where there is no such program: better now than when it is needed."""
        self._context, self._actor, self._port = context, actor, settings.port
        self._words, self._patience = settings.power_switch, settings.power_switch_s
        if shutil.which(self._words[0]) is None:
            raise SetupError(
                f"expected a program to run as the power_switch of the modem at {self._port}, found none named "
                f"{self._words[0]!r}; correct the setting"
            )

    async def __call__(self) -> None:
        """Take the power away and give it back. Raises ModemError where the program fails or takes too long."""
        why = await self._run()
        facts = {"why": why} if why else {}
        verb, now = "modem.switch_failed" if why else "modem.switched", self._context.clock.now()
        with suppress(Unavailable):  # the modem is needed all the same, and the log has it
            await self._context.database.write(
                lambda tx: record(tx, self._actor, now, verb, f"modem {self._port}", command=self._words[0], **facts)
            )
        if why:
            raise ModemError(
                f"expected the power_switch of the modem at {self._port} to end well, it {why}; try it by hand"
            )

    async def _run(self) -> str:
        """Empty where it went well, else what went wrong."""
        with tempfile.TemporaryFile() as said:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._words,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
            except OSError as error:
                return f"did not start: {error.strerror}"
            try:
                async with asyncio.timeout(self._patience):
                    code = await process.wait()
            except TimeoutError:
                return f"was not done after {self._patience:g} s"
            except asyncio.CancelledError:  # we are stopped, perhaps with the power off: it may still give it back
                with suppress(TimeoutError):
                    async with asyncio.timeout(GRACE):
                        await process.wait()
                raise
            finally:
                if process.returncode is None:  # what it started ends with it
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    await process.wait()
            return "" if code == 0 else f"ended with {code}{_last_line(said)}"


def _last_line(said: IO[bytes]) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(said.tell() - _SHOWN, 0))
    lines = said.read().decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f", saying {last!r}" if last else ""
