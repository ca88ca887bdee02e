"""SMS wire format: texts to PDUs and back, without modem or clock.

PDUs are hex strings that begin with the SMSC.
"""

from modem_drivers.errors import PduError
from modem_drivers.pdu.address import Address, parse_address, parse_number
from modem_drivers.pdu.alphabets import Alphabet
from modem_drivers.pdu.decode import decode, decode_deliver, decode_status_report, decode_submit, message_type
from modem_drivers.pdu.encode import encode_data, encode_deliver, encode_status_report, encode_submit, with_smsc
from modem_drivers.pdu.header import Concat, Ports
from modem_drivers.pdu.languages import EVERY, READABLE, Language, Shift
from modem_drivers.pdu.model import Deliver, StatusReport, Submit, SubmitPdu
from modem_drivers.pdu.reassembly import Reassembler
from modem_drivers.pdu.relay import relay
from modem_drivers.pdu.schemes import Waiting
from modem_drivers.pdu.segments import Segmentation, segment

__all__ = [
    "EVERY",
    "READABLE",
    "Address",
    "Alphabet",
    "Concat",
    "Deliver",
    "Language",
    "PduError",
    "Ports",
    "Reassembler",
    "Segmentation",
    "Shift",
    "StatusReport",
    "Submit",
    "SubmitPdu",
    "Waiting",
    "decode",
    "decode_deliver",
    "decode_status_report",
    "decode_submit",
    "encode_data",
    "encode_deliver",
    "encode_status_report",
    "encode_submit",
    "message_type",
    "parse_address",
    "parse_number",
    "relay",
    "segment",
    "with_smsc",
]
