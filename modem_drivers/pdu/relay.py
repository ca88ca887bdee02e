"""A message centre's way from SUBMIT to DELIVER: header and user data pass through untouched."""

from datetime import datetime

from modem_drivers.pdu.address import encode_address, parse_address
from modem_drivers.pdu.encode import encode_timestamp

_HAS_HEADER = 0x40
_NO_MORE_MESSAGES = 0x04
_VALIDITY_OCTETS = (0, 7, 1, 7)  # by TP-VPF, TS 23.040 clause 9.2.3.3


def relay(submit: str, sender: str, timestamp: datetime) -> str:
    """The SMS-DELIVER PDU (hex, no SMSC) that brings the recipient a SUBMIT which decode_submit has accepted.

    3GPP TS 23.040 clauses 9.2.2.1 and 9.2.2.2. Raises PduError for a sender or an unaware time that it cannot name.
    """
    octets = bytes.fromhex(submit)
    first = 1 + octets[0]
    scheme = first + 2 + 2 + (octets[first + 2] + 1) // 2  # behind TP-MR and TP-DA: TP-PID, TP-DCS
    body = scheme + 2 + _VALIDITY_OCTETS[octets[first] >> 3 & 3]
    deliver = bytes([0, octets[first] & _HAS_HEADER | _NO_MORE_MESSAGES])
    deliver += encode_address(parse_address(sender)) + octets[scheme : scheme + 2]
    return (deliver + encode_timestamp(timestamp) + octets[body:]).hex().upper()
