"""Identity numbers in their one written form."""

import re

from modem_drivers.errors import IdentityError

_ICCID = re.compile(r"89[0-9]{2}[0-9A-F]{14,15}[0-9]")  # ITU-T E.118; some issuers have hex in the middle
_IMEI = re.compile(r"[0-9]{14,16}")  # 3GPP TS 23.003 clause 6.2: 14 digits, check digit or software version


def normalise_iccid(raw: str) -> str:
    """The ICCID as 19 or 20 characters: quotes, blanks and padding removed, swapped digits put right.

    Raises IdentityError for anything else, never a silently shortened number. Where the number is all
    digits its check digit must hold (ITU-T E.118: Luhn over the whole number).
    """
    iccid = re.sub(r"[\s\"]", "", raw).upper()
    if iccid.startswith("98") and len(iccid) % 2 == 0:
        iccid = swap_digits(iccid)
    iccid = iccid.rstrip("F")
    if not _ICCID.fullmatch(iccid):
        raise IdentityError(
            f"expected an ICCID (19 or 20 characters, 89 first), got {raw[:40]!r}; read it off the card"
        )
    if iccid.isdigit() and not _luhn_holds(iccid):
        raise IdentityError(
            f"expected an ICCID whose check digit holds, got {iccid}; compare it with the card digit by digit"
        )
    return iccid


def normalise_imei(raw: str) -> str:
    """The IMEI as 15 digits; 14 get their check digit, 16 lose their software version; hyphens do not count.

    Raises IdentityError where 15 digits do not satisfy the check digit (3GPP TS 23.003 annex B).
    """
    imei = re.sub(r"[\s\"-]", "", raw)
    if not _IMEI.fullmatch(imei):
        raise IdentityError(f"expected an IMEI of 15 digits, got {raw[:40]!r}; read it off the modem's label")
    if len(imei) != 15:
        return imei[:14] + luhn_digit(imei[:14])
    if not _luhn_holds(imei):
        raise IdentityError(f"expected an IMEI whose check digit holds, got {imei}; compare it with the modem's label")
    return imei


def swap_digits(digits: str) -> str:
    """The same digits with each pair swapped, as SIM files hold them (ETSI TS 102 221 clause 13.2)."""
    return "".join(digits[i + 1] + digits[i] for i in range(0, len(digits) - 1, 2))


def luhn_digit(body: str) -> str:
    """The digit that completes `body` to a number whose Luhn sum holds (ISO/IEC 7812-1 annex B)."""
    return str(-_luhn_sum(body + "0") % 10)


def _luhn_holds(number: str) -> bool:
    return _luhn_sum(number) % 10 == 0


def _luhn_sum(number: str) -> int:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
