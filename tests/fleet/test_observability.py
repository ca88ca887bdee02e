"""Logs show no token, no PIN, no whole phone number."""

import io
import json
import logging

import pytest

from fleet.observability import Mask, set_up_logs
from fleet.secrets import new_token


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token 0123456789abcdef0123456789abcdef refused", "token [token] refused"),
        ("text to +12025550123", "text to +…123"),
        ('wrote AT+CPIN="1234"', "wrote AT+CPIN=[secret]"),
        ("postgresql+psycopg://fleet:secret@host/db", "postgresql+psycopg://fleet:[secret]@host/db"),
    ],
)
def test_a_secret_is_masked_whoever_wrote_it(text: str, shown: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (text,), None)
    Mask().filter(record)
    assert record.getMessage() == shown


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_secret_in_a_traceback_is_masked(form: str) -> None:
    written = io.StringIO()
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    try:
        set_up_logs("info", form, written)
        try:
            raise ValueError("to +12025550123 with 0123456789abcdef0123456789abcdef")
        except ValueError:
            logging.getLogger("fleet.test").exception("failed")
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    assert "123 with [token]" in written.getvalue()
    assert "0123456789abcdef" not in written.getvalue()


def test_json_logs_are_one_masked_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    try:
        set_up_logs("info", "json")
        logging.getLogger("fleet.test").warning("token %s", new_token())
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "fleet.test", "token [token]")
