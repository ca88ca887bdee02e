"""The examples of docs/modem_drivers.md, as they stand there, on a simulated modem."""

import asyncio
import contextlib
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import modem_drivers
from hw_fixtures.modem import PtyModem, SimCard, SimulatedModem, load_model, serve_pty
from hw_fixtures.network import Network
from modem_drivers import EndCause, Modem, Sent

ROOT = Path(modem_drivers.__file__).parents[1]
PAGE = (ROOT / "docs" / "modem_drivers.md").read_text("utf-8")
SEND, SEND_ONCE, LISTEN, CALL, LOOK, CONNECT, KEEP = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
OWN, PHONE = "+15550199", "+12025550123"


@contextlib.asynccontextmanager
async def simulated() -> Any:
    network = Network(lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    card = SimCard("8944501001213141563", "001010123456789", OWN)
    modem = SimulatedModem(load_model("quectel-ec25"), network=network, sim=card, imei="867698040000013")
    async with serve_pty(modem) as served:
        assert isinstance(served, PtyModem)
        yield served, network.phone(PHONE)


def run(code: str, **names: object) -> dict[str, Any]:
    """The names an example defines."""
    space: dict[str, Any] = {"__name__": "example", **names}
    exec(compile(code, "docs/modem_drivers.md", "exec"), space)
    return space


async def until(said: list[str], count: int) -> None:
    async with asyncio.timeout(30):
        while len(said) < count:
            await asyncio.sleep(0.01)


async def test_send(capsys: pytest.CaptureFixture[str]) -> None:
    async with simulated() as (served, phone):
        code = SEND.replace("/dev/ttyUSB2", str(served.path))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0
        assert printed.startswith(b"sent, its delivery report will bear ")
        assert [text.text for text in phone.inbox] == ["Cooling fault at site 4"]


async def test_look(capsys: pytest.CaptureFixture[str]) -> None:
    async with simulated() as (served, _):
        modem = await Modem.open(str(served.path))
        await run(LOOK)["look"](modem)
        printed = capsys.readouterr().out
        assert "registered=True" in printed
        assert f"rsrp_dbm={served.modem.network.cell.rsrp_dbm:.1f}" in printed
        assert f"cell={served.modem.network.cell.cell_id}" in printed
        assert "cannot tell" not in printed
        assert served.modem.radio.credentials == {"1": ("2", "fleet", "s3cret")}
        await modem.close()


async def test_connect(capsys: pytest.CaptureFixture[str]) -> None:
    async with simulated() as (served, _):
        modem = await Modem.open(str(served.path))
        await run(CONNECT)["connect"](modem, "iot.example")
        assert capsys.readouterr().out == "up: 10.64.0.2\n1 iot.example active 10.64.0.2\n"
        assert served.modem.radio.stack == set()
        await modem.close()


async def test_send_once() -> None:
    async with simulated() as (served, phone):
        modem = await Modem.open(str(served.path))
        await modem.sms.start()
        send_once = run(SEND_ONCE)["send_once"]
        assert await send_once(modem, PHONE, "first", 7) == Sent(7)
        served.modem.faults.refuse_next(cms=332)
        assert await send_once(modem, PHONE, "second", 8) == Sent(8)
        assert [text.text for text in phone.inbox] == ["first", "second"]
        await modem.close()


async def test_listen_and_keep() -> None:
    said: list[str] = []

    def note(*words: object) -> None:
        said.append(" ".join(map(str, words)))

    async with simulated() as (served, phone):
        listening = asyncio.create_task(run(LISTEN, print=note)["listen"](str(served.path)))
        phone.send(OWN, "x" * 200)
        await until(said, 1)
        assert said == [f"{PHONE} {'x' * 200}"]
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    async with simulated() as (served, phone):
        keeping = asyncio.create_task(run(KEEP, print=note)["keep"](str(served.path), "867698040000013"))
        async with asyncio.timeout(30):
            while served.modem.settings["+CNMI"] != "2,1,0,1,0":
                await asyncio.sleep(0.01)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_call() -> None:
    said: list[object] = []
    async with simulated() as (served, phone):
        modem = await Modem.open(str(served.path))
        ask = run(CALL, print=lambda *words: said.extend(words))["ask"]
        phone.on_speech.append(lambda _: phone.press("1"))
        assert await ask(modem, PHONE) == "1"
        assert phone.heard == ["Alarm at site 4. Press 1 to accept."]
        phone.busy = True
        assert await ask(modem, PHONE) is None
        assert said == [EndCause.BUSY, "User busy"]
        await modem.close()
