"""The modem's end of a call: what the host is told, what it orders, what the far end hears."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Afterwards, Answer
from hw_fixtures.modem.errors import CmeRefusal, FinalRefusal
from hw_fixtures.modem.model import SpeechRow
from hw_fixtures.network.exchange import Connection, Release, Stage

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

RING_EVERY = 5.0  # seconds, 3GPP TS 22.001 annex F.2
_INTERNATIONAL, _UNKNOWN = 145, 129  # type of number, TS 24.008 clause 10.5.4.7
_LISTED = {Stage.DIALING: 2, Stage.ALERTING: 3, Stage.ACTIVE: 0}  # <stat>, TS 27.007 clause 7.18
_INCOMING = 4
_SAID = {Release.BUSY: "BUSY", Release.NO_ANSWER: "NO ANSWER"}
_INTERRUPTED = 4111  # what Quectel's speech ends with when the call does


class Calls:
    """One call at a time. A Party of the exchange."""

    def __init__(self, modem: "SimulatedModem") -> None:
        self.call: Connection | None = None
        self.incoming = False
        self.released: Release | None = None
        self.heard: list[str] = []
        self._modem = modem
        self._stage: Stage | None = None
        self._since: datetime | None = None
        self._ours = False
        self._speech = 0

    # --- from the host ---

    def dial(self, to: str) -> Answer:
        """ATD: OK at once, the rest is told by unsolicited lines."""
        exchange, sim = self._modem.network.exchange, self._modem.sim
        if self.call is not None:
            raise CmeRefusal(3)
        if sim is None or not self._modem.radio.registered:
            self.released = Release.NO_NETWORK
            raise FinalRefusal("NO CARRIER")
        self.incoming, self._ours, self._since = False, False, None
        call = self.call = exchange.dial(sim.msisdn, self, to, self._modem.later)
        self._stage = Stage.DIALING

        def go() -> None:
            self._tell(self._modem.model.calls.dialing, call)
            exchange.start(call)

        return Afterwards((), go)

    def answer(self) -> Answer:
        """ATA."""
        if self.call is None or not self.incoming or self.call.stage is not Stage.ALERTING:
            raise FinalRefusal("NO CARRIER")
        return Afterwards((), self.call.answer)

    def hang_up(self) -> Answer:
        """AT+CHUP, ATH: OK also where there is no call."""
        call = self.call
        if call is None or self._modem.faults.keeps_calls():
            return []
        self._ours = True
        return Afterwards((), call.end)

    def listed(self) -> list[str]:
        """AT+CLCC: the packet connection of LTE first, as real modems list it too."""
        lines = ['+CLCC: 1,0,0,1,0,"",128'] if self._modem.radio.active else []
        return lines if self.call is None else [*lines, f"+CLCC: {self._row(self.call)}"]

    def press(self, key: str) -> Answer:
        """AT+VTS."""
        self._active().press(self, key)
        return []

    def speak(self, row: SpeechRow, text: str) -> Answer:
        """The modem's own speech. The far end has heard it when the modem tells of its end."""
        call = self._active(row.no_call)
        self._speech += 1
        seconds = self._modem.speech_rate * len(text)

        def begin() -> None:
            self._modem.later(seconds, partial(self._spoken, row, text, call, self._speech))

        return Afterwards((row.reply,) if row.reply else (), begin)

    def hush(self) -> Answer:
        """In the middle of a sentence; nothing of it counts as heard."""
        self._speech += 1
        return []

    def drop(self) -> None:
        """Power or coverage is gone: the network ends the call, the host hears nothing."""
        call, self.call = self.call, None
        self._speech += 1
        if call is not None:
            call.end(Release.UNREACHABLE)

    # --- from the exchange ---

    def offered(self, call: Connection) -> None:
        """See Party."""
        if self.call is not None:
            call.end(Release.BUSY)
            return
        self.call, self.incoming, self._ours, self._since = call, True, False, None
        call.alert()
        self._ring(call)

    def changed(self, call: Connection) -> None:
        """See Party."""
        if call is not self.call or call.stage is self._stage:
            return
        self._stage = call.stage
        lines = self._modem.model.calls
        if call.stage is Stage.ALERTING:
            self._tell(lines.incoming if self.incoming else lines.alerting, call)
        elif call.stage is Stage.ACTIVE:
            self._since = self._modem.network.now()
            self._tell(lines.active, call)
        elif call.stage is Stage.OVER:
            self._over(call)

    def keyed(self, call: Connection, key: str) -> None:
        """See Party."""
        lines = self._modem.model.calls
        if lines.key and self._on(lines.keys, "1"):
            self._modem.say(lines.key.format(key=key, code=ord(key)))

    def spoken(self, call: Connection, text: str) -> None:
        """See Party."""
        self.heard.append(text)

    # --- inside ---

    def _over(self, call: Connection) -> None:
        lines = self._modem.model.calls
        self.released = call.release
        missed = self.incoming and self._since is None and not self._ours
        self._tell(lines.ended, call)
        if missed and lines.missed:
            self._tell(lines.missed, call)
        self.call, self._stage = None, None
        if not self._ours:
            self._modem.say(_SAID.get(call.release or Release.NORMAL, "NO CARRIER"))

    def _ring(self, call: Connection) -> None:
        if call is not self.call or call.stage is not Stage.ALERTING:
            return
        settings = self._modem.settings
        self._modem.say("+CRING: VOICE" if settings["+CRC"] == "1" else "RING")
        if settings["+CLIP"] == "1":
            self._modem.say(f'+CLIP: "{call.caller}",{_kind(call.caller)},"",,"",0')
        self._modem.later(RING_EVERY, partial(self._ring, call))

    def _spoken(self, row: SpeechRow, text: str, call: Connection, speech: int) -> None:
        if speech != self._speech:
            return
        gone = call is not self.call or call.stage is not Stage.ACTIVE
        if not gone:
            call.say(self, text)
        self._modem.say(row.ended.format(code=_INTERRUPTED if gone else 0))

    def _active(self, refusal: int = 3) -> Connection:
        if self.call is None or self.call.stage is not Stage.ACTIVE:
            raise CmeRefusal(refusal)
        return self.call

    def _tell(self, line: str, call: Connection) -> None:
        """The model's own line for this stage, and its list where that comes by itself; a fault may swallow both."""
        model = self._modem.model.calls
        if self._modem.faults.progress_muted:
            return
        if line and self._on(model.told, "1"):
            number = self._far(call)
            seconds = int((self._modem.network.now() - self._since).total_seconds()) if self._since else 0
            self._modem.say(
                line.format(
                    index=self._index,
                    direction=int(self.incoming),
                    number=number,
                    kind=_kind(number),
                    seconds=seconds,
                    now=self._modem.network.now(),
                )
            )
        if model.listed and self._on(model.listed, "0"):
            self._modem.say(f"+CLCC: {self._row(call)}")

    def _on(self, setting: str, default: str) -> bool:
        return self._modem.settings.get(setting, default).split(",")[0] != "0"

    def _row(self, call: Connection) -> str:
        stat = 6 if call.stage is Stage.OVER else _LISTED[call.stage]
        if self.incoming and call.stage is Stage.ALERTING:
            stat = _INCOMING
        number = self._far(call)
        return f'{self._index},{int(self.incoming)},{stat},0,0,"{number}",{_kind(number)}'

    @property
    def _index(self) -> int:
        return 1 + bool(self._modem.radio.active)

    def _far(self, call: Connection) -> str:
        return call.caller if self.incoming else call.callee


def _kind(number: str) -> int:
    return _INTERNATIONAL if number.startswith("+") else _UNKNOWN
