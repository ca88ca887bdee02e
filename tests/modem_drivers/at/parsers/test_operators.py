"""Operators, current and heard."""

import pytest

from modem_drivers.at.parsers.operators import Found, Selection, qspn, readable, scan, selection


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ('0,0,"CHN-UNICOM",7', Selection(0, "CHN-UNICOM", 7)),
        ("0", Selection(0)),
        ('1,2,"26201"', Selection(1, "26201")),
        ('0,0,"",7', Selection(0, None, 7)),
        ('0,0,"Net, the (2)",7', Selection(0, "Net, the (2)", 7)),
        ('0,0,"Bob"s",7,', Selection(0, 'Bob"s', 7)),
        ("0,2,26201,2", Selection(0, "26201", 2)),
        ('0,,"26201"', Selection(0, "26201")),
        ('0,0,"Net",255', Selection(0, "Net")),
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
        ('(1,"26201","26201","26201",7)', (Found(1, "26201", "26201", 7),)),  # a network without a name
        ('(2,"A","A","26201")(1,"B (x)","B","26202",2)', (Found(2, "26201", "A", None), Found(1, "26202", "B (x)", 2))),
        ("( 2 , A (UK) , A , 26201 , 0 ) , , ( 0-4 )", (Found(2, "26201", "A (UK)", 0),)),
        ('(2,"0054006500730074","","00320036003200300031",7)', (Found(2, "26201", "Test", 7),)),
        ('(,"A","A","26201",255,)', (Found(0, "26201", "A", None),)),
        ("(0-4),(0-2)", ()),
        ("(0,1,2,3,4),(0,1,2)", ()),
        ("", ()),
    ],
)
def test_scan(text: str, found: tuple[Found, ...]) -> None:
    assert scan(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"CHINA MOBILE","CMCC","",0,"46000"', Found(2, "46000", "CHINA MOBILE", None)),
        ('"","CMCC","",0,"46000"', Found(2, "46000", "CMCC", None)),
        ('"4E2D56FD","","",1,"46000"', Found(2, "46000", "中国", None)),
        ('"4E2D5","","",1,"46000"', Found(2, "46000", None, None)),
        ('"A","B","",2,"46000"', None),
        ('"A","B","",0,""', None),
        ("", None),
    ],
)
def test_qspn(text: str, found: Found | None) -> None:
    assert qspn(text) == found


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("0054006500730074", "Test"),
        ("041C04220421", "МТС"),
        ("004D0054005300200052FFFF", "MTS R"),
        ("26201", "26201"),
        ("310410", "310410"),
        ("BEEF", "BEEF"),
        ("Test 1-1", "Test 1-1"),
        ("", ""),
    ],
)
def test_names_in_hexadecimal_are_read(told: str, name: str) -> None:
    assert readable(told) == name
    assert selection(f'0,0,"{told}",7') == Selection(0, name or None, 7)
