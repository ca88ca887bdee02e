"""The serving cell in Sierra's tables."""

import pytest

from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.sierra_cells import gstatus, lteinfo
from modem_drivers.at.parsers.signal import Signal


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
    unknown = ["System mode:   LTE", "TAC:         FFFE (65534)", "Cell ID:     FFFFFFFF (4294967295)"]
    assert gstatus(unknown) == ServingCell("LTE")
    assert gstatus(["System mode:   No service"]) is None
    assert gstatus([]) is None


HEADING = "Serving:   EARFCN MCC MNC   TAC      CID Bd D U SNR PCI  RSRQ   RSRP   RSSI RXLV"
NEIGHBOURS = [
    "IntraFreq:                                          PCI  RSRQ   RSRP   RSSI RXLV",
    "404 -14.1  -79.6  -45.5 --",
    "InterFreq: EARFCN ThresholdLow ThresholdHi Priority PCI  RSRQ   RSRP   RSSI RXLV",
    "5110            0           0        0 272 -12.1  -80.9  -50.6   0",
]


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (
            "800 310 410 35666 0A14666A  2 5 5  22 404 -14.1  -79.6  -45.5 --",
            ServingCell("LTE", "310410", 35666, 0x0A14666A, 404, 2, 800, Signal(-45.5, -79.6, -14.1)),
        ),
        ("1650 1 1 -- FFFFFFFF -- 5 5 -- 511 -- -- -- --", ServingCell("LTE", "00101", channel=1650)),
        ("65535 310 410 35666 1 255 5 5 -- 22 -- -- -- --", ServingCell("LTE", "310410", 35666, 1, 22)),
        ("800 310 410", None),
        ("-- --", None),
    ],
)
def test_lteinfo(row: str, cell: ServingCell | None) -> None:
    assert lteinfo(["!LTEINFO:", HEADING, row, *NEIGHBOURS]) == cell


def test_lteinfo_of_a_modem_that_camps_on_nothing() -> None:
    assert lteinfo(["!LTEINFO:"]) is None
    assert lteinfo([HEADING]) is None
    assert lteinfo([]) is None
