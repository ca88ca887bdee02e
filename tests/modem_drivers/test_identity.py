"""ICCID and IMEI in their one form, or an error; never a shortened number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers.errors import IdentityError
from modem_drivers.identity import luhn_digit, normalise_iccid, normalise_imei, swap_digits

ICCID_19 = "894450100121314156" + luhn_digit("894450100121314156")
ICCID_20 = "8944501001213141567" + luhn_digit("8944501001213141567")


@pytest.mark.parametrize(
    ("raw", "iccid"),
    [
        (ICCID_19, ICCID_19),
        (ICCID_20, ICCID_20),
        (f'"{ICCID_20}"', ICCID_20),
        (f"  {ICCID_20[:4]} {ICCID_20[4:]} ", ICCID_20),
        (ICCID_19 + "F", ICCID_19),
        (ICCID_19 + "FFF", ICCID_19),
        (swap_digits(ICCID_19 + "F"), ICCID_19),
        (swap_digits(ICCID_20), ICCID_20),
        ("898602f9121314151617", "898602F9121314151617"),
    ],
)
def test_iccid(raw: str, iccid: str) -> None:
    assert normalise_iccid(raw) == iccid


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "ERROR",
        ICCID_20[:-3],
        ICCID_20 + "12",
        "99" + ICCID_20[2:],
        ICCID_20[:-1] + str((int(ICCID_20[-1]) + 1) % 10),
        ICCID_19[:-1] + "FF",
        "89GG0210121314151617",
        "٨٩445010012131415678",
    ],
)
def test_not_an_iccid(raw: str) -> None:
    with pytest.raises(IdentityError, match="expected an ICCID"):
        normalise_iccid(raw)


@given(st.text(st.characters(codec="ascii", categories=["N", "L", "P"]), max_size=24))
def test_an_iccid_is_never_shortened(raw: str) -> None:
    try:
        iccid = normalise_iccid(raw)
    except IdentityError:
        return
    kept = raw.replace('"', "").upper().rstrip("F")
    assert iccid in (kept, swap_digits(kept + "F" * (len(kept) % 2)).rstrip("F"))


@pytest.mark.parametrize(
    ("raw", "imei"),
    [
        ("490154203237518", "490154203237518"),
        ('"490154203237518"', "490154203237518"),
        ("49015420323751", "490154203237518"),
        ("4901542032375101", "490154203237518"),
        ("49-015420-323751-8", "490154203237518"),
    ],
)
def test_imei(raw: str, imei: str) -> None:
    assert normalise_imei(raw) == imei


@pytest.mark.parametrize("raw", ["", "490154203237517", "4901542032375", "49015420323751801", "49015420323751X"])
def test_not_an_imei(raw: str) -> None:
    with pytest.raises(IdentityError, match="expected an IMEI"):
        normalise_imei(raw)
