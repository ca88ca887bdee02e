"""Who says what a profile's row holds, and how far that can be trusted."""

from dataclasses import dataclass
from enum import Enum


class Basis(Enum):
    """What kind of source it is, the best first."""

    STANDARD = "standard"
    MANUAL = "manual"
    CODE = "working code"
    REPORT = "report"
    NONE = "not confirmed"


@dataclass(frozen=True, slots=True)
class Source:
    """A source, named so that somebody else finds it."""

    basis: Basis
    where: str

    @property
    def confirmed(self) -> bool:
        """Whether anybody says so; otherwise the modem is asked with AT+X=? before use."""
        return self.basis is not Basis.NONE


STANDARD = Source(Basis.STANDARD, "3GPP TS 27.007 and TS 27.005, ITU-T V.250")


def manual(where: str) -> Source:
    """The maker's own manual."""
    return Source(Basis.MANUAL, where)


def code(where: str) -> Source:
    """A driver that works with it."""
    return Source(Basis.CODE, where)


def report(where: str) -> Source:
    """Somebody who has seen it."""
    return Source(Basis.REPORT, where)


def unconfirmed(why: str) -> Source:
    """Nobody: taken from a relative or from general knowledge."""
    return Source(Basis.NONE, why)
