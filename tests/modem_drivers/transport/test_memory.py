"""The memory cable behaves as a line: in order, whole reads, cut and restored."""

import asyncio

import pytest

from modem_drivers.errors import PortMissing
from modem_drivers.transport.memory import MemoryEnd, cable


class Owner:
    """Opens an end and keeps what it is told."""

    def __init__(self, end: MemoryEnd) -> None:
        self.end = end
        self.reads: list[bytes] = []
        self.losses: list[Exception | None] = []

    async def open(self) -> "Owner":
        await self.end.open(self.reads.append, self.losses.append)
        return self


async def turn() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_what_is_written_in_one_turn_is_one_read() -> None:
    left, right = cable()
    one, other = await Owner(left).open(), await Owner(right).open()
    left.write(b"AT")
    left.write(b"\r")
    right.write(b"RING")
    await turn()
    assert other.reads == [b"AT\r"]
    assert one.reads == [b"RING"]


async def test_what_is_written_to_a_closed_end_is_lost() -> None:
    left, right = cable()
    await Owner(left).open()
    left.write(b"early")
    other = await Owner(right).open()
    await turn()
    assert other.reads == []


async def test_a_cut_tells_both_ends_and_loses_what_is_under_way() -> None:
    left, right = cable()
    one, other = await Owner(left).open(), await Owner(right).open()
    left.write(b"lost")
    left.cable.cut()
    await turn()
    assert (one.losses, other.losses) == ([None], [None])
    assert other.reads == []
    with pytest.raises(PortMissing, match="cut"):
        await one.open()
    left.cable.restore()
    await one.open()
    await other.open()
    left.write(b"again")
    await turn()
    assert other.reads == [b"again"]


async def test_a_hook_alters_what_travels() -> None:
    left, right = cable()
    await Owner(left).open()
    other = await Owner(right).open()
    left.hook = lambda data: None if data == b"drop" else data.upper()
    left.write(b"drop")
    left.write(b"keep")
    left.inject(b" as it is")
    await turn()
    assert other.reads == [b"KEEP as it is"]


async def test_a_closed_end_is_told_nothing() -> None:
    left, right = cable()
    one, _ = await Owner(left).open(), await Owner(right).open()
    await left.close()
    right.write(b"RING")
    left.cable.cut()
    await turn()
    assert (one.reads, one.losses) == ([], [])
