"""Errors that come in words although numbers were asked for (AT+CMEE=1): which code they are.

The standards' own words where our names differ: 3GPP TS 27.007 clause 9.2, TS 27.005 clause 3.2.5, TS 24.011 annex E-2,
TS 23.040 clause 9.2.3.22.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from modem_drivers.at.codes import Cme, Cms

_CME: Final = {
    "no connection to phone": Cme.NO_CONNECTION,
    "phone adaptor link reserved": Cme.LINK_RESERVED,
    "operation not allowed": Cme.NOT_ALLOWED,
    "operation not supported": Cme.NOT_SUPPORTED,
    "text string too long": Cme.TEXT_TOO_LONG,
    "invalid characters in text string": Cme.INVALID_CHARACTERS_IN_TEXT,
    "network not allowed - emergency calls only": Cme.EMERGENCY_CALLS_ONLY,
    "network personalization PIN required": Cme.NETWORK_PIN_REQUIRED,
    "network personalization PUK required": Cme.NETWORK_PUK_REQUIRED,
    "network subset personalization PIN required": Cme.NETWORK_SUBSET_PIN_REQUIRED,
    "network subset personalization PUK required": Cme.NETWORK_SUBSET_PUK_REQUIRED,
    "service provider personalization PIN required": Cme.PROVIDER_PIN_REQUIRED,
    "service provider personalization PUK required": Cme.PROVIDER_PUK_REQUIRED,
    "corporate personalization PIN required": Cme.CORPORATE_PIN_REQUIRED,
    "corporate personalization PUK required": Cme.CORPORATE_PUK_REQUIRED,
    "command implemented but currently disabled": Cme.COMMAND_DISABLED,
    "command aborted by user": Cme.COMMAND_ABORTED,
    "fixed dial number only allowed for called number": Cme.FIXED_DIAL_NUMBERS_ONLY,
    "temporarily out of service for other MT usage": Cme.OUT_OF_SERVICE,
    "unknown error": Cme.UNKNOWN,
    "GPRS services not allowed": Cme.GPRS_NOT_ALLOWED,
    "roaming not allowed in this location area": Cme.ROAMING_NOT_ALLOWED,
    "service option not supported": Cme.OPTION_NOT_SUPPORTED,
    "requested service option not subscribed": Cme.OPTION_NOT_SUBSCRIBED,
    "service option temporarily out of order": Cme.OPTION_OUT_OF_ORDER,
}
_CMS: Final = {
    "unassigned (unallocated) number": Cms.UNASSIGNED_NUMBER,
    "operator determined barring": Cms.OPERATOR_BARRING,
    "short message transfer rejected": Cms.TRANSFER_REJECTED,
    "resources unavailable, unspecified": Cms.RESOURCES_UNAVAILABLE,
    "requested facility not subscribed": Cms.FACILITY_NOT_SUBSCRIBED,
    "requested facility not implemented": Cms.FACILITY_NOT_IMPLEMENTED,
    "invalid short message transfer reference value": Cms.INVALID_REFERENCE,
    "invalid message, unspecified": Cms.INVALID_MESSAGE,
    "message type non-existent or not implemented": Cms.MESSAGE_TYPE_NOT_IMPLEMENTED,
    "message not compatible with short message protocol state": Cms.MESSAGE_NOT_COMPATIBLE,
    "information element non-existent or not implemented": Cms.INFORMATION_ELEMENT_NOT_IMPLEMENTED,
    "protocol error, unspecified": Cms.PROTOCOL_ERROR,
    "interworking, unspecified": Cms.INTERWORKING,
    "SC busy": Cms.CENTRE_BUSY,
    "no SC subscription": Cms.NO_CENTRE_SUBSCRIPTION,
    "SC system failure": Cms.CENTRE_FAILURE,
    "invalid SME address": Cms.INVALID_ADDRESS,
    "destination SME barred": Cms.DESTINATION_BARRED,
    "SM rejected-duplicate SM": Cms.DUPLICATE_REJECTED,
    "SIM SMS storage full": Cms.SIM_STORAGE_FULL,
    "SMS service of ME reserved": Cms.SERVICE_RESERVED,
    "operation not allowed": Cms.NOT_ALLOWED,
    "operation not supported": Cms.NOT_SUPPORTED,
    "invalid PDU mode parameter": Cms.INVALID_PDU_PARAMETER,
    "invalid text mode parameter": Cms.INVALID_TEXT_PARAMETER,
    "invalid memory index": Cms.INVALID_INDEX,
    "SMSC address unknown": Cms.CENTRE_ADDRESS_UNKNOWN,
    "no +CNMA acknowledgement expected": Cms.NO_ACKNOWLEDGEMENT_EXPECTED,
    "unknown error": Cms.UNKNOWN,
}


def cme(words: str) -> Cme | None:
    """The equipment's error whose words these are; letters and digits alone count, as spelling differs by maker."""
    return _EQUIPMENT.get(_letters(words))


def cms(words: str) -> Cms | None:
    """The message service's error whose words these are."""
    return _MESSAGES.get(_letters(words))


def _letters(text: str) -> str:
    """`(U)SIM not inserted` and `illegal MS (#3)` as `simnotinserted` and `illegalms`."""
    text = text.lower().replace("(u)", "").partition("(#")[0]
    return "".join(char for char in text if char.isalnum())


_EQUIPMENT: Final[Mapping[str, Cme]] = MappingProxyType(
    {_letters(code.words): code for code in Cme} | {_letters(words): code for words, code in _CME.items()}
)
_MESSAGES: Final[Mapping[str, Cms]] = MappingProxyType(
    {_letters(code.words): code for code in Cms} | {_letters(words): code for words, code in _CMS.items()}
)
