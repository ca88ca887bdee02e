"""The samples, out of the TOML files here: a file names repository, licence and owner, a row the file it is from."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SETS: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(HERE.glob("*.toml"))
}


def rows(kind: str, *having: str) -> list[Any]:
    """The rows of a kind that have these fields, over all files, for `parametrize`; their ids are file and name."""
    return [
        pytest.param(row, id=f"{name}: {row.get('name', number)}")
        for name, found in SETS.items()
        for number, row in enumerate(found.get(kind, ()), 1)
        if all(field in row for field in having)
    ]


def octets(text: str) -> bytes:
    """Hexadecimal with blanks for the eye."""
    return bytes.fromhex(text)


def packed(septets: bytes, fill: int) -> bytes:
    """Septets packed bit by bit (TS 23.038 clause 6.1.2.1): a second way, to check the fast one by."""
    bits = "0" * fill + "".join(f"{septet:07b}"[::-1] for septet in septets)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def deliver(row: dict[str, Any], header: str = "") -> str:
    """A DELIVER from +6391 around a row's user data, put together here (TS 23.040 clause 9.2.2.1)."""
    elements = octets(row.get("header", header))
    start = bytes([len(elements)]) + elements if elements else b""
    if "octets" in row:
        body = start + octets(row["octets"])
        length = len(body)
    else:
        septets = octets(row["septets"])
        fill = -8 * len(start) % 7
        body = start + packed(septets, fill)
        length = (8 * len(start) + fill) // 7 + len(septets)
    fields = [0, 0x44 if elements else 0x04, 4, 0x91, 0x36, 0x19, 0, row.get("scheme", 0)]
    return (bytes(fields) + octets("51507132200523") + bytes([length]) + body).hex().upper()
