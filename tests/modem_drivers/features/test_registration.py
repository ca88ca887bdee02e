"""Registration lines of the field, and one answer out of three domains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers.features.registration import DomainState, RegState, combine, parse_registration


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("2,1", DomainState(RegState.HOME)),
        ("0,5", DomainState(RegState.ROAMING)),
        ("1", DomainState(RegState.HOME)),
        ('2,1,"D509","80D413D",7', DomainState(RegState.HOME, "D509", "80D413D", 7)),
        ('1,"D509","80D413D",7', DomainState(RegState.HOME, "D509", "80D413D", 7)),
        ('2, 1, "D509", "80D413D", 7', DomainState(RegState.HOME, "D509", "80D413D", 7)),
        ("2,1,D509,80D413D", DomainState(RegState.HOME, "D509", "80D413D")),
        ('2,10,"D509","1",7,"00",0,0', DomainState(RegState.ROAMING_NO_FALLBACK, "D509", "1", 7)),
        ("2,2", DomainState(RegState.SEARCHING)),
        ('2,3,"D509","1",7,0,15', DomainState(RegState.DENIED, "D509", "1", 7, cause=15)),
        ('2,3,"D509","1",7,1,15', DomainState(RegState.DENIED, "D509", "1", 7)),
        (
            '4,1,"5B57","01A50B1A",9,"00",,,"00000001","00100001"',
            DomainState(RegState.HOME, "5B57", "01A50B1A", 9, active_time=2, update_period=3600),
        ),
        ('4,1,"5B57","1",9,,,"11100000","11100000"', DomainState(RegState.HOME, "5B57", "1", 9)),
        ('2,1,"5B57","07","01A50B1A",7', DomainState(RegState.HOME, "5B57", "01A50B1A", 7)),
        ('1,"5B57","","01A50B1A",7,0,0', DomainState(RegState.HOME, "5B57", "01A50B1A", 7)),
        ("2,5,8BE,3DBC27,2", DomainState(RegState.ROAMING, "8BE", "3DBC27", 2)),
        ("5,8BE,3DBC27,2", DomainState(RegState.ROAMING, "8BE", "3DBC27", 2)),
        ('2,1,"000B","2816, 2', DomainState(RegState.HOME, "000B", "2816", 2)),
        ('1,"0145,"0012345",7', DomainState(RegState.HOME, "0145", "0012345", 7)),
        (
            '4,1,"D509","80D413D",7,,,,"00000110","00111000"',  # an empty routing area
            DomainState(RegState.HOME, "D509", "80D413D", 7, active_time=12, update_period=86400),
        ),
        (
            '4,1,"D509","80D413D",7,"01",0,0,"00000110","00111000","01100001"',
            DomainState(RegState.HOME, "D509", "80D413D", 7, active_time=12, update_period=86400),
        ),
        ("3,3,D509,80D413D,7,01,0,15", DomainState(RegState.DENIED, "D509", "80D413D", 7, cause=15)),
        ("3,3,,,,0,15", DomainState(RegState.DENIED, cause=15)),
        ('2,2,"FFFE","FFFFFFFF",255', DomainState(RegState.SEARCHING)),
        ('2,2,"0000","00000000",0', DomainState(RegState.SEARCHING, act=0)),
        ('2,1,"xyz","1",7', DomainState(RegState.HOME, None, "1", 7)),
        ('2,-3,"1","1",7', None),
        ("2,,", DomainState(RegState.SEARCHING)),
        ("002,001", DomainState(RegState.HOME)),
        ('0,"",""', DomainState(RegState.NOT_SEARCHING)),
        ("", None),
        ("2,99", None),
        ("x,y", None),
    ],
)
def test_parse(text: str, state: DomainState | None) -> None:
    assert parse_registration(text) == state


@given(st.text(max_size=40))
def test_any_text_is_a_state_or_none(text: str) -> None:
    state = parse_registration(text)
    assert state is None or state.state in RegState


def test_data_registration_without_circuit_domain_has_no_texts() -> None:
    answer = combine({"+CEREG": DomainState(RegState.HOME, "D509", "1", 7), "+CREG": DomainState(RegState.DENIED)})
    assert (answer.registered, answer.sms_possible, answer.area, answer.act) == (True, False, "D509", 7)


def test_texts_only() -> None:
    answer = combine({"+CREG": DomainState(RegState.SMS_ONLY_ROAMING)})
    assert (answer.registered, answer.sms_possible, answer.roaming) == (False, True, True)


def test_searching_tells_more_than_not_searching() -> None:
    answer = combine({"+CREG": DomainState(RegState.NOT_SEARCHING), "+CGREG": DomainState(RegState.SEARCHING)})
    assert answer.state is RegState.SEARCHING


def test_nothing_known() -> None:
    answer = combine({})
    assert (answer.state, answer.registered, answer.sms_possible) == (RegState.UNKNOWN, False, False)
