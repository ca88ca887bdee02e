"""What the AT machine makes of a dialogue, and what its row expects."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from modem_drivers.at.channel import Channel
from modem_drivers.at.commands import Catalogue, Entry
from modem_drivers.at.events import Payload, Reply, Unsolicited
from modem_drivers.at.states import State
from tests.modem_drivers.open_sets.mutations import TOLD


@dataclass
class Outcome:
    """What a dialogue came to; strays are nobody's business."""

    lines: list[str] = field(default_factory=list)
    pdus: list[str] = field(default_factory=list)
    result: str | None = None
    code: int | None = None
    prompted: bool = False
    unsolicited: list[tuple[str, str]] = field(default_factory=list)

    def undisturbed(self) -> "Outcome":
        """The outcome without what was said in between."""
        self.unsolicited = [one for one in self.unsolicited if one[0] not in TOLD]
        return self


def expected(row: dict[str, Any]) -> Outcome:
    """What a row says."""
    ended = row.get("ended", "command" in row)
    return Outcome(
        lines=row.get("lines", []),
        result=row.get("result", "OK") if ended else None,
        code=row.get("code"),
        prompted="then" in row,
        unsolicited=[(name, text) for name, text in row.get("unsolicited", [])],
    )


def catalogue(row: dict[str, Any]) -> Catalogue:
    """The commands; the row's own among them where it asks for it."""
    return Catalogue({row["command"].partition("=")[0]: Entry()} if row.get("known") else None)


def payload(row: dict[str, Any]) -> bytes | None:
    """What is written at the prompt."""
    return row["payload"].encode() + b"\x1a" if "payload" in row else None


def through(row: dict[str, Any], pieces: Iterable[bytes], then: Iterable[bytes] | None = None) -> Outcome:
    """The AT machine hears the pieces and, once it has given the payload away, what follows on that."""
    channel = Channel()
    channel.probe()
    channel.receive(b"\r\nOK\r\n")
    channel.settled()
    if "command" in row:
        channel.send(catalogue(row).command(row["command"], payload=payload(row)))
    found = Outcome()
    for piece in pieces:
        _hear(channel, piece, found)
    if found.prompted:
        for piece in then if then is not None else [row["then"].encode()]:
            _hear(channel, piece, found)
    assert found.result is None or channel.state is State.IDLE
    return found


def _hear(channel: Channel, data: bytes, found: Outcome) -> None:
    for event in channel.receive(data):
        match event:
            case Payload():
                found.prompted = True
            case Reply():
                found.lines, found.pdus, found.result = list(event.lines), list(event.pdus), event.result.text
                found.code = int(event.result.code) if event.result.code is not None else None
            case Unsolicited():
                found.unsolicited.append((event.name, event.pdu or event.text))
            case _:
                pass
