"""How a command ends when it does not end well; each kind has its exit code.

Stop
├── Failed        tried, and it did not work                        1
├── Usage         wrong arguments, or nothing to work with yet      2
├── Partial       some of it was done                               3
├── Refused       the service understood and said no                4
└── TimedOut      it took too long                                  5
"""


class Stop(Exception):
    """The command ends here; the message is one sentence for standard error."""

    code = 1


class Failed(Stop):
    """It was tried and did not work."""


class Usage(Stop):
    """The arguments are wrong, or what the command needs is not set up."""

    code = 2


class Partial(Stop):
    """Some of it was done; the output says which."""

    code = 3


class Refused(Stop):
    """The service understood and said no; `status` is the HTTP status."""

    code = 4

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class TimedOut(Stop):
    """No answer in time; what was asked may still happen."""

    code = 5
