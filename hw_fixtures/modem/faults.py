"""Faults on command: what real modems do to their drivers."""

import random
from typing import TYPE_CHECKING, Literal

from hw_fixtures.modem.errors import CmeRefusal, CmsRefusal

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

_NOISE = b"\x00\xff\xfe~{}\x80 \r\n#q"


class Faults:
    """Orders for one modem. Those about "the next" thing hold once; the others until `clear`."""

    def __init__(self, modem: "SimulatedModem") -> None:
        self._modem = modem
        self._random = random.Random(27005)  # noqa: S311 - noise, the same in every run
        self.storage_full = False
        self.network_lost = False
        self.progress_muted = False
        self.clear()

    def clear(self) -> None:
        """Back to a healthy modem; the network comes back if it was taken."""
        self.silent = False
        self._delay: float | None = None
        self._noisy = False
        self._prompt: Literal["hang up", "lose"] | None = None
        self._after_pdu: Literal["lost", "accepted", "timed out"] | None = None
        self._refusals: list[int] = []
        self._command_refusals: list[int] = []
        self._context_refusals: list[int] = []
        self._insert: list[str] = []
        self._kept_calls = 0
        self.progress_muted = False
        self.storage_full = False
        if self.network_lost:
            self.network_back()

    def silence(self, seconds: float | None = None) -> None:
        """Hear and say nothing for so many seconds, or for ever; what is written meanwhile is lost."""
        self.silent = True
        if seconds is not None:
            self._modem.later(seconds, self._speak_again)

    def late(self, seconds: float) -> None:
        """Hold the next answer back for so many seconds; input waits meanwhile."""
        self._delay = seconds

    def garbage(self) -> None:
        """Noise before and behind every answer."""
        self._noisy = True

    def hang_up_at_prompt(self) -> None:
        """The line vanishes instead of the next prompt."""
        self._prompt = "hang up"

    def lose_prompt(self) -> None:
        """The next prompt is never seen, though the modem waits at it."""
        self._prompt = "lose"

    def hang_up_after_pdu(self, *, accepted: bool = True) -> None:
        """The line vanishes instead of the next answer to a PDU; `accepted`: the network has the text all the same."""
        self._after_pdu = "accepted" if accepted else "lost"

    def lose_network_answer(self, *, accepted: bool = True) -> None:
        """The next text ends in CMS 332: nobody here knows. `accepted`: the network has it all the same."""
        if accepted:
            self._after_pdu = "timed out"
        else:
            self.refuse_next(cms=332)

    def refuse_next(self, cms: int = 38, times: int = 1) -> None:
        """The network refuses the next texts with this cause."""
        self._refusals += [cms] * times

    def refuse_commands(self, cme: int = 100, times: int = 1) -> None:
        """The next command lines, bare ATs aside, are answered with this error."""
        self._command_refusals += [cme] * times

    def refuse_data(self, cme: int = 148, times: int = 1) -> None:
        """The network refuses the next contexts; with this cause where the modem tells one."""
        self._context_refusals += [cme] * times

    def urc_inside_reply(self, line: str) -> None:
        """This unsolicited line comes inside the next answer, before its final result."""
        self._insert.append(line)

    def hang_up(self) -> None:
        """The line vanishes now."""
        self._modem.unplugged()

    def reset(self) -> None:
        """The modem restarts by itself, now."""
        self._modem.reset()

    def lock_sim(self, pin: str = "0000") -> None:
        """The card has lost its power for a moment and asks for this PIN."""
        sim = self._modem.sim
        if sim is None:
            raise LookupError("expected a SIM to lock, the modem has none")
        sim.pin, sim.locked = pin, True
        sim.power_cycle()
        self._modem.radio.deregister()
        self._modem.say(f"+CPIN: {sim.state}")

    def full_storage(self) -> None:
        """Every message store is full: texts stay at the network."""
        self.storage_full = True

    def keep_call(self, times: int = 1) -> None:
        """Say OK to the next orders to hang up, and keep the call all the same."""
        self._kept_calls += times

    def mute_progress(self) -> None:
        """Calls go on without a word of their progress."""
        self.progress_muted = True

    def no_network(self) -> None:
        """Coverage is lost until `network_back`."""
        self.network_lost = True
        self._modem.radio.lose()

    def network_back(self) -> None:
        """Coverage is there again."""
        self.network_lost = False
        self._modem.radio.search()

    # --- asked by the machine ---

    def at_prompt(self) -> str | None:
        """What befalls this prompt."""
        fault, self._prompt = self._prompt, None
        return fault

    def after_pdu(self) -> str | None:
        """What befalls the answer to this PDU."""
        fault, self._after_pdu = self._after_pdu, None
        return fault

    def refuse(self) -> None:
        """Raise the refusal this submission was promised."""
        if self._refusals:
            raise CmsRefusal(self._refusals.pop(0))

    def refuse_command(self) -> None:
        """Raise the error this command line was promised."""
        if self._command_refusals:
            raise CmeRefusal(self._command_refusals.pop(0))

    def refuse_context(self) -> None:
        """Raise the refusal this context was promised."""
        if self._context_refusals:
            raise CmeRefusal(self._context_refusals.pop(0))

    def keeps_calls(self) -> bool:
        """Whether this order to hang up does nothing."""
        kept = self._kept_calls > 0
        self._kept_calls -= kept
        return kept

    def delay(self) -> float | None:
        """How long to hold this answer back."""
        delay, self._delay = self._delay, None
        return delay

    def alter(self, reply: tuple[bytes, bytes]) -> bytes:
        """The answer as it goes over the line."""
        information, final = reply
        if self._insert:
            information += "".join(f"\r\n{line}\r\n" for line in self._insert).encode()
            self._insert = []
        if self._noisy:
            return self._noise() + information + final + self._noise()
        return information + final

    def _noise(self) -> bytes:
        return bytes(self._random.choices(_NOISE, k=self._random.randint(1, 8)))

    def _speak_again(self) -> None:
        self.silent = False
