"""Operators, current and heard."""

import pytest

from modem_drivers.at.parsers.operators import Found, Selection, scan, selection


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ('0,0,"CHN-UNICOM",7', Selection(0, "CHN-UNICOM", 7)),
        ("0", Selection(0)),
        ('1,2,"26201"', Selection(1, "26201")),
        ('0,0,"",7', Selection(0, None, 7)),
        ("", None),
        ("9", None),
    ],
)
def test_selection(text: str, chosen: Selection | None) -> None:
    assert selection(text) == chosen


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            '(2,"Telekom","TDG","26201",7),(3,"o2 - de","o2","26203",2),,(0-4),(0-2)',
            (Found(2, "26201", "Telekom", 7), Found(3, "26203", "o2 - de", 2)),
        ),
        (
            '(1,"Test, Net",,"00101"), (0,"","","310410",7)',
            (Found(1, "00101", "Test, Net", None), Found(0, "310410", None, 7)),
        ),
        ('(1,"T","26201","7")', (Found(1, "26201", "T", 7),)),
        ("(0-4),(0-2)", ()),
        ("(0,1,2,3,4),(0,1,2)", ()),
        ("", ()),
    ],
)
def test_scan(text: str, found: tuple[Found, ...]) -> None:
    assert scan(text) == found
