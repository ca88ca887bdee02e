"""What an AT channel tells its owner."""

from typing import NamedTuple

from modem_drivers.at.results import Result


class Reply(NamedTuple):
    """The running command has ended.

    `lines` are its information lines; for a command that lists messages `pdus[i]` belongs to `lines[i]`.
    """

    result: Result
    lines: tuple[str, ...]
    pdus: tuple[str, ...]


class Payload(NamedTuple):
    """The modem asks for the message: write `data` now. From here on it may be on its way."""

    data: bytes


class Unsolicited(NamedTuple):
    """The modem speaks unasked: `name` is the prefix (`+CMTI`) or the whole line, `text` what follows."""

    name: str
    text: str
    pdu: str | None = None


class Stray(NamedTuple):
    """A line nobody asked for and nobody knows: a late reply, an echo's rest, noise."""

    line: str


Event = Reply | Payload | Unsolicited | Stray
