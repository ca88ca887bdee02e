"""`fleet simulate modem` as a separate program, spoken to over its link and its standard input."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hw_fixtures.modem import model_names
from modem_drivers import Modem
from tests.cli.conftest import Shell

ALICE = "+15550101"


def program(link: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "cli", "simulate", "modem", "--link", str(link), *options]


async def started(link: Path, *options: str) -> asyncio.subprocess.Process:
    """The program, once its modem is there."""
    process = await asyncio.create_subprocess_exec(
        *program(link, *options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    ready = await asyncio.wait_for(process.stderr.readline(), 30)
    assert str(link) in ready.decode()
    return process


@asynccontextmanager
async def simulate(link: Path, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, once its modem is there; stopped by SIGTERM."""
    process = await started(link, *options)
    try:
        yield process
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0
    assert not link.is_symlink()


async def told(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 10)).decode().rstrip("\n")


def type_line(process: asyncio.subprocess.Process, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())


async def test_a_text_is_printed_and_replied_to(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    came: asyncio.Queue[tuple[str, str | None]] = asyncio.Queue()
    async with simulate(link) as process:
        modem = await Modem.open(str(link))

        async def keep(stored: object) -> None:
            deliver = stored.deliver  # type: ignore[attr-defined]
            came.put_nowait((str(deliver.sender), deliver.text))

        modem.sms.on_message = keep
        await modem.sms.start()
        for part in modem.sms.compose(ALICE, "Fault 41 – site 4", first_reference=1, concat_reference=1):
            await modem.sms.submit(part)
        assert await told(process) == f"{ALICE}: Fault 41 – site 4"
        type_line(process, f"reply {ALICE} 41A")
        assert await asyncio.wait_for(came.get(), 10) == (ALICE, "41A")
        type_line(process, "send +15550102 hello")
        assert await asyncio.wait_for(came.get(), 10) == ("+15550102", "hello")
        type_line(process, "bogus")
        assert process.stderr is not None
        assert b"expected one of the lines that `help` lists" in await asyncio.wait_for(process.stderr.readline(), 10)
        await modem.close()


async def test_json_lines(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    async with simulate(link, "--json", "--number", "+15550177", "--cmgs-latency", "0.05") as process:
        modem = await Modem.open(str(link))
        await modem.sms.start()
        for part in modem.sms.compose(ALICE, "hi", first_reference=1, concat_reference=1):
            await modem.sms.submit(part)
        line = json.loads(await told(process))
        assert (line["to"], line["from"], line["text"]) == (ALICE, "+15550177", "hi")
        await modem.close()


async def test_two_modems_on_one_network_end_with_the_first(tmp_path: Path) -> None:
    world = str(tmp_path / "world")
    first, second = tmp_path / "first", tmp_path / "second"
    numbers = ("+15550191", "+15550192")
    async with simulate(first, "--network", world, "--number", numbers[0]) as serving:
        joining = await started(second, "--network", world, "--number", numbers[1], "--model", "simcom-sim7600")
        came: asyncio.Queue[str | None] = asyncio.Queue()

        async def keep(stored: object) -> None:
            came.put_nowait(stored.deliver.text)  # type: ignore[attr-defined]

        modems = [await Modem.open(str(link)) for link in (first, second)]
        for modem in modems:
            modem.sms.on_message = keep
            await modem.sms.start()
        [part] = modems[0].sms.compose(numbers[1], "from modem to modem", first_reference=1)
        await modems[0].sms.submit(part)
        assert await asyncio.wait_for(came.get(), 10) == "from modem to modem"
        [part] = modems[1].sms.compose(ALICE, "Fault 41", first_reference=1)
        await modems[1].sms.submit(part)
        assert [await told(process) for process in (serving, joining)] == [f"{ALICE}: Fault 41"] * 2
        type_line(serving, f"reply {ALICE} 41A")  # at the console of the other modem
        assert await asyncio.wait_for(came.get(), 10) == "41A"
        for modem in modems:
            await modem.close()
        third = await asyncio.create_subprocess_exec(
            *program(tmp_path / "third", "--network", world, "--number", numbers[0]), stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(third.communicate(), 30)
        assert said.decode().startswith("fleet: expected a number that no other modem has")
    _, said = await asyncio.wait_for(joining.communicate(), 10)
    assert joining.returncode == 1
    assert said.decode().strip().split("\n") == [
        f"fleet: expected the network at {world} to stay, its first process has ended; start them all again"
    ]
    assert not second.is_symlink()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--link taken", "expected a free path for --link, taken exists; remove it or name another"),
        ("--link no/such/folder", "expected to make a link at no/such/folder, got: No such file or directory"),
        ("--link m --model nokia-3310", f"expected a modem model, one of {', '.join(model_names())}, got 'nokia-3310'"),
        ("--link m --pin 12", "expected 4 to 8 digits as the PIN, got 2 characters"),
        ("--link m --iccid 123", "expected 19 or 20 digits as the ICCID, got '123'"),
        ("--link m --number bob", "expected a phone number such as +15550199 as the number, got 'bob'"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    shell: Shell, tmp_path: Path, arguments: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("mine")
    screen = shell.pipe(f"simulate modem {arguments}")
    assert (screen.code, screen.out) == (2, "")
    assert screen.err.startswith(f"fleet: {said}")
    assert screen.err.count("\n") == 1
