"""Files of SIMs: CSV with a heading, or one ICCID a line; checked here, before anything is sent."""

import csv
import sys
from pathlib import Path
from typing import Any, NamedTuple

from cli.errors import Usage
from modem_drivers.identity import normalise_iccid

COLUMNS = ("iccid", "provider", "msisdn", "pin")


class Row(NamedTuple):
    """A SIM to import, and the line of the file that names it."""

    line: int
    body: dict[str, str]
    extra: int = 0
    """Cells behind the last column of the heading."""


def read(file: str, provider: str) -> list[Row]:
    """The rows of `file` (- for standard input), `provider` where a row names none; raises Usage."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Usage(f"expected a readable text file at {file}, got: {error.strerror}; correct the path") from error
    except UnicodeDecodeError as error:
        at = f"byte {error.start} is none"
        raise Usage(f"expected UTF-8 text in {file}, got something else ({at}): save it as CSV in UTF-8") from error
    lines = text.splitlines()
    separator = _separator(lines)
    heading = [
        cell.strip().lower() for cell in next(csv.reader(lines[:1], delimiter=separator, skipinitialspace=True), [])
    ]
    if "iccid" in heading:
        unknown = [name for name in heading if name not in COLUMNS]
        if unknown:
            raise Usage(f"expected the columns {', '.join(COLUMNS)}, got {', '.join(map(repr, unknown))}: rename them")
        cells = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        next(cells)
        found = [_row(cells.line_num, heading, [cell.strip() for cell in row]) for row in cells]
    else:
        found = [Row(number, {"iccid": line.strip()}) for number, line in enumerate(lines, 1)]
    rows = [
        row._replace(body={**row.body, "provider": row.body.get("provider") or provider})
        for row in found
        if any(row.body.values()) or row.extra
    ]
    if not rows:
        raise Usage(f"expected SIMs in {file}, got an empty file: one ICCID a line, or CSV with the heading iccid")
    return rows


def check(rows: list[Row]) -> tuple[list[Row], list[dict[str, Any]]]:
    """The rows that can be sent, and the problems of the others: too many cells, no ICCID, one of an earlier line."""
    good: list[Row] = []
    problems: list[dict[str, Any]] = []
    first: dict[str, int] = {}
    for row in rows:
        raw = row.body.get("iccid", "")
        if row.extra:
            detail = f"expected one cell for each column of the heading, got {row.extra} more: correct the row"
            problems.append({"line": row.line, "iccid": raw[:40], "outcome": "invalid", "detail": detail})
            continue
        try:
            iccid = normalise_iccid(raw)
        except ValueError as error:
            problems.append({"line": row.line, "iccid": raw[:40], "outcome": "invalid", "detail": str(error)})
            continue
        if iccid in first:
            detail = f"expected each SIM once, got {iccid} again, which line {first[iccid]} has: keep one"
            problems.append({"line": row.line, "iccid": iccid, "outcome": "conflict", "detail": detail})
            continue
        first[iccid] = row.line
        good.append(row)
    return good, problems


def _row(line: int, heading: list[str], cells: list[str]) -> Row:
    """Empty cells behind the last column are what spreadsheets leave, and say nothing."""
    return Row(line, dict(zip(heading, cells, strict=False)), len(list(filter(None, cells[len(heading) :]))))


def _separator(lines: list[str]) -> str:
    """Comma, or what spreadsheets write where the comma is the decimal sign, or a tab."""
    heading = lines[0] if lines else ""
    return max(",;\t", key=heading.count)
