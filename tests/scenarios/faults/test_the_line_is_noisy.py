"""Echo that stays on, and garbage round every reply: texts go out and come in all the same."""

import pytest

from modem_drivers import Sent
from tests.scenarios.faults.line import ALICE, OWN, Line, at_work
from tests.scenarios.faults.wound import wound


async def out_and_in(line: Line) -> None:
    """A long text out, two in."""
    text = "Cooling fault at site 4. " * 10
    assert await line.send(text, reference=7) == [Sent(7), Sent(8)]
    assert line.read_by_alice == [text]
    line.alice.send(OWN, "41A")
    line.alice.send(OWN, "Ж" * 100)
    await line.quiet()
    assert line.texts == [(ALICE, "41A"), (ALICE, "Ж" * 100)]
    assert [report.reference for report in line.reports] == [7, 8]
    assert line.stored == 0


@wound
async def test_echo_left_on() -> None:
    async with at_work() as line:
        line.simulated.dialogue.echo = True
        await out_and_in(line)


@pytest.mark.parametrize("at_prompt", [False, True])
@wound
async def test_garbage_round_every_reply(at_prompt: bool) -> None:
    async with at_work(before=lambda simulated, _: simulated.faults.garbage(), at_prompt=at_prompt) as line:
        await out_and_in(line)
