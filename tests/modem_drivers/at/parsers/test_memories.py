"""Message memories."""

import pytest

from modem_drivers.at.parsers.memories import Fill, Place, fill, offered, place


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('("SM","ME","MT"),("SM","ME"),("SM")', (("SM", "ME", "MT"), ("SM", "ME"), ("SM",))),
        ('("SM"-"ME"),(),("SM")', (("SM", "ME"), (), ("SM",))),
        ("(SM, ME),(SM)", (("SM", "ME"), ("SM",))),
        ('((),(),("SM"))', ((), (), ("SM",))),
        ('(("SM","ME"),("SM"))', (("SM", "ME"), ("SM",))),
        ('( ( "SM" , "ME" ) , ("SM") )', (("SM", "ME"), ("SM",))),
        ('(("SM"))', (("SM",),)),
        ('"SM","ME"', (("SM",), ("ME",))),
        ('("sm","me")', (("SM", "ME"),)),
        ("", ()),
    ],
)
def test_offered(text: str, names: tuple[tuple[str, ...], ...]) -> None:
    assert offered(text) == names


def test_fill() -> None:
    assert fill('"ME",3,255,"SM",50,50,"ME",3,255') == (Fill("ME", 3, 255), Fill("SM", 50, 50), Fill("ME", 3, 255))
    assert fill("3,255,0,50") == (Fill("", 3, 255), Fill("", 0, 50))
    assert fill('"ME",3,255,') == fill(' ME , "3" , 255,,,,,, ') == (Fill("ME", 3, 255),)
    assert fill('"ME",3') is None
    assert fill('"ME",,255') is None
    assert fill('"ME",x,255') is None
    assert fill("") is None


def test_place() -> None:
    assert place('"ME",7') == Place("ME", 7)
    assert place(",-1") == Place("", None)  # SIM7000: no room, not stored
    assert place(' me , "7" ') == Place("ME", 7)
    assert place('"ME"') is None
    assert place('"TOOLONG",7') is None
