"""The simulated modem: bytes in, effects out. No clock, no I/O; whoever serves it carries the effects out."""

from collections.abc import Callable, Sequence
from functools import partial

from hw_fixtures.modem.calls import Calls
from hw_fixtures.modem.dialogue import Dialogue
from hw_fixtures.modem.effects import Effect, HangUp, Timer, Write
from hw_fixtures.modem.faults import Faults
from hw_fixtures.modem.messaging import Messaging
from hw_fixtures.modem.model import Model
from hw_fixtures.modem.radio import OFF, Radio
from hw_fixtures.modem.sim import SimCard
from hw_fixtures.network import Air, Menu


class SimulatedModem:
    """One modem with its SIM, on a network. Times are seconds; `reboot_after` is how long a reset takes it off.

    `speech_rate` is how long it speaks a character.

    Feed it what the host writes. Effects it has outside of `feed` and `fire` (a text came in, a fault was
    ordered) are announced by `on_effects` and taken by `take`.
    """

    def __init__(
        self,
        model: Model,
        *,
        network: Air,
        sim: SimCard | None,
        imei: str,
        registered_after: float = 0,
        cmgs_latency: float = 0,
        speech_rate: float = 0,
        reboot_after: float = 1,
    ) -> None:
        self.model = model
        self.network = network
        self.sim = sim
        self.imei = imei
        self.cmgs_latency = cmgs_latency
        self.speech_rate = speech_rate
        self.menu: Menu | None = None  # of the USSD dialogue that is open
        self.reboot_after = reboot_after
        self.on_effects: Callable[[], None] | None = None
        self.settings = {name: setting.value for name, setting in model.settings.items()}
        self.switched: dict[str, str] = {}  # what commands that show facts were set to since the start
        self.on = self.card_busy = False
        self._effects: list[Effect] = []
        self._timers: dict[int, Callable[[], None]] = {}
        self._last_token = 0
        self._inside = False
        self.faults = Faults(self)
        self.messaging = Messaging(self)
        self.calls = Calls(self)
        self.radio = Radio(self, registered_after)
        if sim is not None:
            network.enrol(sim.msisdn)
            network.exchange.enrol(sim.msisdn)
        self.power_on()

    # --- for whoever serves it ---

    def feed(self, data: bytes) -> Sequence[Effect]:
        """Bytes from the host; returns what to do about them, in order."""
        if self.on and not self.faults.silent:
            self._within(partial(self.dialogue.hear, data))
        return self.take()

    def fire(self, token: int) -> Sequence[Effect]:
        """A timer is up; one that a reset has overtaken does nothing."""
        action = self._timers.pop(token, None)
        if action is not None:
            self._within(action)
        return self.take()

    def take(self) -> Sequence[Effect]:
        """What has gathered since the last call."""
        effects, self._effects = self._effects, []
        return effects

    # --- for its parts ---

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do this after so many seconds; at once for none."""
        if seconds <= 0:
            action()
            return
        self._last_token += 1
        self._timers[self._last_token] = action
        self.emit(Timer(seconds, self._last_token))

    def say(self, *lines: str) -> None:
        """Unsolicited lines, each between line ends."""
        if self.on:
            self.write("".join(f"\r\n{line}{self.model.line_end}" for line in lines).encode())

    def write(self, data: bytes) -> None:
        """Bytes to the host, unless a fault swallows them."""
        if data and not self.faults.silent:
            self.emit(Write(data))

    def emit(self, effect: Effect) -> None:
        """An effect, announced unless the caller of feed or fire will get it anyway."""
        self._effects.append(effect)
        if not self._inside and self.on_effects is not None:
            self.on_effects()

    def let_out(self) -> None:
        """What has gathered so far goes to the host now, before the rest is worked out."""
        if self.on_effects is not None:
            self.on_effects()

    @property
    def card_open(self) -> bool:
        """Whether the card is there, has power and is open."""
        return self.sim is not None and self.sim.state == "READY" and self.radio.function != OFF and not self.card_busy

    def open_card(self) -> None:
        """The right PIN was given: after a while the card is ready."""
        self.card_busy = True

        def ready() -> None:
            self.card_busy = False
            self.radio.sim_ready()

        self.later(self.model.sim_busy_for, ready)

    def power_on(self) -> None:
        """Boot, as after a reset: volatile settings are back at their start."""
        self.on = True
        self.dialogue = Dialogue(self)
        self.faults.silent = False
        for name in self.model.volatile:
            if name in self.settings:
                self.settings[name] = self.model.settings[name].value
        if "+CPMS" in self.model.volatile:
            self.messaging.choose_memories()
        self.card_busy = False
        self.switched.clear()
        if self.sim is not None:
            self.sim.power_cycle()
        self.say(*self.model.boot_lines)
        self.radio.power_on()

    def power_off(self) -> None:
        """Power is gone: the network loses the modem, dialogue and timers are forgotten, stores are kept."""
        self.on = False
        self.radio.power_off()
        self.menu = None
        self._timers.clear()

    def reset(self) -> None:
        """Restart: the line vanishes and comes back after `reboot_after` seconds."""
        self.power_off()
        self.later(self.model.vanishes_after, lambda: self.emit(HangUp(self.reboot_after)))

    def unplugged(self) -> None:
        """The line vanishes and stays away until whoever serves the modem plugs it in."""
        self.power_off()
        self.emit(HangUp(None))

    def _within(self, action: Callable[[], None]) -> None:
        self._inside = True
        try:
            action()
        finally:
            self._inside = False
