"""The serving cell in Telit's words."""

import pytest

from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.signal import Signal
from modem_drivers.at.parsers.telit_cells import moni, rfsts, servinfo


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (
            '"222 01",1650,-95,-67,-9,1A2B,255,5,1,0',
            ServingCell("LTE", "22201", 0x1A2B, channel=1650, signal=Signal(-67, -95, -9)),
        ),
        ('"222 01",1650,-95,-67,-9,FFFE', ServingCell("LTE", "22201", channel=1650, signal=Signal(-67, -95, -9))),
        ('"222 10",10562,98,-9.0,-72,4400,255,20,1,1', None),  # another order: 3G
        ('"",,,,,', None),
    ],
)
def test_rfsts(text: str, cell: ServingCell | None) -> None:
    assert rfsts(text) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (
            '6400,-43,"T-Mobile A","23203",00000AF,36EE,32,3,-60',
            ServingCell("LTE", "23203", 0x36EE, pci=175, channel=6400, signal=Signal(-43, -60)),
        ),
        (
            '66786,-68,"T-Mobile","310260",3089F02,2D18,640,3,-101',
            ServingCell("LTE", "310260", 0x2D18, 0x3089F02, channel=66786, signal=Signal(-68, -101)),
        ),
        (
            '1020,-61,"Net, of, commas","20404",61,00DE,00,1,,"II",01,6',
            ServingCell("GSM", "20404", 0xDE, channel=1020, signal=Signal(-61)),
        ),
        ('1020,-55,"Net","20404",61,00DE,00,0', ServingCell("GSM", "20404", 0xDE, channel=1020, signal=Signal(-55))),
        (
            '10588,-70,"Net","20404",65,00DE,64,3,-82,"II",FF',
            ServingCell("WCDMA", "20404", 0xDE, channel=10588, signal=Signal(-70)),
        ),
        ('65535,-0,"Net(","20404",65535,00DE,64,3,-255,"II",FF', None),  # no RSCP, no access
        (',,"Net","20404",,00DE,64,3,,"II"', None),
        ('65535,-58,"Net","20404",FFFFFFF,FFFF,64,3,-87', ServingCell("LTE", "20404", signal=Signal(-58, -87))),
        (",,,,,,,,", None),
        ("", None),
    ],
)
def test_servinfo(text: str, cell: ServingCell | None) -> None:
    assert servinfo(text) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (
            "AT&T 1-1 RSRP:-101 RSRQ:-11 TAC:00AF Id:ABCDEF01 EARFCN:5230 PWR:-82dbm DRX:32 pci:321 QRxLevMin:-130",
            ServingCell("LTE", None, 0xAF, 0xABCDEF01, 321, channel=5230, signal=Signal(-82, -101, -11)),
        ),
        (
            "TR NET BSIC:73 RxQual:0 LAC:6B2A Id:F26C ARFCN:60 PWR:-70dbm TA:0",
            ServingCell("GSM", None, 0x6B2A, 0xF26C, channel=60, signal=Signal(-70)),
        ),
        (
            "Net PSC:52 RSCP:-66 LAC:4400 Id:12B7C01 EcIo:-9.0 UARFCN:10562 PWR:-57 dbm DRX:64 SCR:832",
            ServingCell("WCDMA", None, 0x4400, 0x12B7C01, channel=10562, signal=Signal(-57)),
        ),
        ("RSRP:-107 RSRQ:-18 Id:0000142 EARFCN:66786 PWR:-79dbm", None),  # a neighbour
        ("N6 70 55FA 1D77 756 -99dbm 3 11", None),
        (
            "Net RSRP:-200 RSRQ:-99 TAC:FFFF Id:FFFFFFF EARFCN:5230 PWR:0dbm pci:999",
            ServingCell("LTE", channel=5230),
        ),
        ("", None),
    ],
)
def test_moni(text: str, cell: ServingCell | None) -> None:
    assert moni(text) == cell
