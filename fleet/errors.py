"""What the service refuses, as one tree. api maps each to an HTTP status, the CLI to an exit code.

FleetError
├── Invalid       the input is wrong in itself                      400
├── Unauthorized  nobody we know                                    401
├── Denied        known, but not allowed                            403
├── NotFound      the thing named does not exist                    404
├── Conflict      not possible in the present state                 409
├── TooMany       refused too often of late                         429
├── Unavailable   not now; nothing was changed, try again later     503
└── SetupError    the service cannot start as configured            exit code 2
"""


class FleetError(Exception):
    """The act was refused; the message says what was expected, what came and what to do."""

    status = 500


class Invalid(FleetError):
    """The input is wrong in itself."""

    status = 400


class Unauthorized(FleetError):
    """The caller did not prove who they are."""

    status = 401


class Denied(FleetError):
    """The caller is known and not allowed to do this."""

    status = 403


class NotFound(FleetError):
    """The thing named does not exist in this account."""

    status = 404


class Conflict(FleetError):
    """The act is not possible in the present state of the thing."""

    status = 409


class TooMany(FleetError):
    """The caller was refused too often of late. `retry_after`: seconds."""

    status = 429

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(FleetError):
    """Nothing was changed; the same act may succeed later. `retry_after`: seconds."""

    status = 503

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SetupError(FleetError):
    """The service cannot start as configured."""
