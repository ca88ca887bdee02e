"""The only file that prints.

On a terminal: tables and sentences. In a pipe: the same facts as plain text, a row a line, cells split by tabs, no
heading. With --json: one JSON document, or for streams one object a line. Progress and hints go to standard error,
and so does the one sentence of an error.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

Row = Mapping[str, Any]
Columns = Mapping[str, str | Callable[[Row], object]]
"""Heading → key of the row, or what to make of the row."""


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

    def line(self, data: Any, said: str) -> None:
        """One item of a stream, at once."""
        _print(json.dumps(data, ensure_ascii=False) if self.json else _printable(said))

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
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for line in body:
        table.add_row(*map(Text, line))
    size = shutil.get_terminal_size()
    Console(file=sys.stdout, highlight=False, width=size.columns, height=size.lines).print(table)


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
