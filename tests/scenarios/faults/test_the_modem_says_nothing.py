"""Silence, up to and beyond the deadline of AT+CMGS: 120 s."""

import asyncio

import pytest

from modem_drivers import Refused, Sent, Unknown
from tests.scenarios.faults.line import at_work
from tests.scenarios.faults.wound import wound


@pytest.mark.parametrize("seconds", [30, 90])
@wound
async def test_silent_and_then_ok(seconds: int) -> None:
    async with at_work() as line:
        line.simulated.faults.late(seconds)
        began = asyncio.get_running_loop().time()
        assert await line.send("late", reference=7) == [Sent(7)]
        assert asyncio.get_running_loop().time() - began >= seconds
        assert await line.send("next", reference=8) == [Sent(8)]
        assert line.read_by_alice == ["late", "next"]
        assert line.modem.session.counters.timeouts == 0


@pytest.mark.parametrize("seconds", [121, 125, 300])
@wound
async def test_silent_beyond_the_deadline_is_unknown_and_the_late_answer_is_nobody_elses(seconds: int) -> None:
    async with at_work() as line:
        line.simulated.faults.late(seconds)
        [outcome] = await line.send("late", reference=7)
        assert isinstance(outcome, Unknown)
        async with asyncio.timeout(400):
            while (outcomes := await line.send("next", reference=8)) != [Sent(8)]:
                assert [outcome for outcome in outcomes if isinstance(outcome, Refused) and outcome.may_retry]
        assert line.read_by_alice == ["late", "next"]
        await line.quiet()
        assert [report.reference for report in line.reports] == [7, 8]  # the first settles what was unknown


@wound
async def test_no_prompt_ever() -> None:
    async with at_work() as line:
        line.simulated.faults.lose_prompt()
        [outcome] = await line.send("fault", reference=7)
        assert isinstance(outcome, Refused)
        assert outcome.may_retry
        assert await line.send("fault", reference=7) == [Sent(7)]
        assert line.read_by_alice == ["fault"]


@wound
async def test_started_while_the_modem_sits_at_its_prompt() -> None:
    async with at_work(at_prompt=True) as line:
        assert len(line.network.centre.submitted) == 0
        assert await line.send("fault", reference=7) == [Sent(7)]
        assert line.read_by_alice == ["fault"]
        assert len(line.network.centre.submitted) == 1  # no stray message
