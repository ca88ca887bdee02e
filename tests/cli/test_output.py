"""Output: terminal, pipe and JSON of each form; nothing that steers a terminal gets through."""

import io
import json
import sys
from collections.abc import Callable

import pytest

from cli.output import Output, ago, error, interrupted, when


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


Ends = Callable[[], tuple[io.StringIO, io.StringIO]]


@pytest.fixture(params=["terminal", "pipe"])
def ends(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Ends:
    """Call it for standard output and error of a terminal of 40 columns, or of a pipe, in place of this process's."""

    def replace() -> tuple[io.StringIO, io.StringIO]:
        out, err = (Terminal() if request.param == "terminal" else io.StringIO() for _ in range(2))
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        return out, err

    for name, value in (("TERM", "unknown"), ("NO_COLOR", "1"), ("COLUMNS", "40")):
        monkeypatch.setenv(name, value)
    return replace


def test_a_table_folds_on_a_terminal_and_never_in_a_pipe(ends: Ends) -> None:
    out, _ = ends()
    Output().table([{"a": "x", "b": "word " * 12}], {"A": "a", "B": "b"})
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    if out.isatty():
        assert lines[0].split() == ["A", "B"]
        assert len(lines) == 3
        assert all(len(line) <= 40 for line in lines)
    else:
        assert out.getvalue() == f"x\t{'word ' * 12}\n"


def test_a_last_column_without_room_stands_below_its_row(ends: Ends) -> None:
    out, _ = ends()
    Output().table([{"a": "x" * 20, "b": "word " * 12}, {"a": "y", "b": ""}], {"A": "a", "B": "b"})
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    if out.isatty():
        words = "    " + " ".join(["word"] * 7)
        assert lines == ["A", "    B", "x" * 20, words, "    " + " ".join(["word"] * 5), "y"]
    else:
        assert lines == ["x" * 20 + "\t" + " ".join(["word"] * 12), "y"]


def test_a_line_of_a_stream_is_wrapped_at_words_on_a_terminal(ends: Ends) -> None:
    out, _ = ends()
    said = f"  0:13  text    {'word ' * 6}end"
    Output().line({}, said, indent=16)
    wrapped = "  0:13  text    word word word word word\n                word end\n"
    assert out.getvalue() == (wrapped if out.isatty() else f"{said}\n")


def test_after_ctrl_c_the_shell_begins_a_line_of_its_own(ends: Ends) -> None:
    _, err = ends()
    interrupted()
    assert err.getvalue() == ("\n" if err.isatty() else "")


def test_fields_are_aligned_on_a_terminal(ends: Ends) -> None:
    out, _ = ends()
    Output().fields({}, {"name": "vm-01", "last seen": None, "open": True, "level": 4.5})
    aligned = "name       vm-01\nlast seen  \nopen       yes\nlevel      4.5\n"
    assert out.getvalue() == (aligned if out.isatty() else "name\tvm-01\nlast seen\t\nopen\tyes\nlevel\t4.5\n")


def test_json_is_one_document_or_one_object_a_line(ends: Ends) -> None:
    out, err = ends()
    output = Output(json=True)
    output.table(iter([{"a": 1}]), {"A": "a"}, empty="none")
    assert json.loads(out.getvalue()) == [{"a": 1}]
    out.truncate(out.seek(0))
    output.done({"a": 1}, "Done.", next="more")
    assert json.loads(out.getvalue()) == {"a": 1}
    out.truncate(out.seek(0))
    output.line({"a": 1}, "a is 1")
    output.line({"a": "ä\n"}, "a is 2")
    assert out.getvalue() == '{"a": 1}\n{"a": "ä\\n"}\n'
    output.heading("Part")
    assert err.getvalue() == ""


def test_hints_go_to_standard_error(ends: Ends) -> None:
    out, err = ends()
    Output().done({}, "Done.", next="more")
    assert (out.getvalue(), err.getvalue()) == ("Done.\n", "Next: more\n")


@pytest.mark.parametrize("evil", ["a\x1b[2Jb", "a\tb\nc", "a\x00b", "a\u202eb", "a\x9b31mb"])
def test_what_devices_say_cannot_steer_the_terminal(ends: Ends, evil: str) -> None:
    out, err = ends()
    output = Output()
    output.table([{"a": evil}], {"A": "a"})
    output.fields({}, {"a": evil})
    output.done({}, evil)
    output.line({}, evil)
    output.note(evil)
    output.status(evil)
    error(evil)
    said = out.getvalue() + err.getvalue().replace("\r\x1b[K", "")
    assert all(character.isprintable() or character in "\n\t" for character in said)


def test_progress_and_status_are_for_terminals_only(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out, err = ends()
    output = Output()
    with output.progress("Importing", 10) as advance:
        advance(10)
    output.status("5 of 10")
    assert out.getvalue() == ""
    assert bool(err.getvalue()) is err.isatty()
    assert ("Importing" in err.getvalue()) is err.isatty()


def test_markup_in_data_is_text(ends: Ends) -> None:
    out, _ = ends()
    Output().table([{"a": "[red]x[/red]"}], {"A": "a"})
    assert "[red]x[/red]" in out.getvalue()


def test_times_and_ages() -> None:
    assert when("2026-03-01T12:00:00.123456Z") == "2026-03-01 12:00:00Z"
    assert when(None) == ""
    assert [ago(age) for age in (None, -1, 0, 119, 120, 7199, 7200, 172799, 172800)] == [
        "", "0 s", "0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 d",
    ]  # fmt: skip
