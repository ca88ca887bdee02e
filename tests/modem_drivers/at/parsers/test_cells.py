"""The serving cell in the makers' words."""

import pytest

from modem_drivers.at.parsers.cells import ServingCell, cpsi, gstatus, qeng, qnwinfo, rfsts
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
        ("NO SERVICE,Online", None),
        ("LTE,Offline,000-00,0x0000,0,0,EUTRAN-BAND0,0,0,0,0,0,0,0", None),
        ("", None),
    ],
)
def test_cpsi(text: str, cell: ServingCell | None) -> None:
    assert cpsi(text) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (
            '"222 01",1650,-95,-67,-9,1A2B,255,5,1,0',
            ServingCell("LTE", "22201", 0x1A2B, channel=1650, signal=Signal(-67, -95, -9)),
        ),
        ('"222 10",10562,98,-9.0,-72,4400,255,20,1,1', None),  # another order: 3G
        ('"",,,,,', None),
    ],
)
def test_rfsts(text: str, cell: ServingCell | None) -> None:
    assert rfsts(text) == cell


def test_gstatus() -> None:
    table = [
        "!GSTATUS: ",
        "Current Time:  18\t\tTemperature: 31",
        "System mode:   LTE        \tPS state:    Attached",
        "LTE band:      B3     \t\tLTE bw:      20 MHz",
        "LTE Rx chan:   1650\t\tLTE Tx chan: 19650",
        "EMM state:     Registered     \tNormal Service",
        "RSSI (dBm):    -58\t\tTx Power:    0",
        "RSRP (dBm):    -87\t\tTAC:         1E2D (7725)",
        "RSRQ (dB):     -10\t\tCell ID:     01A2B3C4 (27440068)",
    ]
    cell = ServingCell("LTE", None, 0x1E2D, 0x01A2B3C4, band=3, channel=1650, signal=Signal(-58, -87, -10))
    assert gstatus(table) == cell
    assert gstatus(["System mode:   No service"]) is None
    assert gstatus([]) is None
