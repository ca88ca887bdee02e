"""What is a reply and what was not asked for."""

import pytest

from modem_drivers.at.unsolicited import named, not_a_reply


@pytest.mark.parametrize(
    ("text", "unasked"),
    [
        ("2,1", False),
        ("0,5", False),
        ('2,1,"D509","80D413D",7', False),
        ("2,11", False),
        ("1", True),
        ('1,"D509","80D413D",7', True),
        ("1,D509,80D413D", True),
        ("2,,", True),
        ("5, , ,7", True),
        ("5,8BE,3DBC27,7", True),
        ('1 , "D509" , "80D413D"', True),
        ("002,001", False),
        ("2 , 1 , D509", False),
        ("2,99", False),
    ],
)
def test_registration_is_told_apart_by_its_fields(text: str, unasked: bool) -> None:
    assert not_a_reply("+CREG", text) is unasked
    assert not_a_reply("+CEREG", text) is unasked


def test_other_lines_with_the_prefix_are_replies() -> None:
    assert not not_a_reply("+CSQ", "20,99")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('+CMTI: "ME",7', ("+CMTI", '"ME",7')),
        ("+cmti:1", ("+CMTI", "1")),
        ("^DSCI: 1,0", ("^DSCI", "1,0")),
        ("RING", ("RING", "RING"[4:])),
        ("VOICE CALL: END: 000041", ("VOICE CALL", "END: 000041")),
        ("MISSED_CALL: 10:12AM 15550101", ("MISSED_CALL", "10:12AM 15550101")),
        ("+APP PDP: 0,ACTIVE", ("+APP PDP", "0,ACTIVE")),
        ("Revision: EC25", ("Revision: EC25", "")),
        ("+A B: 1", ("+A B: 1", "")),
        (":", (":", "")),
    ],
)
def test_named(line: str, parts: tuple[str, str]) -> None:
    assert named(line) == parts
