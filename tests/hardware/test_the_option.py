"""`pytest --modem=PORT` runs the hardware-safe part, on whatever answers there, and nothing else."""

import asyncio
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hw_fixtures.modem import SimCard, SimulatedModem, load_model, serve_pty
from hw_fixtures.network import Network
from modem_drivers.identity import luhn_digit

ROOT = Path(__file__).parents[2]
IMEI = "86010703000001" + luhn_digit("86010703000001")


@pytest.mark.parametrize("model", ["quectel-ec25", "simcom-sim7600", "ublox-lara-r6"])
async def test_on_a_simulated_modem(model: str, tmp_path: Path) -> None:
    network = Network(lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    card = SimCard("8988300000000000013", "001010123456789", "+15550199", pin="1234")
    modem = SimulatedModem(load_model(model), network=network, sim=card, imei=IMEI)
    card.verified = True
    modem.radio.sim_ready()
    sent = bytearray()
    async with serve_pty(modem, tmp_path / "modem") as served:
        served.tap = lambda who, data: sent.extend(data) if who == "host" else None
        code, said = await _pytest(f"--modem={served.path}", "tests/hardware", "tests/modem_drivers/test_errors.py")
    assert code == 0, said
    assert re.search(r"\b10 passed, \d+ deselected", said), said
    changing = re.compile(
        rb"AT(D|\+CMG[SDW]=[0-9]|\+C(PIN|LCK|FUN|NMI|PMS)=[^?]|\+COPS=[012]|\+CGACT=|\+CGDCONT=|\+QI(DE)?ACT=[0-9]|\+NETOPEN\r|\+UPSDA=|\+CUSD=1)"
    )
    assert not changing.search(bytes(sent))
    assert card.pin_tries == 3


async def test_without_it_the_hardware_is_skipped_with_a_reason() -> None:
    code, said = await _pytest("-rs", "tests/hardware/test_a_real_modem.py")
    assert code == 0, said
    assert "10 skipped" in said
    assert "--modem=" in said


async def _pytest(*arguments: str) -> tuple[int, str]:
    """pytest in a process of its own, as a person runs it; without the plug-ins of the run around it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()
