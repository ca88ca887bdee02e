"""User and password of a context as a modem tells them back, against what was set. Pure; neither is ever shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto


class Told(Enum):
    """What a modem's answer says of what was set."""

    SAME = auto()
    TURNED_ROUND = auto()
    OTHERS = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was set; `user_first` is the order in which the modem takes and tells the two."""

    user: str
    password: str
    user_first: bool

    def turned_round(self) -> "Credentials":
        """The same with the two exchanged."""
        return replace(self, user=self.password, password=self.user)


def compare(told: Sequence[str], wanted: Credentials) -> Told:
    """The strings behind context and method against what was set.

    A modem may keep the password to itself: it is left out, empty, or stars. The user (3GPP TS 27.007 clause 10.1.31)
    who is the password then shows that the modem has taken the two the other way round. Where it tells both
    exchanged, the order may be that of the telling alone, so nothing follows from it.
    """
    user, password = (told[0], told[1]) if len(told) > 1 else (told[0] if told else "", "")
    if len(told) > 1 and not wanted.user_first:
        user, password = password, user
    hidden = not password.strip("*")
    if not user.strip("*"):
        return Told.NOTHING if hidden or password == wanted.password else Told.OTHERS
    if user == wanted.user and (hidden or password == wanted.password):
        return Told.SAME
    if (user, password) == (wanted.password, wanted.user):
        return Told.NOTHING
    return Told.TURNED_ROUND if hidden and user == wanted.password else Told.OTHERS
