"""The provider port: what every connectivity provider can do for one SIM, and how it may fail.

ProviderError
├── Refused      understood and answered with no; asking again will not help
├── Busy         nothing was done; ask again after `retry_after`
└── Unanswered   nobody knows whether it was done: read the state before asking again
"""

from dataclasses import dataclass
from typing import Protocol

from fleet.sims.models import Effective, Reason


class ProviderError(Exception):
    """The provider did not do what was asked, or did not say that it did."""


class Refused(ProviderError):
    """The provider understood the request and answered with no."""


class Busy(ProviderError):
    """Surely nothing was done. `retry_after`: seconds the provider asked to wait, 0 when it named none."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unanswered(ProviderError):
    """The outcome is unknown: the answer was lost, or was a server error. `retry_after` as in Busy."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Word:
    """What the provider says of a SIM: its state, who imposed it, and the provider's own words for it."""

    effective: Effective
    reason: Reason = Reason.NONE
    detail: str = ""


class Provider(Protocol):
    """One account at one provider. Each call is one request, over within 30 s; all raise ProviderError."""

    async def claim(self, iccid: str) -> Word:
        """Register the SIM under the account; it may start to cost. A SIM that is ours already is no error."""
        ...

    async def activate(self, iccid: str) -> Word:
        """Bring a claimed SIM into service; the word may be `pending` for a while."""
        ...

    async def suspend(self, iccid: str) -> Word:
        """Take a claimed SIM out of service; `activate` brings it back."""
        ...

    async def state(self, iccid: str) -> Word | None:
        """What the provider says now; None for a SIM that is not in the account."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
