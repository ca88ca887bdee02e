"""The line vanishes at the prompt, after the PDU, while nothing happens: what is known is told, nothing is repeated."""

import asyncio

import pytest

from modem_drivers import Modem, ModemState, Refused, Sent, Supervisor, Unknown
from tests.scenarios.faults.line import Line, at_work
from tests.scenarios.faults.wound import wound


async def back(line: Line) -> Modem:
    """Plugs it in again and opens it."""
    line.served.plug()
    modem = await Modem.open(line.served)
    modem.sms.on_message, modem.sms.on_report = line.take, line.note
    await modem.sms.start()
    return modem


@wound
async def test_at_the_prompt_it_has_surely_not_left() -> None:
    async with at_work() as line:
        line.simulated.faults.hang_up_at_prompt()
        [outcome] = await line.send("fault", reference=7)
        assert isinstance(outcome, Refused)
        assert outcome.may_retry
        line.modem = await back(line)
        assert await line.send("fault", reference=7) == [Sent(7)]
        assert line.read_by_alice == ["fault"]


@pytest.mark.parametrize("accepted", [True, False])
@wound
async def test_after_the_pdu_nobody_knows_and_a_resend_settles_it(accepted: bool) -> None:
    async with at_work() as line:
        line.simulated.faults.hang_up_after_pdu(accepted=accepted)
        [outcome] = await line.send("fault", reference=7)
        assert isinstance(outcome, Unknown)
        line.modem = await back(line)
        [again] = await line.send("fault", reference=7, resend=True)
        assert isinstance(again, Refused) is accepted  # as a duplicate
        assert line.read_by_alice == ["fault"]


@wound
async def test_while_idle() -> None:
    async with at_work() as line:
        await line.modem.close()
        supervisor = Supervisor(line.served)
        running = asyncio.create_task(supervisor.run())
        await supervisor.wait_ready()
        line.served.unplug()
        await asyncio.sleep(60)
        assert supervisor.state is ModemState.GONE
        line.served.plug()
        line.modem = await supervisor.wait_ready()
        assert await line.send("fault", reference=7) == [Sent(7)]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
