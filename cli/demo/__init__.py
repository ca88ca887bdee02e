"""`fleet demo`: the main job in the terminal, on simulated hardware and everything else real."""

import asyncio
import enum
import shutil
import signal
import tempfile
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import Failed, Usage
from cli.options import Json
from cli.output import Output

if TYPE_CHECKING:
    from cli.demo.stage import Stage
    from cli.demo.story import Story

WITHIN_S = 55.0
"""Real seconds the story may take at the usual speed."""
SPEED = 60.0


class Without(enum.StrEnum):
    """What a rehearsal of a fault leaves out."""

    MODEM = "modem"
    RULE = "rule"
    REPLY = "reply"


def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the story is complete; fail if it is not.")] = False,
    speed: Annotated[
        float, typer.Option(metavar="TIMES", min=0.1, max=600, help="Seconds of the story per real second.")
    ] = SPEED,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", metavar="DIR", help="Keep everything here [a temporary directory].")
    ] = None,
    http_port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="Port of the HTTP API; 0 takes a free one.")
    ] = 0,
    mqtt_port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="Port for machines; 0 takes a free one.")
    ] = 0,
    without: Annotated[Without | None, typer.Option(help="Rehearse a fault: leave this out.")] = None,
    json: Json = False,
) -> None:
    """Show the main job, from new SIMs to a job taken.

    SIMs go into service, a machine warms, a technician is texted and takes the job. Modems, phones, machines and the
    provider are simulated; serial lines, MQTT, HTTP and the service are real. Each line is a committed entry of the
    audit log.

    Example: fleet demo --once
    """
    from fleet.observability import set_up_logs

    folder = _folder(data_dir)
    try:
        with (folder / "demo.log").open("w") as log:
            set_up_logs("info", "text", log)
            asyncio.run(_demo(folder, once, speed, http_port, mqtt_port, without or "", Output(json)))
    finally:
        if data_dir is None:
            shutil.rmtree(folder, ignore_errors=True)


def _folder(data_dir: Path | None) -> Path:
    if data_dir is None:
        return Path(tempfile.mkdtemp(prefix="fleet-demo-"))
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if any(data_dir.iterdir()):
            raise Usage(f"expected an empty directory for the demo, {data_dir} has files in it: name another")
    except OSError as error:
        raise Usage(f"expected to write to {data_dir}, got: {error.strerror}; name another with --data-dir") from error
    return data_dir.absolute()


async def _demo(folder: Path, once: bool, speed: float, http: int, mqtt: int, without: str, out: Output) -> None:
    from cli.demo.stage import stage
    from cli.demo.story import Story

    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted.set)
    async with stage(folder, speed, http, mqtt, with_modem=without != Without.MODEM) as set_up:
        out.note(f"API {set_up.endpoints.http}  machines {set_up.endpoints.mqtt}  data {folder}  Ctrl-C ends it\n")
        story = Story(set_up, without)
        watching = asyncio.create_task(_tell(set_up, story, once, out))
        stopping = asyncio.create_task(interrupted.wait())
        deadline = WITHIN_S * max(1.0, SPEED / speed)
        await asyncio.wait([watching, stopping], timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        if not watching.done() and not once:
            if story.missing and not stopping.done():
                out.note(f"The story is not complete: expected {story.missing}.")
            await asyncio.wait([watching, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if watching.done():
            watching.result()
        watching.cancel()
        if once and story.missing:
            ended = "until its policy ended" if story.lost else f"within {deadline:g} s"
            after = "before Ctrl-C" if interrupted.is_set() else ended
            raise Failed(f"expected {story.missing}, got nothing of it {after}; `--data-dir DIR` keeps the log")


async def _tell(set_up: "Stage", story: "Story", once: bool, out: Output) -> None:
    from cli.demo import timeline

    await story.begin()
    start = None
    finished = False
    async with aclosing(timeline.follow(set_up.api)) as entries:
        async for entry in entries:
            start = start or timeline.at(entry)
            if entry["verb"] not in timeline.HIDDEN:
                out.line(entry, timeline.line(entry, start), indent=timeline.SAID_AT)
            story.hear(entry)
            if once and story.lost:
                return
            if story.complete and not finished:
                finished = True
                summary = story.summary()
                out.line({"summary": summary}, timeline.closing(summary), indent=len("Complete: "))
                if once:
                    return
                out.note(
                    f"\nIt goes on; look around in another terminal: fleet tickets list --data-dir {set_up.data_dir}"
                )
