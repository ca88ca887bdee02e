"""What all verbs share: the port, the modem opened and closed, the SIM ready."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.errors import Failed, Usage

if TYPE_CHECKING:
    from modem_drivers import Modem

T = TypeVar("T")

Port = Annotated[
    str,
    typer.Option(
        "--port",
        metavar="PORT",
        help="Device file, usb:SOCKET, imei:IMEI, socket://HOST:PORT or rfc2217://HOST:PORT.",
    ),
]


async def with_modem(port: str, act: "Callable[[Modem], Awaitable[T]]") -> T:
    """What `act` gives for the modem at this port, which is closed afterwards."""
    from modem_drivers import CommandTimeout, Modem

    try:
        modem = await Modem.open(port)
    except CommandTimeout as error:
        raise Failed(
            f"expected a modem to answer at {port}, got nothing for {error.seconds:g} s; check that it is on, and that "
            "this is its AT port"
        ) from error
    try:
        return await act(modem)
    finally:
        await modem.close()


@contextmanager
def sentences() -> Iterator[None]:
    """What a verb of the library says of its arguments (ValueError) is a sentence for whoever typed them."""
    from modem_drivers import ModemError

    try:
        yield
    except ModemError:
        raise
    except ValueError as error:
        raise Usage(str(error)) from error


async def require_sim(modem: "Modem") -> None:
    """Raises what is wrong with the SIM, where something is."""
    from modem_drivers import NoSim, PinRequired, PukRequired, SimState

    faults = {SimState.ABSENT: NoSim, SimState.PIN: PinRequired, SimState.PUK: PukRequired}
    fault = faults.get(await modem.sim.state())
    if fault is PinRequired:
        unlock = """`fleet modem at '+CPIN="1234"'`"""
        raise Failed(f"the SIM is locked by its PIN; unlock it with {unlock}, a wrong one costs a try")
    if fault is not None:
        raise fault()
