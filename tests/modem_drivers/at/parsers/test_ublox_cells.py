"""The serving cell as each series of u-blox tells it."""

import pytest

from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.signal import Signal
from modem_drivers.at.parsers.ublox_cells import ucged


@pytest.mark.parametrize(
    ("rows", "cell"),
    [
        (  # SARA-R5
            ["6,4,001,01", "2525,5,50,50,e8fe,1a2d001,1,d60814d1,8001,01,28,31,13.75,3,1,10,28,-50,-6,0,255,255,0"],
            ServingCell("LTE", "00101", 0xE8FE, 0x1A2D001, 1, 5, 2525, Signal(None, -113, -4.5)),
        ),
        (  # SARA-R5 that searches
            [
                "6,2,fff,fff",
                "65535,255,255,255,ffff,0000000,65535,00000000,ffff,ff,255,255,255,1,255,255,255,255,255,0",
            ],
            None,
        ),
        (
            ["6,4,fff,fff", "5110,13,50,50,ffff,0000000,254,d0fafd59,ff49,b1,27,15,0.50,1,255,255,28,255,255,0"],
            None,
        ),
        (  # levels and identities it does not know
            ["6,4,001,01", "65535,255,255,255,ffff,0000000,65535,0,ffff,ff,255,255,255"],
            ServingCell("LTE", "00101"),
        ),
        (  # LARA-R6 on LTE, UMTS and GSM
            ["4,0,001,01", "2525,5,25,50,2b67,69f6bc7,111,00000000,ffff,ff,67,19,0.00,255,255,255,67,11,255,0"],
            ServingCell("LTE", "00101", 0x2B67, 0x69F6BC7, 111, 5, 2525, Signal(None, -74, -10.5)),
        ),
        (["3,4,001,01", "4400,5,0000000,0000,80,9,4,62,42,255"], ServingCell("WCDMA", "00101", channel=4400)),
        (
            ["2,222,1", "1009,0,5265,11,d5bd,00,36,-1,30,30,1,1"],
            ServingCell("GSM", "22201", 0xD5BD, 0x5265, channel=1009),
        ),
        (  # SARA-R422
            ["6,310,410", '5110,12,10,10,830e,162,-86,-14,131,-1,3,255,128,"FB306E02"'],
            ServingCell("LTE", "310410", 0x830E, None, 162, 12, 5110, Signal(None, -86, -14)),
        ),
        (["9,4,001,01", "1,2,3"], None),
        (["6,4,001,01"], None),
        (["", "\n"], None),  # found by noise
        ([], None),
    ],
)
def test_form_2(rows: list[str], cell: ServingCell | None) -> None:
    assert ucged(["+UCGED: 2", *rows]) == cell


@pytest.mark.parametrize(
    ("lines", "cell"),
    [
        (
            ['+RSRP: 162,5110,"-075.50",', '+RSRQ: 162,5110,"-14.20",'],
            ServingCell("LTE", pci=162, channel=5110, signal=Signal(None, -75.5, -14.2)),
        ),
        (['+RSRP: 162,5110,"-075.50",'], ServingCell("LTE", pci=162, channel=5110, signal=Signal(None, -75.5))),
        (['+RSRP: 65535,65535,"-075.50",'], ServingCell("LTE", signal=Signal(None, -75.5))),
        (['+RSRP: 162,5110,"",'], None),
        (['+RSRQ: 162,5110,"-14.20",'], None),
        (["+UCGED: 0"], None),
    ],
)
def test_form_5(lines: list[str], cell: ServingCell | None) -> None:
    assert ucged(lines) == cell
