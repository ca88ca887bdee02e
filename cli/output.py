"""The only file that prints.

On a terminal: tables and sentences. In a pipe: the same facts as plain text, a row a line, cells split by tabs, no
heading. With --json: one JSON document, or for streams one object a line. Progress and hints go to standard error,
and so does the one sentence of an error.
"""

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

Row = Mapping[str, Any]
Columns = Mapping[str, str | Callable[[Row], object]]
"""Heading → key of the row, or what to make of the row."""


GAP, NARROW = 2, 24
"""Blanks between two columns; the least that a last column is folded to."""


class Output:
    """How one command speaks. `json` is the command's --json."""

    def __init__(self, json: bool = False) -> None:
        self.json = json
        self.terminal = sys.stdout.isatty() and not json

    def table(self, rows: Iterable[Row], columns: Columns, *, empty: str = "") -> None:
        """A list: one document, one table, or one line a row. `empty`: what to say on a terminal when it is empty."""
        if self.json:
            return self.document(list(rows))
        lines = ([_cell(row, what) for what in columns.values()] for row in rows)
        if not self.terminal:
            for line in lines:
                _print("\t".join(line))
            return None
        body = list(lines)
        if body:
            _table(list(columns), body)
        elif empty:
            self.note(empty)
        return None

    def fields(self, data: Row, fields: Mapping[str, object]) -> None:
        """One thing: `data` as the document, or its named fields, one a line."""
        if self.json:
            return self.document(data)
        width = max(map(len, fields), default=0) + 2 if self.terminal else 0
        for name, value in fields.items():
            _print(f"{name:<{width}}{_text(value)}" if self.terminal else f"{name}\t{_text(value)}")
        return None

    def done(self, data: Any, *said: str, next: str = "") -> None:  # noqa: A002 - what the reader does next
        """What happened: `data` as the document, or sentences; then, on standard error, what to do next."""
        if self.json:
            return self.document(data)
        for sentence in said:
            _print(_printable(sentence))
        if next:
            self.note(f"Next: {next}")
        return None

    def line(self, data: Any, said: str, *, indent: int = 0) -> None:
        """One item of a stream, at once. `indent`: how far a terminal that is too narrow for it indents its rest."""
        if self.json:
            return _print(json.dumps(data, ensure_ascii=False))
        said = _printable(said)
        if indent and self.terminal:
            width, rest = shutil.get_terminal_size().columns, " " * indent
            said = textwrap.fill(said, width, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)
        return _print(said)

    def document(self, data: Any) -> None:
        """`data` as one JSON document."""
        _print(json.dumps(data, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))

    def heading(self, text: str) -> None:
        """A line above a part of a longer screen; terminals only."""
        if self.terminal:
            _print(f"\n{text}")

    def note(self, text: str) -> None:
        """A remark that is no part of the result: on standard error."""
        print(_printable(text, "\n"), file=sys.stderr, flush=True)

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar on standard error, if that is a terminal; call what it yields with how many more are done.

        `total` 0: nobody can tell, and there is none.
        """
        if not total or not sys.stderr.isatty():
            yield lambda _more: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(label, total=total)
            yield lambda more: bar.advance(task, more)

    def status(self, text: str) -> None:
        """One line on standard error that the next one overwrites, if that is a terminal; "" removes it."""
        if sys.stderr.isatty():
            print(f"\r\x1b[K{_printable(text)}", end="", file=sys.stderr, flush=True)


def error(sentence: str) -> None:
    """The one sentence of a command that failed, on standard error."""
    print(f"fleet: {_printable(sentence)}", file=sys.stderr, flush=True)


def interrupted() -> None:
    """The terminal has shown ^C: whatever comes next, the shell's prompt too, begins a line."""
    if sys.stderr.isatty():
        print(file=sys.stderr, flush=True)


def when(stamp: str | None) -> str:
    """An ISO time of the API as people read it, UTC to the second."""
    return f"{stamp[:10]} {stamp[11:19]}Z" if stamp else ""


def ago(seconds: float | None) -> str:
    """An age in its largest whole unit: `12 s`, `3 min`, `5 h`, `2 d`."""
    if seconds is None:
        return ""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def _table(headings: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    """A row a line; where that leaves the last column too little room, its cells stand below, indented."""
    from rich.cells import cell_len, set_cell_size
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    size = shutil.get_terminal_size()
    console = Console(file=sys.stdout, highlight=False, width=size.columns, height=size.lines)
    widths = [max(map(cell_len, column)) for column in zip(headings, *body, strict=True)]
    beside = sum(widths[:-1]) + GAP * len(widths[:-1])
    if beside <= size.columns + GAP and size.columns - beside < NARROW < widths[-1]:
        for line, style in ((headings, "bold"), *((line, "") for line in body)):
            cells = (set_cell_size(cell, width) for cell, width in zip(line[:-1], widths, strict=False))
            console.print(Text((" " * GAP).join(cells).rstrip(), style))
            if line[-1]:
                console.print(Padding(Text(line[-1], style), (0, 0, 0, 2 * GAP)))
        return
    table = Table(*headings, box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for line in body:
        table.add_row(*map(Text, line))
    console.print(table)


def _cell(row: Row, what: str | Callable[[Row], object]) -> str:
    return _text(row[what] if isinstance(what, str) else what(row))


def _text(value: object) -> str:
    """A value in one line: no tabs, no line ends, nothing that steers a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _printable(f"{value:g}" if isinstance(value, float) else str(value))


def _printable(text: str, keep: str = "") -> str:
    return "".join(c if c.isprintable() or c in keep else " " for c in text)


def _print(text: str) -> None:
    print(text, flush=True)
