"""A SIM in its machine is brought into service: what has been learnt and done so far, to the next step. Pure.

The bench (`fleet sims provision`, or anything that speaks to the modem) does its steps and reports; the service does
the others by itself. The facts are the whole state, so a run goes on wherever either side stopped.
"""

import enum
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fleet import inputs


class Step(enum.StrEnum):
    """The steps, in order."""

    IDENTIFY = "identify"
    UNLOCK = "unlock"
    READ_IMSI = "read_imsi"
    ACTIVATE = "activate"
    SET_APN = "set_apn"
    AWAIT_REGISTRATION = "await_registration"
    BIND = "bind"
    FIRST_POINT = "first_point"
    DONE = "done"


BENCH = frozenset({Step.IDENTIFY, Step.UNLOCK, Step.READ_IMSI, Step.SET_APN, Step.AWAIT_REGISTRATION})
"""Steps that need the modem at hand."""

ORDER = list(Step)


class Facts(BaseModel):
    """What a run has learnt and done."""

    identified: bool = False
    pin_wanted: bool = False
    pin_given: str = ""
    """Sealed; the PIN that came with the run, until the SIM it belongs to is known."""
    pin_trying: bool = False
    """The bench is about to try the PIN, or has and did not come back to tell."""
    retries_left: int | None = None
    """Tries the SIM had left when it was last asked; None where the modem does not tell."""
    imsi: str = ""
    activation_requested: bool = False
    apn_set: bool = False
    registration: str = ""
    bound_at: datetime | None = None
    first_point_at: datetime | None = None


def next_step(facts: Facts, *, active: bool) -> Step:
    """The first step not done yet; `active`: the provider says the SIM is in service."""
    done = {
        Step.IDENTIFY: facts.identified,
        Step.UNLOCK: not facts.pin_wanted,
        Step.READ_IMSI: bool(facts.imsi),
        Step.ACTIVATE: active and facts.activation_requested,
        Step.SET_APN: facts.apn_set,
        Step.AWAIT_REGISTRATION: bool(facts.registration),
        Step.BIND: facts.bound_at is not None,
        Step.FIRST_POINT: facts.first_point_at is not None,
    }
    return next((step for step, is_done in done.items() if not is_done), Step.DONE)


def pin_was_refused(facts: Facts, retries_left: int | None) -> bool:
    """Whether a PIN whose try was never reported must count as refused, the SIM being locked still (or again).

    Only a counter that did not go down says that it was not; without one, caution does.
    """
    if not facts.pin_trying:
        return False
    return facts.retries_left is None or retries_left is None or retries_left < facts.retries_left


class Result(BaseModel):
    """What the bench reports of a step; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


class Identified(Result):
    """The SIM and the modem, and whether the SIM waits for its PIN."""

    iccid: str
    imei: str
    pin_wanted: bool = False
    retries_left: int | None = None


class Unlocked(Result):
    """How the PIN fared: `trying` is reported before the try, then what came of it."""

    outcome: Literal["trying", "accepted", "refused"]
    retries_left: int | None = None


class ImsiRead(Result):
    """The SIM's IMSI (3GPP TS 23.003 clause 2.2)."""

    imsi: str = Field(pattern=inputs.IMSI)


class ApnSet(Result):
    """The modem has the access point name."""

    apn: str


class Registered(Result):
    """The modem is on a network: `home` or `roaming`, and whose."""

    registration: str = Field(min_length=1)
    operator: str = ""


RESULTS: dict[Step, type[Result]] = {
    Step.IDENTIFY: Identified,
    Step.UNLOCK: Unlocked,
    Step.READ_IMSI: ImsiRead,
    Step.SET_APN: ApnSet,
    Step.AWAIT_REGISTRATION: Registered,
}
