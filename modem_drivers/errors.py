"""Every error this library raises.

ModemError
 ├ PortError           PortMissing · PortBusy · PortGone
 ├ CommandError        CommandTimeout · CommandRefused · UnexpectedReply
 ├ SimError            NoSim · PinRequired · PinRefused · PinGuarded · PukRequired
 ├ NotRegistered
 ├ Unsupported
 ├ CallError           InCall · CallEnded · SpeechFailed
 ├ UssdFailed
 ├ DataFailed
 ├ WrongModem
 ├ PduError            also a ValueError
 └ IdentityError       also a ValueError
"""

from enum import Enum

from modem_drivers.at.codes import Cme, Cms

__all__ = [
    "CallEnded",
    "CallError",
    "Cme",
    "Cms",
    "CommandError",
    "CommandRefused",
    "CommandTimeout",
    "DataFailed",
    "EndCause",
    "IdentityError",
    "InCall",
    "ModemError",
    "NoSim",
    "NotRegistered",
    "PduError",
    "PinGuarded",
    "PinRefused",
    "PinRequired",
    "PortBusy",
    "PortError",
    "PortGone",
    "PortMissing",
    "PukRequired",
    "SimError",
    "SpeechFailed",
    "UnexpectedReply",
    "Unsupported",
    "UssdFailed",
    "WrongModem",
]


class ModemError(Exception):
    """Anything that goes wrong with a modem; `may_retry` says whether the same thing may work later."""

    may_retry: bool = False


class PortError(ModemError):
    """The way to the modem, not the modem."""

    may_retry = True


class PortMissing(PortError):
    """There is nothing at this address."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"expected a modem port at {address}, got: {reason}; check the cable and the port's name")
        self.address = address


class PortBusy(PortError):
    """Another program holds the port; `holder` names it where the system tells."""

    def __init__(self, address: str, holder: str | None) -> None:
        super().__init__(f"port {address} is in use by {holder or 'another program'}; stop it or choose another port")
        self.address = address
        self.holder = holder


class PortGone(PortError):
    """The line vanished; commands under way fail with it.

    `payload_written` is true where the command's message had already left for the modem.
    """

    def __init__(self, address: str, reason: str, *, payload_written: bool = False) -> None:
        super().__init__(f"the line to the modem at {address} is gone: {reason}; plug it in again")
        self.address = address
        self.reason = reason
        self.payload_written = payload_written


class CommandError(ModemError):
    """The modem did not do what a command asked. Messages name the command, never its arguments."""


class CommandTimeout(CommandError):
    """No final result came before the command's deadline."""

    may_retry = True

    def __init__(self, command: str, seconds: float, *, payload_written: bool = False) -> None:
        super().__init__(f"{command} got no final result within {seconds:g} s; the line will be resynchronised")
        self.command = command
        self.seconds = seconds
        self.payload_written = payload_written


class CommandRefused(CommandError):
    """The modem ended the command with an error; `code` is None where it gave no number."""

    def __init__(self, code: Cme | Cms | None, text: str, command: str = "") -> None:
        words = f" ({code.words})" if code is not None else ""
        super().__init__(f"the modem refused {command or 'the command'}: {text}{words}")
        self.code = code
        self.text = text
        self.command = command
        self.may_retry = code is not None and code.may_retry


class UnexpectedReply(CommandError):
    """The modem ended the command well but its reply is not one this library can read."""

    def __init__(self, command: str, expected: str, got: str) -> None:
        super().__init__(f"{command} expected {expected}, got {got[:80]!r}; report the modem's model and firmware")
        self.command = command


class SimError(ModemError):
    """The SIM cannot be used as it is."""


class NoSim(SimError):
    """No SIM answers in the modem's holder."""

    def __init__(self, reason: str = "not inserted") -> None:
        super().__init__(f"expected a SIM in the modem, got none ({reason}); insert it and try again")


class PinRequired(SimError):
    """The SIM waits for its PIN."""

    def __init__(self) -> None:
        super().__init__("the SIM is locked by its PIN; unlock it first")


class PinRefused(SimError):
    """The SIM refused the PIN; `retries_left` is None where the modem does not tell."""

    def __init__(self, retries_left: int | None) -> None:
        left = "unknown tries" if retries_left is None else "1 try" if retries_left == 1 else f"{retries_left} tries"
        super().__init__(f"the SIM refused this PIN, {left} left; check the PIN before another try")
        self.retries_left = retries_left


class PinGuarded(SimError):
    """The PIN was not tried at all, for the SIM's safety; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the PIN was not tried: {reason}; unlock the SIM by hand")
        self.reason = reason


class PukRequired(SimError):
    """The SIM is blocked and asks for its PUK."""

    def __init__(self) -> None:
        super().__init__("the SIM is blocked and asks for its PUK; unblock it by hand with the operator's PUK")


class NotRegistered(ModemError):
    """The modem is on no network."""

    may_retry = True


class Unsupported(ModemError):
    """This modem, or its firmware, cannot do the thing at all; `thing` names it."""

    def __init__(self, thing: str, modem: str) -> None:
        super().__init__(f"expected a modem with {thing}, got {modem}, which has none; use another modem or firmware")
        self.thing = thing


class EndCause(Enum):
    """Why a call is over, in words."""

    HUNG_UP = "hung up here"
    FAR_END = "ended by the far end"
    BUSY = "the far end is busy"
    NO_ANSWER = "nobody answered"
    REFUSED = "refused by the far end or the network"
    LOST = "lost with the line to the modem"


class CallError(ModemError):
    """A call did not go as asked."""


class InCall(CallError):
    """The modem has a call already, and can have one."""

    may_retry = True

    def __init__(self, number: str | None) -> None:
        super().__init__(
            f"expected a modem without a call, got one in a call with {number or 'somebody'}; hang up first"
        )


class CallEnded(CallError):
    """The call is over; `detail` is the network's cause in the modem's words, where it tells one."""

    def __init__(self, cause: EndCause, detail: str | None = None) -> None:
        told = f" ({detail})" if detail else ""
        super().__init__(
            f"expected the call to go on, it is over: {cause.value}{told}; call again or call another number"
        )
        self.cause = cause
        self.detail = detail
        self.may_retry = cause in (EndCause.BUSY, EndCause.NO_ANSWER, EndCause.LOST)


class SpeechFailed(CallError):
    """The far end has not heard the whole text."""

    may_retry = True

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"expected the modem to speak the whole text, got: {reason}; say it again while the call lasts"
        )


class UssdFailed(ModemError):
    """The network did not answer a USSD code; `reason` says why."""

    def __init__(self, reason: str, *, may_retry: bool) -> None:
        super().__init__(f"expected the network to answer the code, got: {reason}; check the code with the operator")
        self.reason = reason
        self.may_retry = may_retry


class DataFailed(ModemError):
    """A context did not come up, or not go down, though the modem refused nothing; `reason` is what it told."""

    may_retry = True

    def __init__(self, cid: int, wanted: str, reason: str) -> None:
        super().__init__(
            f"expected packet data on context {cid} {wanted}, got: {reason}; check the APN with the provider"
        )
        self.reason = reason


class WrongModem(ModemError):
    """Another modem than the expected one answers at the address."""

    def __init__(self, address: str, expected: str, got: str) -> None:
        super().__init__(f"expected the modem with IMEI {expected} at {address}, got {got}; check which is plugged in")


class PduError(ModemError, ValueError):
    """A message that is not formed as 3GPP TS 23.040 demands."""


class IdentityError(ModemError, ValueError):
    """A number that is no valid ICCID or IMEI."""
