"""AT commands to LTE modems, for programs that run on asyncio.

    modem = await Modem.open("/dev/ttyUSB2")
    print(modem.info, await modem.sim.iccid(), await modem.network.signal())
    async with await modem.voice.dial("+4915112345678") as call:
        await call.answered(30)
        await modem.speech.say("Alarm at site 4. Press 1 to accept.")

The parts without I/O (`at`, `pdu`, `profiles`, `identity`) can be used alone.
"""

from modem_drivers.at.parsers.calls import CallState
from modem_drivers.at.parsers.card import SimState
from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.signal import Signal
from modem_drivers.at.parsers.ussd import Ussd, UssdState
from modem_drivers.errors import (
    CallEnded,
    CallError,
    Cme,
    Cms,
    CommandError,
    CommandRefused,
    CommandTimeout,
    DataFailed,
    EndCause,
    IdentityError,
    InCall,
    ModemError,
    NoSim,
    NotRegistered,
    PduError,
    PinGuarded,
    PinRefused,
    PinRequired,
    PortBusy,
    PortError,
    PortGone,
    PortMissing,
    PukRequired,
    SimError,
    SpeechFailed,
    UnexpectedReply,
    Unsupported,
    UssdFailed,
    WrongModem,
)
from modem_drivers.features.call import CallEnd, VoiceCall
from modem_drivers.features.capabilities import Capabilities
from modem_drivers.features.inbox import Stored
from modem_drivers.features.network import Operator
from modem_drivers.features.packet_data import PdpContext
from modem_drivers.features.registration import Registration, RegState
from modem_drivers.features.sim import PinGuard, Retries
from modem_drivers.features.sms import Outcome, Refused, Sent, Storage, Unknown
from modem_drivers.identity import normalise_iccid, normalise_imei
from modem_drivers.modem import Info, Modem
from modem_drivers.probe import Port, at_ports, list_ports
from modem_drivers.profiles import Profile
from modem_drivers.recovery import Repair, Rung
from modem_drivers.session import Response, Session
from modem_drivers.supervisor import ModemState, Supervisor
from modem_drivers.transport import Transport, cable, open_port

__all__ = [
    "CallEnd",
    "CallEnded",
    "CallError",
    "CallState",
    "Capabilities",
    "Cme",
    "Cms",
    "CommandError",
    "CommandRefused",
    "CommandTimeout",
    "DataFailed",
    "EndCause",
    "IdentityError",
    "InCall",
    "Info",
    "Modem",
    "ModemError",
    "ModemState",
    "NoSim",
    "NotRegistered",
    "Operator",
    "Outcome",
    "PdpContext",
    "PduError",
    "PinGuard",
    "PinGuarded",
    "PinRefused",
    "PinRequired",
    "Port",
    "PortBusy",
    "PortError",
    "PortGone",
    "PortMissing",
    "Profile",
    "PukRequired",
    "Refused",
    "RegState",
    "Registration",
    "Repair",
    "Response",
    "Retries",
    "Rung",
    "Sent",
    "ServingCell",
    "Session",
    "Signal",
    "SimError",
    "SimState",
    "SpeechFailed",
    "Storage",
    "Stored",
    "Supervisor",
    "Transport",
    "UnexpectedReply",
    "Unknown",
    "Unsupported",
    "Ussd",
    "UssdFailed",
    "UssdState",
    "VoiceCall",
    "WrongModem",
    "at_ports",
    "cable",
    "list_ports",
    "normalise_iccid",
    "normalise_imei",
    "open_port",
]
