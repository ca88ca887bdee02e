"""Refusals, and how AT+CMEE wants them put."""

# Texts of TS 27.007 clause 9.2 and TS 27.005 clause 3.2.5, as AT+CMEE=2 shows them.
_CME = {
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    16: "incorrect password",
    21: "invalid index",
    30: "no network service",
    50: "incorrect parameters",
    100: "unknown",
    148: "unspecified GPRS error",
    149: "PDP authentication failure",
    171: "Last PDN disconnection not allowed",
    902: "audio parameter invalid",
    903: "audio operation not supported",
}
_CMS = {
    38: "Network out of order",
    197: "SM rejected, duplicate SM",
    302: "Operation not allowed",
    304: "Invalid PDU mode parameter",
    305: "Invalid text mode parameter",
    310: "SIM not inserted",
    311: "SIM PIN required",
    316: "SIM PUK required",
    313: "SIM failure",
    314: "SIM busy",
    321: "Invalid memory index",
    322: "Memory full",
    331: "No network service",
    332: "Network timeout",
    500: "Unknown error",
}


class Refusal(Exception):
    """The command is answered with ERROR."""

    def answer(self, verbosity: str) -> str:
        """The final line under this setting of AT+CMEE."""
        return "ERROR"


class FinalRefusal(Refusal):
    """The command is answered with a result of its own, such as NO CARRIER."""

    def __init__(self, result: str) -> None:
        super().__init__(result)
        self.result = result

    def answer(self, verbosity: str) -> str:
        """See Refusal."""
        return self.result


class CmeRefusal(Refusal):
    """The command is answered with +CME ERROR."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def answer(self, verbosity: str) -> str:
        """See Refusal."""
        if verbosity == "0":
            return "ERROR"
        return f"+CME ERROR: {_CME.get(self.code, self.code) if verbosity == '2' else self.code}"


class CmsRefusal(Refusal):
    """The command is answered with +CMS ERROR."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def answer(self, verbosity: str) -> str:
        """See Refusal."""
        return f"+CMS ERROR: {_CMS.get(self.code, self.code) if verbosity == '2' else self.code}"
