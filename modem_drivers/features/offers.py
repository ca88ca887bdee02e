"""Whether a modem has a command that its profile names but nobody has confirmed."""

import re
from typing import Final

from modem_drivers.errors import CommandRefused
from modem_drivers.profiles import Row
from modem_drivers.session import Session

_NAME: Final = re.compile(r"[+^#*$!%&_@]?[A-Z0-9]+", re.IGNORECASE)


async def usable(session: Session, row: Row, command: str) -> bool:
    """Whether `command` of the profile's `row` may be sent.

    At once where a source confirms the row; otherwise the modem is asked with AT+X=?, once a session.
    Raises PortGone and CommandTimeout.
    """
    return session.profile.source(row).confirmed or await offered(session, command)


async def offered(session: Session, command: str) -> bool:
    """Whether this modem grants AT+X=? for the command, asked once a session: for what differs by firmware.

    Raises PortGone and CommandTimeout.
    """
    match = _NAME.match(command)
    name = match[0].upper() if match else command
    if name not in session.offered:
        try:
            await session.command(f"{name}=?")
        except CommandRefused:
            session.offered[name] = False
        else:
            session.offered[name] = True
    return session.offered[name]
