"""The serving cell in the makers' words."""

import pytest

from modem_drivers.at.parsers.cells import ServingCell, cpsi, first, qeng, qnwinfo
from modem_drivers.at.parsers.signal import Signal


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (
            '"servingcell","NOCONN","LTE","FDD",460,01,5F1EA15,12,1650,3,5,5,DE10,-100,-12,-68,11,27',
            ServingCell("LTE", "46001", 0xDE10, 0x5F1EA15, 12, 3, 1650, Signal(-68, -100, -12)),
        ),
        (
            '"servingcell","CONNECT","LTE","FDD",1,1,-,-,1650,-,5,5,-,-,-,-,-,-',
            ServingCell("LTE", "00101", channel=1650),
        ),
        (
            '"servingcell","NOCONN","GSM",460,00,550A,2D18,22,23,-,-61,255,255,0,38,38,1,-,-,-,-,-,-,-,-,-,"-"',
            ServingCell("GSM", "46000", 0x550A, 0x2D18),
        ),
        (
            '"servingcell","LIMSRV","LTE","FDD",000,00,FFFFFFF,512,1650,3,5,5,FFFE,-100,-12,-68,11,27',
            ServingCell("LTE", channel=1650, band=3, signal=Signal(-68, -100, -12)),
        ),
        ('"servingcell","LIMSRV","GSM",262,01,0000,0,22,23,-,-61', ServingCell("GSM", "26201")),
        (
            '"servingcell","NOCONN","LTE","FDD",310,,5F1EA15,12,65535,255,5,5,DE10,-100,-12,-68,11,27',
            ServingCell("LTE", None, 0xDE10, 0x5F1EA15, 12, signal=Signal(-68, -100, -12)),
        ),
        (
            '"servingcell","LIMSRV","CAT-M","FDD",262,01,0,12,1650,0,0,0,0,0,0,0,0,0',
            ServingCell("CAT-M", "26201", pci=12, channel=1650),
        ),
        ('"servingcell","SEARCH"', None),
        ('"servingcell","NOCONN","LTE","FDD",460,01', None),
        ('"neighbourcell intra","LTE",38950,276,-3,-88,-65,0,37,7,16,6,44', None),
        ("", None),
    ],
)
def test_qeng(text: str, cell: ServingCell | None) -> None:
    assert qeng(text) == cell


def test_qnwinfo() -> None:
    assert qnwinfo('"FDD LTE",46011,"LTE BAND 3",1650') == ServingCell("FDD LTE", "46011", band=3, channel=1650)
    assert qnwinfo("No Service") is None


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (
            "LTE,Online,460-00,0x333C,39589,187,EUTRAN-BAND3,1650,5,5,-94,-850,-545,15",
            ServingCell("LTE", "46000", 0x333C, 39589, 187, 3, 1650, Signal(-54.5, -85.0, -9.4)),
        ),
        (
            "LTE CAT-M1,Online,310-410,0x1234,99,5,EUTRAN-BAND12,5110,3,3,-12,-95,-66,14",
            ServingCell("LTE CAT-M1", "310410", 0x1234, 99, 5, 12, 5110, Signal(-66, -95, -12)),
        ),
        ("GSM,Online,460-00,0x182d,12401,27 EGSM 900,-64,2110,42-42", ServingCell("GSM", "46000", 0x182D, 12401)),
        (
            "LTE,Online,000-00,0xFFFF,268435455,65535,EUTRAN-BAND3,1650,5,5,-94,-850,-545,15",
            ServingCell("LTE", band=3, channel=1650, signal=Signal(-54.5, -85.0, -9.4)),
        ),
        ("GSM,Online,262-01,0x0000,0,27 EGSM 900,-64,2110,42-42", ServingCell("GSM", "26201")),
        ("NO SERVICE,Online", None),
        ("LTE,Offline,000-00,0x0000,0,0,EUTRAN-BAND0,0,0,0,0,0,0,0", None),
        ("", None),
    ],
)
def test_cpsi(text: str, cell: ServingCell | None) -> None:
    assert cpsi(text) == cell


def test_the_first_line_that_can_be_read_behind_its_prefix() -> None:
    read = first(qnwinfo)
    assert read(["+QNWINFO: No Service", '+QNWINFO: "FDD LTE",46011,"LTE BAND 3",1650']) == qnwinfo(
        '"FDD LTE",46011,"LTE BAND 3",1650'
    )
    assert read([]) is None
