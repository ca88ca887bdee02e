"""Parts of long messages, joined again (3GPP TS 23.040 clause 9.2.3.24.1)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from modem_drivers.pdu.alphabets import from_utf16
from modem_drivers.pdu.header import CONCAT_8, CONCAT_16
from modem_drivers.pdu.model import Deliver

MAX_AGE: Final = timedelta(days=3)
"""How long the parts of a text wait for each other; a sender's reference may be used again after that."""

_Key = tuple[str, int, int]  # sender, reference, number of parts


@dataclass(slots=True)
class _Whole:
    since: datetime
    parts: dict[int, Deliver] = field(default_factory=dict)


class Reassembler:
    """Joins parts in whatever order they come, each once; what stays incomplete for `max_age` is dropped.

    Holds at most `limit` unfinished messages; the oldest gives way.
    """

    def __init__(self, max_age: timedelta = MAX_AGE, limit: int = 1000) -> None:
        self._max_age = max_age
        self._limit = limit
        self._open: dict[_Key, _Whole] = {}

    def add(self, deliver: Deliver, now: datetime) -> Deliver | None:
        """The whole message once its last part is there, else None; what was never cut comes back at once.

        `now` must be aware, or naive, at every call alike.
        """
        self._expire(now)
        concat = deliver.concat
        if concat is None:
            return deliver
        key = (deliver.sender.number, concat.reference, concat.parts)
        whole = self._open.get(key)
        known = whole.parts.get(concat.part) if whole else None
        if whole is None or (known is not None and not _same(known, deliver)):
            # Another text under a reference in use: the sender's counter came round, the older stays torn.
            self._open.pop(key, None)
            whole = self._open[key] = _Whole(now)
        whole.parts.setdefault(concat.part, deliver)
        if len(whole.parts) == concat.parts:
            del self._open[key]
            return _join([whole.parts[number] for number in range(1, concat.parts + 1)])
        if len(self._open) > self._limit:
            del self._open[next(iter(self._open))]
        return None

    def _expire(self, now: datetime) -> None:
        while self._open:
            oldest = next(iter(self._open))
            if now - self._open[oldest].since < self._max_age:
                return
            del self._open[oldest]


def _same(one: Deliver, other: Deliver) -> bool:
    return (one.text, one.data) == (other.text, other.data)


def _join(parts: list[Deliver]) -> Deliver:
    texts = [part.text for part in parts if part.text is not None]
    blocks = [part.data for part in parts if part.data is not None]
    data = b"".join(blocks) if len(blocks) == len(parts) else None
    text = "".join(texts) if len(texts) == len(parts) else None
    if data is not None and text is not None:
        # The sender may have cut a surrogate pair in two; an odd octet would shift the parts behind it.
        text = from_utf16(b"".join(block[: len(block) // 2 * 2] for block in blocks))
    elements = tuple(element for element in parts[0].elements if element[0] not in (CONCAT_8, CONCAT_16))
    return replace(parts[0], text=text, data=data, concat=None, elements=elements)
