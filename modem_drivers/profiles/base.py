"""What a modem profile holds. Profiles are data: differences are added to a named base."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from modem_drivers.at.commands import Entry
from modem_drivers.at.parsers import contexts
from modem_drivers.at.parsers.calls import Progress
from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.signal import Signal
from modem_drivers.profiles.sources import STANDARD, Source, code, report, unconfirmed

_NOT_STANDARD = {
    "boot": report("Quectel's and SIMCom's modems in use; nobody else says it"),
    "routing": code("drivers that try these in turn; each form is the standard's"),
    "settle": unconfirmed("as short as a late answer has been seen to need"),
}
"""Sources of what the generic profile itself has from elsewhere than 3GPP and the ITU."""

Row = Literal[
    "usb", "commands", "setup", "iccid", "retries", "signal", "cell", "credentials", "credentials_read", "data",
    "routing", "storage", "calls", "speech", "keys", "power", "boot", "sleep", "wake", "settle", "patience", "gap",
]  # fmt: skip
"""The fields of a profile that have a source."""


@dataclass(frozen=True, slots=True)
class Interfaces:
    """The USB interfaces of a modem by what they are for, by interface number; None where it has none."""

    at: int
    at2: int | None = None
    diag: int | None = None
    nmea: int | None = None
    audio: int | None = None


@dataclass(frozen=True, slots=True)
class RetriesForm:
    """How a modem tells the tries left: the command, and for PIN and PUK the row's first field and column.

    An empty first field is the only row. `of_current`: the number is that of the code now asked for alone.
    """

    command: str
    pin: tuple[str, int]
    puk: tuple[str, int]
    of_current: bool = False


@dataclass(frozen=True, slots=True)
class SignalForm:
    """A command that tells the signal, and who reads what stands behind its prefix."""

    command: str
    parse: Callable[[str], Signal | None]


@dataclass(frozen=True, slots=True)
class CellForm:
    """A command that tells the serving cell, and who reads its answer's lines."""

    command: str
    read: Callable[[Sequence[str]], ServingCell | None]


@dataclass(frozen=True, slots=True)
class DataForm:
    """How packet data is started and ended on a context that AT+CGDCONT has defined; {cid} and {apn} are filled in.

    A `start` that names no context is for context 1 alone. `state` asks which contexts are up, and `read` reads a row
    of its answer, None for one that is down. `up` and `down` are prefixes of the unsolicited lines that tell the
    outcome, empty where OK does; `settles` is whether such a line does, None where each of them does.

    The default is 3GPP TS 27.007 clause 10.1.10.
    """

    start: tuple[str, ...] = ("+CGACT=1,{cid}",)
    stop: tuple[str, ...] = ("+CGACT=0,{cid}",)
    state: str = "+CGACT?"
    read: Callable[[str], contexts.InUse | None] = contexts.active
    up: str = ""
    down: str = ""
    settles: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class CallForm:
    """Voice calls: what switches their progress on, which unsolicited line tells it, and how to hang up.

    `told` is the prefix of that line, empty where the calls are listed again and again (AT+CLCC).
    """

    setup: tuple[str, ...] = ()
    told: str = ""
    parse: Callable[[str], Progress | None] | None = None
    hang_up: tuple[str, ...] = ("+CHUP", "H")


@dataclass(frozen=True, slots=True)
class SpeechForm:
    """Speech made by the modem and heard by the far end: {text} is filled in. `most` counts characters."""

    say: str
    stop: str
    ended: str
    most: int
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyForm:
    """Keys pressed by the far end: what switches their detection on, the lines that tell them, who reads those."""

    setup: tuple[str, ...]
    told: tuple[str, ...]
    parse: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class PowerForm:
    """Commands that turn the radio off, start the modem anew and switch it off; the latter two lose the port."""

    radio_off: str = "+CFUN=4"
    restart: str = "+CFUN=1,1"
    off: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One family of modems.

    `manufacturer` and `model` are patterns over the answers to AT+CGMI and AT+CGMM. `usb` maps vendor and
    product id to the interfaces. `setup` is sent when the modem is opened; a refusal of one of these is no
    fault. `iccid`, `signal`, `cell` and `routing` (AT+CNMI) are tried in order. `credentials` is the command
    that sets user and password of a context: {cid}, {method} (1 PAP, 2 CHAP), {user}, {password};
    `credentials_read` the one that tells them, in the same order. `storage` names message memories in order of
    preference. `boot` are lines only a modem that has just started says, `sleep` those it says before it sleeps to save
    power, deaf until it wakes, `wake` those of one that wakes without starting anew. `settle` is how long, in seconds,
    a late answer is waited for while the channel is brought back into step, `patience` how long a bare AT may
    take, `gap` how long the modem wants to rest between two commands.

    `sources` says for each field that differs from the generic profile who says so. A row nobody has confirmed
    is asked for with AT+X=? before it is used.
    """

    name: str
    manufacturer: str
    model: str
    usb: Mapping[tuple[int, int], Interfaces] = field(default_factory=lambda: MappingProxyType({}))
    commands: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    setup: tuple[str, ...] = ()
    iccid: tuple[str, ...] = ()
    retries: RetriesForm | None = None
    signal: tuple[SignalForm, ...] = ()
    cell: tuple[CellForm, ...] = ()
    credentials: str | None = None
    credentials_read: str | None = None
    data: DataForm = DataForm()
    routing: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    calls: CallForm | None = None
    speech: SpeechForm | None = None
    keys: KeyForm | None = None
    power: PowerForm = PowerForm()
    boot: tuple[str, ...] = ()
    sleep: tuple[str, ...] = ()
    wake: tuple[str, ...] = ()
    settle: float = 0.1
    patience: float = 2.0
    gap: float = 0.0
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))

    def matches(self, manufacturer: str, model: str) -> bool:
        """Whether a modem that calls itself so belongs to this family."""
        return bool(
            re.search(self.manufacturer, manufacturer, re.IGNORECASE) and re.search(self.model, model, re.IGNORECASE)
        )

    def source(self, row: Row) -> Source:
        """Who says what a row holds; the standard where the family does not differ."""
        return self.sources.get(row) or _NOT_STANDARD.get(row, STANDARD)
