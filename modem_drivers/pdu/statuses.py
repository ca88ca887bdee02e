"""TP-Status in words (3GPP TS 23.040 clause 9.2.3.15)."""

from typing import Final

_TEMPORARY: Final = (
    "congestion",
    "phone busy",
    "no response from the phone",
    "service rejected",
    "quality of service not available",
    "error in the phone",
)
_PERMANENT: Final = (
    "remote procedure error",
    "incompatible destination",
    "connection rejected by the phone",
    "not obtainable",
    "quality of service not available",
    "no interworking available",
    "validity period expired",
    "deleted by the sender",
    "deleted by the message centre",
    "message does not exist",
)
_DONE: Final = ("received by the phone", "forwarded, but nobody can confirm its delivery", "replaced by the centre")
_WORDS: Final = (
    dict(enumerate(_DONE))
    | dict(enumerate(_TEMPORARY, 0x20))
    | dict(enumerate(_PERMANENT, 0x40))
    | dict(enumerate(_TEMPORARY, 0x60))
)
_OUTCOMES: Final = ("done", "still trying", "failed", "failed, the centre tries no more")


def words(status: int) -> str:
    """The status in words; values of one centre's own and reserved ones are named by their group."""
    if status >= 0x80:
        return "reserved, counts as failed"
    outcome = _OUTCOMES[status >> 5]
    known = _WORDS.get(status, "for a reason of the centre's own" if status & 0x10 else "for a reserved reason")
    return known if status < 0x20 and status in _WORDS else f"{outcome}: {known}"
