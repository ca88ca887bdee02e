"""Reads what strace wrote and tells which acknowledgements left before their data was synced."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from fleet.ingest.mqtt.codec import v311
from fleet.ingest.mqtt.codec.connect import FIRST_BYTES
from fleet.ingest.mqtt.codec.frames import Frames
from fleet.ingest.mqtt.codec.packets import Publish

OPTIONS = (
    "strace", "-DDD", "-f", "-y", "-xx", "-s", "70000", "-e",
    "trace=fsync,fdatasync,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev", "-o",
)  # fmt: skip
"""To be followed by the file for the trace; -DDD keeps strace out of the way of signals to the service."""

READS = ("read", "readv", "recvfrom", "recvmsg")
WRITES = ("write", "writev", "sendto", "sendmsg")
_CALL = re.compile(r"(\d+) +(\w+)\((\d+)<((?:\\x..)*)>(.*)")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")
_STRING = re.compile(r'"((?:\\x..)*)"')


class Call(NamedTuple):
    """A system call: `entered` and `returned` are places in the trace."""

    name: str
    descriptor: int
    path: str
    data: bytes
    entered: int
    returned: int


class Finding(NamedTuple):
    """What a trace shows: packet ids in the order of their acknowledgements."""

    acknowledged: list[int]
    unsynced: list[int]
    """Acknowledged although their data was not on disk."""


def calls(lines: Iterable[str]) -> list[Call]:
    """The system calls of a trace, in the order in which they returned."""
    found = []
    open_calls: dict[str, tuple[str, int, str, str, int]] = {}
    for at, line in enumerate(lines):
        if match := _CALL.match(line):
            thread, name, descriptor, path, rest = match.groups()
            started = (name, int(descriptor), _text(path).decode(errors="replace"), rest, at)
            if rest.rstrip().endswith("<unfinished ...>"):
                open_calls[thread] = started
            else:
                found.append(_call(*started, at))
        elif match := _RESUMED.match(line):
            thread, name, rest = match.groups()
            if thread in open_calls and open_calls[thread][0] == name:
                name, number, where, before, entered = open_calls.pop(thread)
                found.append(_call(name, number, where, before + rest, entered, at))
    return found


def check(trace: list[Call], markers: dict[int, bytes]) -> Finding:
    """Which PUBACKs left after a sync of the WAL that began when their message was written to it.

    `markers`: by packet id (each used once), bytes that stand in the message and nowhere else.
    """
    read_at = {packet: at for at, packet in _published(trace)}
    syncs = [call for call in trace if call.name in ("fsync", "fdatasync") and call.path.endswith("-wal")]
    logged = [call for call in trace if call.name.startswith("pwrite") and call.path.endswith("-wal")]
    finding = Finding([], [])
    for at, packet in _acknowledged(trace):
        finding.acknowledged.append(packet)
        written = [
            call.returned for call in logged if markers[packet] in call.data and read_at[packet] < call.entered < at
        ]
        if not any(written[0] < sync.entered and sync.returned < at for sync in syncs if written):
            finding.unsynced.append(packet)
    return finding


def _published(trace: list[Call]) -> list[tuple[int, int]]:
    """(place, packet id) of every PUBLISH as it became whole."""
    streams: dict[int, Frames] = {}
    found = []
    for call in trace:
        if call.name in READS and call.path.startswith("socket:") and call.data:
            if call.descriptor not in streams and call.data[0] != 0x10:
                continue  # no MQTT
            frames = streams.setdefault(call.descriptor, Frames(v311.FIRST_BYTES | FIRST_BYTES, 1 << 20))
            frames.feed(call.data)
            while (frame := frames.next()) is not None:
                packet = v311.decode(*frame) if frame[0] != 0x10 else None
                if isinstance(packet, Publish):
                    found.append((call.returned, packet.packet_id))
    return found


def _acknowledged(trace: list[Call]) -> list[tuple[int, int]]:
    """(place, packet id) of every PUBACK as its write began."""
    found = []
    for call in trace:
        if call.name in WRITES and call.path.startswith("socket:") and call.data[:2] == b"\x40\x02":
            assert len(call.data) % 4 == 0, "expected PUBACKs alone in a write"
            for start in range(0, len(call.data), 4):
                assert call.data[start : start + 2] == b"\x40\x02", "expected PUBACKs alone in a write"
                found.append((call.entered, int.from_bytes(call.data[start + 2 : start + 4], "big")))
    return found


def _call(name: str, descriptor: int, path: str, rest: str, entered: int, returned: int) -> Call:
    data = b"".join(_text(text) for text in _STRING.findall(rest))
    failed = re.search(r"\) += -1 ", rest)
    return Call(name, descriptor, path, b"" if failed else data, entered, returned)


def _text(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))
