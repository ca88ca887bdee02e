"""What lines do to an answer without changing what it means: cut, doubled line ends, somebody speaking in between."""

from collections.abc import Iterator

MESSAGE = b"\r\n+CMT: ,17\r\n0004049136190000515071322005230168\r\n"
UNASKED = (b'\r\n+CMTI: "ME",7\r\n', b"\r\nRING\r\n", b'\r\n+CREG: 1,"D509","80D413D",7\r\n', MESSAGE)
TOLD = frozenset({"+CMTI", "RING", "+CREG", "+CMT"})
"""Prefixes of what is said in between."""


def cuts(says: bytes) -> Iterator[list[bytes]]:
    """In two pieces at each byte, and byte by byte."""
    for at in range(len(says) + 1):
        yield [says[:at], says[at:]]
    yield [says[at : at + 1] for at in range(len(says))]


def interrupted(says: bytes) -> Iterator[bytes]:
    """With each unasked line before, between and after the lines."""
    ends = [0, *(at + 1 for at in range(len(says)) if says[at : at + 1] == b"\n")]
    for unasked in UNASKED:
        for at in ends:
            yield says[:at] + unasked + says[at:]


def doubled(says: bytes) -> bytes:
    """With every carriage return twice."""
    return says.replace(b"\r", b"\r\r")
