"""Keys pressed by the far end of a call (DTMF), as each maker tells them."""

from typing import Final

from modem_drivers.at.params import number, values

KEYS: Final = frozenset("0123456789*#ABCD")


def code(text: str) -> str | None:
    """Quectel's `+QTONEDET: 49`: the key as a decimal ASCII code."""
    told = number(text)
    return _key(chr(told)) if told is not None and 0 <= told < 128 else None


def letter(text: str) -> str | None:
    """The key itself: `+RXDTMF: 8`, `+DTMF:5`, `+UUDTMFD: 8`, `#DTMFEV: 5,1`; None for a key that is let go."""
    fields = values(text)
    if not fields or (len(fields) > 1 and fields[1] != "1"):
        return None
    return _key(fields[0].upper())


def _key(text: str) -> str | None:
    return text if text in KEYS else None
