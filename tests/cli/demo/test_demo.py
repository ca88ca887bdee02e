"""`fleet demo --once` tells the whole story, and says what is missing when something is."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from fleet.net import listen
from tests.service import environment


async def demo(*options: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, the lines of --json, and standard error."""
    command = [sys.executable, "-m", "cli", "demo", "--once", "--json", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=environment())
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, [json.loads(line) for line in out.splitlines()], err.decode()


async def test_the_story_is_complete_and_every_line_is_an_audit_entry(tmp_path: Path) -> None:
    code, lines, err = await demo("--data-dir", str(tmp_path / "demo"))
    assert code == 0, err
    *entries, last = lines
    assert last["summary"]["sims_in_service"] == 3
    assert {"at", "role", "actor", "way", "verb", "subject", "facts", "position"} <= entries[0].keys()
    verbs = [entry["verb"] for entry in entries]
    story = ["provision.done", "alert.raised", "ticket.offered", "offer.timed_out", "reply.late", "ticket.resolved"]
    places = [verbs.index(verb) for verb in story[:-1]] + [len(verbs) - 1 - verbs[::-1].index(story[-1])]
    assert places == sorted(places)
    ways = {entry["way"] for entry in entries if entry["verb"] == "sim.activated"}
    assert ways == {"poll", "callback"}
    assert not list((tmp_path / "demo").glob("**/*.part"))


@pytest.mark.parametrize(
    ("without", "reason"),
    [
        ("modem", "the gateway has no modem"),
        ("rule", "there is no rule that watches it"),
        ("reply", "ben to accept: he did not reply"),
    ],
)
async def test_a_missing_piece_is_the_reason_given(without: str, reason: str) -> None:
    code, lines, err = await demo("--without", without)
    assert code == 1
    assert reason in err
    assert not any("summary" in line for line in lines)


async def test_a_taken_port_is_named_with_its_option() -> None:
    with listen("127.0.0.1", 0, "") as taken:
        port = taken.getsockname()[1]
        code, _, err = await demo("--mqtt-port", str(port))
    assert code == 2
    assert f"expected port {port}" in err
    assert "--mqtt-port" in err


async def test_a_directory_with_files_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    code, _, err = await demo("--data-dir", str(tmp_path))
    assert code == 2
    assert "expected an empty directory" in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
