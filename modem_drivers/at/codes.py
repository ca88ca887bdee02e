"""Error codes a modem reports by number, and whether trying the same thing again may help."""

from enum import IntEnum
from typing import Self


class _Code(IntEnum):
    """A numeric code; numbers outside the standard's list become members named `CODE_<number>`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"CODE_{value}"
        member._value_ = value
        return member

    @property
    def words(self) -> str:
        """The code in words: its name in lower case with blanks."""
        return self.name.replace("_", " ").lower()


class Cme(_Code):
    """Errors of the equipment (`+CME ERROR`), 3GPP TS 27.007 clause 9.2."""

    PHONE_FAILURE = 0
    NO_CONNECTION = 1
    LINK_RESERVED = 2
    NOT_ALLOWED = 3
    NOT_SUPPORTED = 4
    PH_SIM_PIN_REQUIRED = 5
    PH_FSIM_PIN_REQUIRED = 6
    PH_FSIM_PUK_REQUIRED = 7
    SIM_NOT_INSERTED = 10
    SIM_PIN_REQUIRED = 11
    SIM_PUK_REQUIRED = 12
    SIM_FAILURE = 13
    SIM_BUSY = 14
    SIM_WRONG = 15
    INCORRECT_PASSWORD = 16
    SIM_PIN2_REQUIRED = 17
    SIM_PUK2_REQUIRED = 18
    MEMORY_FULL = 20
    INVALID_INDEX = 21
    NOT_FOUND = 22
    MEMORY_FAILURE = 23
    TEXT_TOO_LONG = 24
    INVALID_CHARACTERS_IN_TEXT = 25
    DIAL_STRING_TOO_LONG = 26
    INVALID_CHARACTERS_IN_DIAL_STRING = 27
    NO_NETWORK_SERVICE = 30
    NETWORK_TIMEOUT = 31
    EMERGENCY_CALLS_ONLY = 32
    NETWORK_PIN_REQUIRED = 40
    NETWORK_PUK_REQUIRED = 41
    NETWORK_SUBSET_PIN_REQUIRED = 42
    NETWORK_SUBSET_PUK_REQUIRED = 43
    PROVIDER_PIN_REQUIRED = 44
    PROVIDER_PUK_REQUIRED = 45
    CORPORATE_PIN_REQUIRED = 46
    CORPORATE_PUK_REQUIRED = 47
    INCORRECT_PARAMETERS = 50
    COMMAND_DISABLED = 51
    COMMAND_ABORTED = 52
    FIXED_DIAL_NUMBERS_ONLY = 56
    OUT_OF_SERVICE = 57
    UNKNOWN = 100
    ILLEGAL_MS = 103
    ILLEGAL_ME = 106
    GPRS_NOT_ALLOWED = 107
    PLMN_NOT_ALLOWED = 111
    LOCATION_AREA_NOT_ALLOWED = 112
    ROAMING_NOT_ALLOWED = 113
    OPTION_NOT_SUPPORTED = 132
    OPTION_NOT_SUBSCRIBED = 133
    OPTION_OUT_OF_ORDER = 134
    UNSPECIFIED_GPRS_ERROR = 148
    PDP_AUTHENTICATION_FAILURE = 149
    INVALID_MOBILE_CLASS = 150
    LAST_PDN_DISCONNECTION_NOT_ALLOWED = 171

    @property
    def may_retry(self) -> bool:
        """True where the cause passes by itself."""
        return self in _CME_PASSING


class Cms(_Code):
    """Errors of messages (`+CMS ERROR`), 3GPP TS 27.005 clause 3.2.5.

    0-127 are causes of TS 24.011 annex E-2, 128-255 failure causes of TS 23.040 clause 9.2.3.22.
    """

    UNASSIGNED_NUMBER = 1
    OPERATOR_BARRING = 8
    CALL_BARRED = 10
    TRANSFER_REJECTED = 21
    DESTINATION_OUT_OF_ORDER = 27
    UNIDENTIFIED_SUBSCRIBER = 28
    FACILITY_REJECTED = 29
    UNKNOWN_SUBSCRIBER = 30
    NETWORK_OUT_OF_ORDER = 38
    TEMPORARY_FAILURE = 41
    CONGESTION = 42
    RESOURCES_UNAVAILABLE = 47
    FACILITY_NOT_SUBSCRIBED = 50
    FACILITY_NOT_IMPLEMENTED = 69
    INVALID_REFERENCE = 81
    INVALID_MESSAGE = 95
    INVALID_MANDATORY_INFORMATION = 96
    MESSAGE_TYPE_NOT_IMPLEMENTED = 97
    MESSAGE_NOT_COMPATIBLE = 98
    INFORMATION_ELEMENT_NOT_IMPLEMENTED = 99
    PROTOCOL_ERROR = 111
    INTERWORKING = 127
    CENTRE_BUSY = 192
    NO_CENTRE_SUBSCRIPTION = 193
    CENTRE_FAILURE = 194
    INVALID_ADDRESS = 195
    DESTINATION_BARRED = 196
    DUPLICATE_REJECTED = 197
    SIM_STORAGE_FULL = 208
    ME_FAILURE = 300
    SERVICE_RESERVED = 301
    NOT_ALLOWED = 302
    NOT_SUPPORTED = 303
    INVALID_PDU_PARAMETER = 304
    INVALID_TEXT_PARAMETER = 305
    SIM_NOT_INSERTED = 310
    SIM_PIN_REQUIRED = 311
    PH_SIM_PIN_REQUIRED = 312
    SIM_FAILURE = 313
    SIM_BUSY = 314
    SIM_WRONG = 315
    SIM_PUK_REQUIRED = 316
    SIM_PIN2_REQUIRED = 317
    SIM_PUK2_REQUIRED = 318
    MEMORY_FAILURE = 320
    INVALID_INDEX = 321
    MEMORY_FULL = 322
    CENTRE_ADDRESS_UNKNOWN = 330
    NO_NETWORK_SERVICE = 331
    NETWORK_TIMEOUT = 332
    NO_ACKNOWLEDGEMENT_EXPECTED = 340
    UNKNOWN = 500

    @property
    def may_retry(self) -> bool:
        """True where the cause passes by itself.

        NETWORK_TIMEOUT is not among them: the text may have left, so a repeat may be a second one.
        """
        return self in _CMS_PASSING


_CME_PASSING = frozenset({Cme.SIM_BUSY, Cme.NO_NETWORK_SERVICE, Cme.NETWORK_TIMEOUT, Cme.COMMAND_ABORTED, Cme.UNKNOWN})
_CMS_PASSING = frozenset(
    {
        Cms.DESTINATION_OUT_OF_ORDER,
        Cms.NETWORK_OUT_OF_ORDER,
        Cms.TEMPORARY_FAILURE,
        Cms.CONGESTION,
        Cms.RESOURCES_UNAVAILABLE,
        Cms.CENTRE_BUSY,
        Cms.CENTRE_FAILURE,
        Cms.ME_FAILURE,
        Cms.SIM_BUSY,
        Cms.NO_NETWORK_SERVICE,
        Cms.UNKNOWN,
    }
)
