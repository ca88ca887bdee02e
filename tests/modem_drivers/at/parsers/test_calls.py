"""Calls: listed, and told as they go on."""

import pytest

from modem_drivers.at.parsers.calls import Call, CallState, Progress, ccinfo, ciev, clcc, dsci, ucallstat, voice_call


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ('1,0,0,0,0,"+4915112345678",145', Call(1, False, CallState.ACTIVE, True, False, "+4915112345678")),
        ('2,1,4,0,0,"0151",129,""', Call(2, True, CallState.INCOMING, True, False, "0151")),
        ('1,0,0,1,0,"",128', Call(1, False, CallState.ACTIVE, False, False, None)),  # LTE's data connection
        (
            '1, 1, 4, 0, 0, +4915112345678, 145, "Bob, "B"", 0',
            Call(1, True, CallState.INCOMING, True, False, "+4915112345678"),
        ),
        ('1,1,4,0,0,"002B00340039003100350031",145', Call(1, True, CallState.INCOMING, True, False, "+49151")),
        ('1,1,4,0,0,"00493020001000",129', Call(1, True, CallState.INCOMING, True, False, "00493020001000")),
        ("1,0,6,0,0", Call(1, False, CallState.ENDED, True, False, None)),
        ("1,0,9,0,0", None),
        ("1,2,0,0,0", None),
        ("0,0,0,0,0", None),
        ("1,0", None),
        ("", None),
    ],
)
def test_clcc(text: str, call: Call | None) -> None:
    assert clcc(text) == call


def test_progress_of_each_maker() -> None:
    assert dsci('2,0,3,0,"+4915112345678",145') == Progress(CallState.ACTIVE, 2, "+4915112345678")
    assert dsci("2,0,9") is None
    assert ccinfo('"ccinfo",1,0,-1,0,0,"0151",129') == Progress(CallState.ENDED, 1, "0151")
    assert ccinfo('"ccinfo",1,0,3,0,0,"0151",129') == Progress(CallState.ALERTING, 1, "0151")
    assert ccinfo('"ccinfo",1,0,0,1,0,"",128') is None  # data
    assert ccinfo('"smsfull","ME"') is None
    assert ucallstat("1,7") == ucallstat("1,0") == Progress(CallState.ACTIVE, 1)
    assert ucallstat("1") is None
    assert voice_call("BEGIN") == Progress(CallState.ACTIVE)
    assert voice_call("END: 000041") == Progress(CallState.ENDED, seconds=41)
    assert voice_call("END") == Progress(CallState.ENDED)
    assert voice_call("MAYBE") is None
    assert ciev("call,1") == Progress(CallState.ACTIVE)
    assert ciev('"CALL",0') == Progress(CallState.ENDED)
    assert ciev("signal,4") is None
