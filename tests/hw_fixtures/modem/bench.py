"""A modem on the bench, spoken to without a line; and a host for the end of a line."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from hw_fixtures.modem import Effect, HangUp, SimCard, SimulatedModem, Timer, Write, load_model, model_names
from hw_fixtures.network import Network
from modem_drivers import pdu

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWN, ALICE = "+15550199", "+15550101"
every_model = pytest.mark.parametrize("model", model_names())
different_models = pytest.mark.parametrize("model", ["quectel-ec25", "simcom-sim7600", "ublox-sara-r4"])
"""Those whose dialogue differs."""


class Bench:
    """One modem with everything around it; options go to the modem, `pin` to its card."""

    def __init__(
        self, model: str = "quectel-ec25", *, pin: str | None = None, sim: bool = True, **options: Any
    ) -> None:
        self.network = Network(lambda: NOON)
        self.alice = self.network.phone(ALICE)
        self.card = SimCard("8988300000000000013", "001010123456789", OWN, pin=pin)
        self.modem = SimulatedModem(
            load_model(model),
            network=self.network,
            sim=self.card if sim else None,
            imei="867698040000005",
            **options,
        )
        self.effects: list[Effect] = []
        self.booted = self.drain()
        self.say("ATE0")

    def indicate(self, indications: str) -> None:
        """AT+CNMI in the mode this model takes; the rest of its values as given."""
        assert any(self.say(f"AT+CNMI={mode},{indications}") == "OK" for mode in (2, 1))

    def say(self, line: str) -> str:
        """The answer to a command, without the blank lines between."""
        return self.raw(f"{line}\r".encode())

    def raw(self, data: bytes) -> str:
        """What the modem writes on these bytes."""
        self._keep(self.modem.feed(data))
        return self.drain()

    def drain(self) -> str:
        """What the modem has written since."""
        self._keep(self.modem.take())
        written = b"".join(effect.data for effect in self.effects if isinstance(effect, Write))
        self.effects = [effect for effect in self.effects if not isinstance(effect, Write)]
        return "\n".join(line for line in written.decode("latin-1").replace("\r", "\n").split("\n") if line)

    def timers(self) -> list[float]:
        """What is waited for, in seconds."""
        self._keep(self.modem.take())
        return [effect.after for effect in self.effects if isinstance(effect, Timer)]

    def hung_up(self) -> list[float | None]:
        """Every time the line vanished, and when it wants to be back."""
        self._keep(self.modem.take())
        return [effect.back_after for effect in self.effects if isinstance(effect, HangUp)]

    def elapse(self) -> str:
        """Fire the oldest timer; what the modem writes then."""
        timer = next(effect for effect in self.effects if isinstance(effect, Timer))
        self.effects.remove(timer)
        self._keep(self.modem.fire(timer.token))
        return self.drain()

    def unlock(self, pin: str) -> list[str]:
        """Give the PIN and wait until the card is ready; the lines that came."""
        said = self.say(f'AT+CPIN="{pin}"').split("\n")
        while self.timers():
            said += self.elapse().split("\n")
        return said

    def text(self, text: str = "hello", reference: int = 5, *, resend: bool = False) -> str:
        """Send a one-part text to Alice; the last answer."""
        (submit,) = pdu.encode_submit(ALICE, text, first_reference=reference, reject_duplicates=resend)
        prompt = self.say(f"AT+CMGS={submit.length}")
        return self.raw(f"{submit.hex}\x1a".encode()) if prompt.startswith(">") else prompt

    def _keep(self, effects: Any) -> None:
        self.effects += effects


class Host:
    """The driver's side: what came, and whether the line was lost."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.lost = asyncio.Event()
        self._more = asyncio.Event()

    def on_data(self, data: bytes) -> None:
        self.heard += data
        self._more.set()

    async def hears(self, wanted: bytes) -> None:
        async with asyncio.timeout(30):
            while wanted not in self.heard:
                self._more.clear()
                await self._more.wait()
        self.heard.clear()
