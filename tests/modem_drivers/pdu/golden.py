"""PDUs worked out by hand from TS 23.040 and TS 23.038, octet by octet; no encoder had a part in them.

Septets are packed from the least significant bit: "hi" is 0x68 0x69, octet 0 is 0x68 | (0x69 & 1) << 7 = 0xE8
and octet 1 is 0x69 >> 1 = 0x34.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
NOON_STAMP = "62110221000000"  # 26 11 20 12 00 00, zone 0, each pair swapped


@dataclass(frozen=True)
class SubmitRow:
    name: str
    to: str
    text: str
    options: dict[str, object]
    pdus: tuple[str, ...]


SUBMITS = (
    SubmitRow(
        "two letters, report asked for",
        "+15550101",
        "hi",
        {"first_reference": 7},
        # SMSC | first: SUBMIT 01 + SRR 20 | MR | 8 digits, international | PID DCS | UDL 2 | hi
        ("002107089151551010000002E834",),
    ),
    SubmitRow(
        "odd number of digits, no report",
        "+155501012",
        "hi",
        {"first_reference": 255, "report": False},
        ("0001FF099151551010F2000002E834",),
    ),
    SubmitRow(
        "short code, duplicates rejected",
        "41414",
        "hi",
        {"first_reference": 0, "reject_duplicates": True},
        ("00250005811414F4000002E834",),
    ),
    SubmitRow(
        "validity of one hour is eleven steps of five minutes above the first",
        "+15550101",
        "hi",
        {"first_reference": 1, "validity": timedelta(hours=1)},
        ("00310108915155101000000B02E834",),
    ),
    SubmitRow(
        "euro sign: escape 1B then 65 = 9B 32",
        "+15550101",
        "€",
        {"first_reference": 1},
        ("0021010891515510100000029B32",),
    ),
    SubmitRow(
        "beyond the basic plane: D83D DE00 in UTF-16",
        "+15550101",
        "\U0001f600",
        {"first_reference": 1},
        ("002101089151551010000804D83DDE00",),
    ),
    SubmitRow(
        "no text",
        "+15550101",
        "",
        {"first_reference": 1},
        ("002101089151551010000000",),
    ),
    SubmitRow(
        # 161 "@": septets of zero show the header and the lengths. Part 1: 7 + 153 septets = A0, 140 octets;
        # part 2: 7 + 8 septets = 0F, 14 octets (105 bits). References count 255, 0.
        "161 septets, two parts, reference wraps",
        "+15550101",
        "@" * 161,
        {"first_reference": 255, "concat_reference": 0xAB},
        (
            "0061FF0891515510100000A0050003AB0201" + "00" * 134,
            "00610008915155101000000F050003AB0202" + "00" * 8,
        ),
    ),
)

DELIVERS = (
    (
        "number, two letters",
        ("+15550101", "hi", NOON),
        "00040891515510100000" + NOON_STAMP + "02E834",
    ),
    (
        "seven letters as the sender: 49 bits are 13 semi-octets",
        ("@@@@@@@", "hi", NOON),
        "00040DD0000000000000000000" + NOON_STAMP + "02E834",
    ),
    (
        # -5 h = 20 quarters: tens 2, units 0, sign bit 8 in the first nibble: swapped 0A
        "west of Greenwich",
        ("+15550101", "hi", NOON.astimezone(timezone(timedelta(hours=-5)))),
        "000408915155101000006211027000000A02E834",
    ),
)

# MR 7, recipient, submitted, done five minutes later, status
STATUS_REPORT = "0006070891515510106211022100000062110221500000{status:02X}"
