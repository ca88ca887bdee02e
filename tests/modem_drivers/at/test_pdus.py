"""A header and the line behind it: one PDU, whole, or none."""

import pytest

from modem_drivers.at.pdus import fitted, is_hex

TPDU = "040B915155050110F10000620211214365000341E110"
MORE = "000B915155050110F10000620211214365000341E110"  # more messages wait: it begins as an empty SMSC would
REPORT = "06070B915155050110F1621120210000006211202105000000"
LATE_REPORT = "06870B915155050110F1621120210000006211202105000000"  # its reference looks like the type of an address
CENTRE = "07915155050100F0"
LENGTH = len(TPDU) // 2


@pytest.mark.parametrize("centre", ["00", CENTRE])
@pytest.mark.parametrize("tpdu", [TPDU, TPDU.lower(), MORE, REPORT, LATE_REPORT])
@pytest.mark.parametrize(
    "header",
    ["+CMGR: 1,,{}", "+CMGR: 1,{}", '+CMGL: 3,1,"Bob "B", x", {}', "+CMT: ,{}", "+CDS: {}", "+CDS:{}", '+CMT: "","{}"'],
)
def test_the_length_is_told_without_the_centre_or_with_it(header: str, tpdu: str, centre: str) -> None:
    line = centre + tpdu
    assert fitted(header.format(len(tpdu) // 2), line) == line
    assert fitted(header.format(len(line) // 2), line) == line


@pytest.mark.parametrize("tpdu", [TPDU, MORE, REPORT, LATE_REPORT])
def test_a_pdu_without_its_centre_gets_an_empty_one(tpdu: str) -> None:
    assert fitted(f"+CMGR: 1,,{len(tpdu) // 2}", tpdu) == f"00{tpdu}"


@pytest.mark.parametrize("centre", ["00", CENTRE])
def test_what_fills_a_record_up_is_cut_off(centre: str) -> None:
    record = f"{centre}{TPDU}".ljust(352, "F")
    assert fitted(f"+CMGR: 1,,{LENGTH}", record) == centre + TPDU


def test_a_pdu_of_another_length_is_another_header_s() -> None:
    for length in (0, 1, LENGTH - 1, LENGTH + 2, 10**9):
        assert fitted(f"+CMGR: 1,,{length}", f"00{TPDU}") is None


def test_a_header_without_a_length_takes_any() -> None:
    for header in ("+CMGR: 1,,", "+CMT:", '+CMGR: "REC READ","+15550101"'):
        assert fitted(header, f"00{TPDU}") == f"00{TPDU}"


@pytest.mark.parametrize("line", ["", "0", "0G", "00 0", "OK"])
def test_what_is_no_hexadecimal(line: str) -> None:
    assert not is_hex(line)


@pytest.mark.parametrize("line", ["00", "01", "0791", "FFFFFF"])
def test_short_lines_are_read_without_an_error(line: str) -> None:
    for length in range(6):
        fitted(f"+CMT: ,{length}", line)
