"""The exchange: connects calls between numbers, and answers codes such as *100#."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, Union

Later = Callable[[float, Callable[[], None]], None]
"""Does something after so many seconds: the exchange has no clock, whoever dials brings one."""


class Stage(Enum):
    """How far a call has come."""

    DIALING = "dialing"
    ALERTING = "alerting"
    ACTIVE = "active"
    OVER = "over"


class Release(Enum):
    """Why a call is over, as networks word it (3GPP TS 24.008 table 10.5.123)."""

    NORMAL = "Normal call clearing"
    BUSY = "User busy"
    NO_ANSWER = "No answer from user (user alerted)"
    UNREACHABLE = "Destination out of order"
    NO_NETWORK = "Network out of order"


class Party(Protocol):
    """Whoever has a number and can be called."""

    def offered(self, call: "Connection") -> None:
        """Somebody calls: let it ring, or release it."""

    def changed(self, call: "Connection") -> None:
        """The call has reached another stage."""

    def keyed(self, call: "Connection", key: str) -> None:
        """The far end pressed a key."""

    def spoken(self, call: "Connection", text: str) -> None:
        """The far end said something."""


class Connection:
    """One call. `release` says why it is over, None before."""

    def __init__(self, caller: str, callee: str, ends: tuple[Party, Party], later: Later) -> None:
        self.caller = caller
        self.callee = callee
        self.stage = Stage.DIALING
        self.release: Release | None = None
        self.later = later
        self._ends = ends

    def offer(self) -> None:
        """The network has found the callee."""
        self._ends[1].offered(self)

    def alert(self) -> None:
        """It rings at the callee's."""
        if self.stage is Stage.DIALING:
            self._move(Stage.ALERTING)

    def answer(self) -> None:
        """The callee has answered."""
        if self.stage is Stage.ALERTING:
            self._move(Stage.ACTIVE)

    def end(self, why: Release = Release.NORMAL) -> None:
        """Either end, or the network, is done with it."""
        if self.stage is not Stage.OVER:
            self.release = why
            self._move(Stage.OVER)

    def press(self, by: Party, key: str) -> None:
        """One end presses a key, the other may hear it."""
        if self.stage is Stage.ACTIVE:
            self._other(by).keyed(self, key)

    def say(self, by: Party, text: str) -> None:
        """One end speaks, the other hears it."""
        if self.stage is Stage.ACTIVE:
            self._other(by).spoken(self, text)

    def _move(self, stage: Stage) -> None:
        self.stage = stage
        for end in self._ends:
            end.changed(self)

    def _other(self, by: Party) -> Party:
        return self._ends[1] if by is self._ends[0] else self._ends[0]


@dataclass(frozen=True, slots=True)
class Menu:
    """An answer to a code that asks for one of its choices."""

    text: str
    choices: Mapping[str, "Reply"] = field(default_factory=dict)


Reply = Union[str, Menu, None]  # noqa: UP007 - refers to itself through strings
"""What a network says to a code: a text, a menu, or None for nothing at all."""


class Switchboard(Protocol):
    """What a modem meets of an exchange, wherever that is."""

    ussd: dict[str, Reply]

    def enrol(self, number: str) -> None:
        """The number exists, though nobody may be reachable there."""

    def attach(self, number: str, party: Party) -> None:
        """From now on this number can be called."""

    def detach(self, number: str) -> None:
        """Nobody is there any more."""

    def dial(self, caller: str, by: Party, to: str, later: Later) -> Connection:
        """A call on its way; `start` offers it to the callee."""

    def start(self, call: Connection) -> None:
        """The network looks for the callee."""


class Exchange:
    """A Switchboard: who can be called.

    `stranger` gives somebody to numbers nobody attached; `ussd` holds codes and answers.
    A call that nobody answers is given up after `rings_for` seconds. `on_call` hears, by number and in words, of
    phones that ring, of calls answered and ended, and of what is said into a phone.
    """

    def __init__(self, stranger: Callable[[str], Party]) -> None:
        self.rings_for = 60.0
        self.ussd: dict[str, Reply] = {}
        self.on_call: list[Callable[[str, str], None]] = []
        self._stranger = stranger
        self._enrolled: set[str] = set()
        self._parties: dict[str, Party] = {}

    def enrol(self, number: str) -> None:
        """The number exists, though nobody may be reachable there."""
        self._enrolled.add(number)

    def tell(self, number: str, what: str) -> None:
        """Something has happened at a phone."""
        for told in self.on_call:
            told(number, what)

    def attach(self, number: str, party: Party) -> None:
        """From now on this number can be called."""
        self.enrol(number)
        self._parties[number] = party

    def detach(self, number: str) -> None:
        """Nobody is there any more."""
        self._parties.pop(number, None)

    def dial(self, caller: str, by: Party, to: str, later: Later) -> Connection:
        """A call on its way; `start` offers it to the callee."""
        callee = self._parties.get(to)
        if callee is None and to not in self._enrolled:
            callee = self._stranger(to)
        return Connection(caller, to, (by, callee or Nobody()), later)

    def start(self, call: Connection) -> None:
        """The network looks for the callee."""
        call.offer()
        call.later(self.rings_for, lambda: self._give_up(call))

    def _give_up(self, call: Connection) -> None:
        if call.stage in (Stage.DIALING, Stage.ALERTING):
            call.end(Release.NO_ANSWER)


class Nobody:
    """A number that exists and cannot be reached."""

    def offered(self, call: Connection) -> None:
        """See Party."""
        call.end(Release.UNREACHABLE)

    def changed(self, call: Connection) -> None:
        """See Party."""

    def keyed(self, call: Connection, key: str) -> None:
        """See Party."""

    def spoken(self, call: Connection, text: str) -> None:
        """See Party."""
