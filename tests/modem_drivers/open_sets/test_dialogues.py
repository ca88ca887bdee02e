"""Dialogues of other projects through the AT machine and the session: what comes of them, however the line is."""

from typing import Any

import pytest

from modem_drivers.errors import CommandRefused
from modem_drivers.session import Session
from modem_drivers.transport.memory import MemoryEnd, cable
from tests.modem_drivers.open_sets.mutations import cuts, doubled, interrupted
from tests.modem_drivers.open_sets.outcomes import catalogue, expected, payload, through
from tests.modem_drivers.open_sets.samples import rows
from tests.modem_drivers.peer import QUICK
from tests.scenarios.faults.wound import wound


@pytest.mark.parametrize("row", rows("dialogue"))
def test_as_it_is(row: dict[str, Any]) -> None:
    assert through(row, [row["says"].encode()]) == expected(row)


@pytest.mark.parametrize("row", rows("dialogue"))
def test_cut_at_each_byte(row: dict[str, Any]) -> None:
    for pieces in cuts(row["says"].encode()):
        assert through(row, pieces) == expected(row)


@pytest.mark.parametrize("row", rows("dialogue", "then"))
def test_cut_at_each_byte_behind_the_prompt(row: dict[str, Any]) -> None:
    for then in cuts(row["then"].encode()):
        assert through(row, [row["says"].encode()], then) == expected(row)


@pytest.mark.parametrize("row", rows("dialogue"))
def test_carriage_returns_twice(row: dict[str, Any]) -> None:
    then = [doubled(row.get("then", "").encode())]
    assert through(row, [doubled(row["says"].encode())], then) == expected(row)


@pytest.mark.parametrize("row", rows("dialogue", "command"))
def test_behind_its_echo(row: dict[str, Any]) -> None:
    echo = f"AT{row['command'].removeprefix('AT')}\r".encode()
    for before in (echo, echo + echo, b"\0" + echo):
        assert through(row, [before + row["says"].encode()]) == expected(row)


@pytest.mark.parametrize("row", rows("dialogue"))
def test_somebody_speaks_in_between(row: dict[str, Any]) -> None:
    for says in interrupted(row["says"].encode()):
        assert through(row, [says]).undisturbed() == expected(row)
    for then in interrupted(row.get("then", "").encode()):
        assert through(row, [row["says"].encode()], [then]).undisturbed() == expected(row)


class FarEnd:
    """A modem that says what a row has when it has heard a command, and `then` when it has heard the payload."""

    def __init__(self, end: MemoryEnd, row: dict[str, Any], *, piecewise: bool = False) -> None:
        self.end, self.row, self.piecewise = end, row, piecewise
        self._heard = b""

    async def open(self) -> None:
        await self.end.open(self._take, lambda _: None)

    def _take(self, data: bytes) -> None:
        for byte in data.replace(b"\x1b", b""):
            if byte == 0x0D:
                probed = self._heard == b"AT" and self.row["command"] != "AT"
                self._heard = b""
                self._say("\r\nOK\r\n" if probed else self.row["says"])
            elif byte == 0x1A:
                self._heard = b""
                self._say(self.row["then"])
            else:
                self._heard += bytes([byte])

    def _say(self, text: str) -> None:
        data = text.encode()
        for piece in [data[at : at + 1] for at in range(len(data))] if self.piecewise else [data]:
            self.end.write(piece)


ENDED = [row for row in rows("dialogue", "command") if row.values[0].get("ended", True)]


@pytest.mark.parametrize("piecewise", [False, True], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("row", ENDED)
@wound
async def test_through_the_session(row: dict[str, Any], piecewise: bool) -> None:
    ours, theirs = cable()
    await FarEnd(theirs, row, piecewise=piecewise).open()
    session = Session(ours, QUICK)
    session._catalogue = catalogue(row)
    told: list[tuple[str, str]] = []
    session.listen("", lambda event: told.append((event.name, event.text)))
    await session.open()
    wanted = expected(row)
    if wanted.result in ("OK", "CONNECT 57600"):
        response = await session.command(row["command"], payload=payload(row))
        assert list(response.lines) == wanted.lines
    else:
        with pytest.raises(CommandRefused) as refused:
            await session.command(row["command"], payload=payload(row))
        assert (refused.value.text, refused.value.code) == (wanted.result, wanted.code)
    assert told == wanted.unsolicited
    assert (await session.command("AT")).lines == ()
    await session.close()


@pytest.mark.parametrize("row", rows("leftover"))
@wound
async def test_what_others_left_on_the_line(row: dict[str, Any]) -> None:
    ours, theirs = cable()
    await FarEnd(theirs, {"command": "+CSQ", "says": "\r\n+CSQ: 20,99\r\n\r\nOK\r\n"}).open()
    left = iter([row["says"].encode()])
    theirs.hook = lambda data: next(left, b"") + data
    session = Session(ours, QUICK)
    await session.open()
    assert (await session.command("+CSQ")).lines == ("+CSQ: 20,99",)
    await session.close()
