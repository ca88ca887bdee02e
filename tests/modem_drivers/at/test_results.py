"""Final results, in every spelling the trade knows."""

import pytest

from modem_drivers.at.codes import Cme, Cms
from modem_drivers.at.results import final


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ERROR", None),
        ("+CME ERROR: 10", Cme.SIM_NOT_INSERTED),
        ("+CME ERROR:14", Cme.SIM_BUSY),
        ("+CME ERROR: SIM busy", Cme.SIM_BUSY),
        ("+CME ERROR: incorrect password", Cme.INCORRECT_PASSWORD),
        ("+CME ERROR: something else", None),
        ("+CMS ERROR: 38", Cms.NETWORK_OUT_OF_ORDER),
        ("+CMS ERROR: 332", Cms.NETWORK_TIMEOUT),
        ("+EXT ERROR: 9", None),
        ("MODEM ERROR: 5", None),
        ("ERROR: 4", None),
        ("ERROR:4", None),
        ("CME ERROR: 10", Cme.SIM_NOT_INSERTED),
        ("+CME ERROR 10", Cme.SIM_NOT_INSERTED),
        ("+CME ERROR: 010", Cme.SIM_NOT_INSERTED),
        ('+CME ERROR: "SIM not inserted"', Cme.SIM_NOT_INSERTED),
        ("+CMS ERROR: SIM PIN required", Cms.SIM_PIN_REQUIRED),
        ("+CME ERROR", None),
        ("COMMAND NOT SUPPORT", None),
        ("TOO MANY PARAMETERS", None),
    ],
)
def test_refusals(line: str, code: Cme | Cms | None) -> None:
    result = final(line)
    assert result is not None
    assert (result.ok, result.text, result.code) == (False, line, code)


def test_a_code_outside_the_list_keeps_its_number() -> None:
    result = final("+CME ERROR: 4242")
    assert result is not None
    assert result.code == 4242
    assert isinstance(result.code, Cme)
    assert not result.code.may_retry


def test_ok() -> None:
    result = final("OK")
    assert result is not None
    assert result.ok


@pytest.mark.parametrize("line", ["NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE"])
def test_a_call_end_is_final_for_dial_commands_only(line: str) -> None:
    assert final(line) is None
    result = final(line, dialling=True)
    assert result is not None
    assert not result.ok


def test_connect_is_final_for_dial_commands_only() -> None:
    assert final("CONNECT 150000000") is None
    result = final("CONNECT 150000000", dialling=True)
    assert result is not None
    assert result.ok


@pytest.mark.parametrize(
    "line",
    [
        "",
        "OKAY",
        "ok",
        "+CMEE: 1",
        "ERRORS",
        "+CMS ERRORX: 1",
        "XERROR",
        "ERROR 4",
        "ERROR: try again",
        "+CEER: ERROR: 4",
        "+CSQ: 20,99",
    ],
)
def test_no_result(line: str) -> None:
    assert final(line) is None
