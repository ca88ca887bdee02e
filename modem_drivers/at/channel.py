"""The AT machine: feed it bytes, get events. No I/O, no clock.

    channel = Channel()
    port.write(channel.send(command))
    for event in channel.receive(data): ...

A line belongs to the running command only if the command expects its prefix (or any bare line);
everything else was not asked for, so replies and unsolicited lines may interleave freely.
"""

from typing import Final

from modem_drivers.at import pdus, unsolicited
from modem_drivers.at.commands import Command
from modem_drivers.at.events import Event, Payload, Reply, Stray, Unsolicited
from modem_drivers.at.lexer import PROMPT, Lexer
from modem_drivers.at.results import Result, final
from modem_drivers.at.states import TRANSITIONS, State, Trigger

MAX_REPLY_LINES: Final = 4096
"""Most lines of one reply that are kept; further ones are dropped and the reply counts as an error."""

MAX_HEADERS: Final = 4
"""Most lines that wait for their PDU at once; an older one has lost it."""

ESCAPE: Final = b"\x1b"
"""Leaves a prompt without sending (3GPP TS 27.005 clause 3.5.1); ignored elsewhere."""

PROBE: Final = Command(name="AT", line=b"AT\r", timeout=2)
WORDS: Final = Command(name="AT", line=b"ATQ0V1\r", timeout=2)
"""For a modem that another program left without results, or with figures for them (V.250 clauses 6.2.5, 6.2.6)."""

_TOO_LONG: Final = Result(False, "reply too long")
_NO_PROMPT: Final = Result(False, "OK without a prompt")


class Channel:
    """One AT channel. It starts DIRTY: what the modem will say next is not known yet.

    A call that its state does not allow raises RuntimeError.
    """

    def __init__(self) -> None:
        self.state = State.DIRTY
        self._lexer = Lexer()
        self._command: Command | None = None
        self._lines: list[str] = []
        self._pdus: list[str] = []
        self._overflow = False
        self._headers: list[tuple[str, bool]] = []  # lines whose PDU is still to come; True: a reply's
        self._open: tuple[str, str] | None = None  # an unsolicited line whose quoted text goes on
        self.payload_written = False

    def send(self, command: Command) -> bytes:
        """The bytes to write for `command`. The channel must be IDLE."""
        self._turn(Trigger.SEND if command.payload is None else Trigger.SEND_WITH_PAYLOAD)
        self._begin(command)
        return command.line

    def probe(self, command: Command = PROBE) -> bytes:
        """The bytes of a bare AT, or of WORDS, to be written while DIRTY: the first step back to IDLE."""
        self._turn(Trigger.PROBE)
        self._begin(command)
        return command.line

    def settled(self) -> bool:
        """Called once the modem had time to say something late; True where it did not: now IDLE."""
        if self.state is State.SETTLING:
            self._turn(Trigger.SETTLED)
            return True
        return False

    def give_up(self) -> None:
        """The running command's deadline has passed, or its caller is gone: the channel is DIRTY."""
        self._turn(Trigger.GIVE_UP)
        self._begin(None)

    def lose(self) -> None:
        """The line is gone for good."""
        self._turn(Trigger.LOSE)

    def receive(self, data: bytes) -> list[Event]:
        """What `data` means. Any bytes are accepted; none raises."""
        events: list[Event] = []
        for line in self._lexer.feed(data):
            self._take(line, events)
        return events

    # -- one line ------------------------------------------------------------------------------------

    def _take(self, line: str, events: list[Event]) -> None:
        if self._headers:
            if self._is_pdu(line, events):
                return
            # One without a length would take any hexadecimal, at any time later.
            self._headers = [header for header in self._headers if pdus.length(header[0]) is not None]
        if line == PROMPT:
            self._prompt(events)
            return
        command = self._command
        result = final(line, dialling=command is not None and command.dials)
        if result is not None:
            self._end(result, events)
            return
        name, text = unsolicited.named(line)
        if self._open is not None and (name is line or not name[1:2].isalpha()):
            self._continue(line, events)
        elif command is not None and self._is_reply(command, name, text, line):
            self._keep(line, command)
        elif command is not None and _is_echo(line, command):
            pass
        elif name in unsolicited.WITH_PDU:
            self._await_pdu(line, reply=False)
        elif unsolicited.open_ended(name, text):
            self._open = name, text
        elif name is not line or line.upper() in unsolicited.BARE:
            events.append(Unsolicited(name, text))
        else:
            events.append(Stray(line))

    def _is_reply(self, command: Command, name: str, text: str, line: str) -> bool:
        if name in command.prefixes:
            return not (command.read and unsolicited.not_a_reply(name, text))
        return command.bare and name is line and line.upper() not in unsolicited.BARE and not _is_echo(line, command)

    def _keep(self, line: str, command: Command) -> None:
        if len(self._lines) + len(self._headers) >= MAX_REPLY_LINES:
            self._overflow = True
        elif command.pdu:
            self._await_pdu(line, reply=True)
        else:
            self._lines.append(line)

    def _prompt(self, events: list[Event]) -> None:
        command = self._command
        if self.state is not State.AWAITING_PROMPT or command is None or command.payload is None:
            events.append(Stray(PROMPT))
            return
        self._turn(Trigger.PROMPT)
        self.payload_written = True
        events.append(Payload(command.payload))

    def _end(self, result: Result, events: list[Event]) -> None:
        if self._open is not None:  # it was cut: a modem says such a text in one go
            events.append(Unsolicited(*self._open))
            self._open = None
        running, answer = self._command, (tuple(self._lines), tuple(self._pdus))
        if result.ok and self.state is State.AWAITING_PROMPT:
            result = _NO_PROMPT
            self._turn(Trigger.OK)
        else:
            self._turn(Trigger.OK if result.ok else Trigger.REFUSED)
        if running is None:
            events.append(Stray(result.text))
            return
        events.append(Reply(_TOO_LONG if self._overflow else result, *answer))
        self._command = None
        self._headers = [header for header in self._headers if not header[1]]

    # -- two-line items ------------------------------------------------------------------------------

    def _await_pdu(self, line: str, *, reply: bool) -> None:
        self._headers.append((line, reply))
        del self._headers[:-MAX_HEADERS]

    def _is_pdu(self, line: str, events: list[Event]) -> bool:
        """Takes `line` as the PDU of the latest header it fits; False where it is no PDU at all."""
        if not pdus.is_hex(line):
            return False
        for at in reversed(range(len(self._headers))):
            header, reply = self._headers[at]
            pdu = pdus.fitted(header, line)
            if pdu is None:
                continue
            del self._headers[at]
            if reply:
                self._lines.append(header)
                self._pdus.append(pdu)
            else:
                events.append(Unsolicited(*unsolicited.named(header), pdu))
            return True
        return False

    # -- text over several lines ---------------------------------------------------------------------

    def _continue(self, line: str, events: list[Event]) -> None:
        """Adds `line` to the open text; a bare unsolicited line inside it is told as what it is."""
        assert self._open is not None
        if line.upper() in unsolicited.BARE:
            events.append(Unsolicited(line, ""))
            return
        name, text = self._open[0], f"{self._open[1]}\n{line}"
        self._open = name, text
        if unsolicited.closes(line) or len(text) > unsolicited.MAX_TEXT:
            self._open = None
            events.append(Unsolicited(name, text))

    # -- state ---------------------------------------------------------------------------------------

    def _begin(self, command: Command | None) -> None:
        self._command = command
        self._lines, self._pdus, self._overflow = [], [], False
        self._headers = [header for header in self._headers if not header[1]]
        self.payload_written = False

    def _turn(self, trigger: Trigger) -> None:
        following = TRANSITIONS[self.state].get(trigger)
        if following is None:
            raise RuntimeError(f"a channel that is {self.state.name} cannot take {trigger.name}")
        self.state = following


def _is_echo(line: str, command: Command) -> bool:
    """Whether `line` is the command come back: whole, doubled, with noise before it, or cut."""
    sent = command.line[:-1].decode("ascii")
    return sent in line or (len(line) > 1 and line in sent)
