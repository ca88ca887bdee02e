"""A supervised modem is the one that was meant, by socket or IMEI, whatever its device file is called by then."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from hw_fixtures.modem import PtyModem, SimCard, SimulatedModem, load_model, serve_pty
from hw_fixtures.network import Network
from modem_drivers import ModemState, Port, PortBusy
from modem_drivers.identity import luhn_digit
from modem_drivers.profiles import EC25
from tests.modem_drivers.supervised import kept
from tests.waiting import until

LONG = 30.0
HOLD = "import serial, sys; port = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); input()"
IMEIS = tuple(body + luhn_digit(body) for body in ("86769804000001", "86769804000002"))


@pytest.fixture
async def plugged(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[PtyModem]]:
    """Two modems of one kind, in two sockets; the system's list of ports is told, the rest is as it is."""
    network = Network(lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    modems = [
        SimulatedModem(
            load_model("quectel-ec25"),
            network=network,
            sim=SimCard("8988300000000000013", f"00101012345678{number}", f"+1555010{number}"),
            imei=imei,
        )
        for number, imei in enumerate(IMEIS)
    ]
    async with serve_pty(modems[0]) as first, serve_pty(modems[1]) as second:
        served = [first, second]

        def ports(*_: object) -> list[Port]:
            return [
                Port(modem.path, 0x2C7C, 0x0125, 2, f"1-{socket}", None, EC25)
                for socket, modem in enumerate(served)
                if modem.plugged
            ]

        monkeypatch.setattr("modem_drivers.probe.at_ports", ports)
        monkeypatch.setattr("modem_drivers.modem.at_ports", ports)
        yield served


@pytest.mark.parametrize("address", ["usb:1-1", f"imei:{IMEIS[1]}"])
async def test_it_is_found_again_under_another_name(plugged: list[PtyModem], address: str) -> None:
    async with kept(address) as supervisor:
        modem = await asyncio.wait_for(supervisor.wait_ready(), LONG)
        assert (modem.info.imei, modem.session.transport.name) == (IMEIS[1], plugged[1].path)
        for served in plugged:
            served.unplug()
        await until(lambda: supervisor.state is ModemState.GONE)
        plugged[0].plug()  # takes the name that the other had
        plugged[1].plug()
        again = await asyncio.wait_for(supervisor.wait_ready(), LONG)
        assert again.info.imei == IMEIS[1]
        assert again.session.transport.name == plugged[1].path


async def test_another_modem_in_the_socket_is_not_taken_for_it(plugged: list[PtyModem]) -> None:
    alarms: list[str] = []
    tell: Callable[[Exception], None] = lambda error: alarms.append(str(error))  # noqa: E731
    async with kept("usb:1-0", expect_imei=IMEIS[1], on_alarm=tell) as supervisor:
        await until(lambda: alarms)
        assert supervisor.modem is None
        assert supervisor.state is ModemState.GONE
        assert IMEIS[0] in alarms[0]
        assert IMEIS[1] in alarms[0]


async def test_a_port_that_another_program_holds_is_named_and_taken_when_it_lets_go(plugged: list[PtyModem]) -> None:
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, plugged[1].path), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await asyncio.wait_for(holder.stdout.readline(), LONG) == b"held\n"
    async with kept("usb:1-1") as supervisor:
        await until(lambda: supervisor.problem)
        assert isinstance(supervisor.problem, PortBusy)
        assert f"(pid {holder.pid})" in str(supervisor.problem)
        await holder.communicate(b"let go\n")
        assert (await asyncio.wait_for(supervisor.wait_ready(), LONG)).info.imei == IMEIS[1]
