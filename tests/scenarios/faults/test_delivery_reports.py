"""Reports name what they are about, come when they come, and may come again."""

import asyncio

from modem_drivers import Sent, pdu
from tests.scenarios.faults.line import ALICE, NOON, OWN, at_work
from tests.scenarios.faults.wound import wound


@wound
async def test_a_report_bears_reference_and_number() -> None:
    async with at_work() as line:
        assert await line.send("fault", reference=7) == [Sent(7)]
        await line.quiet()
        [report] = line.reports
        assert (report.reference, report.recipient.number, report.delivered) == (7, ALICE, True)


@wound
async def test_a_report_is_late() -> None:
    async with at_work() as line:
        line.alice.on = False
        assert await line.send("fault", reference=7) == [Sent(7)]
        await asyncio.sleep(6 * 3600)
        assert line.reports == []
        line.alice.on = True
        await line.quiet()
        assert [report.reference for report in line.reports] == [7]
        assert line.reports[0].discharged is not None
        assert line.reports[0].timestamp is not None
        assert (line.reports[0].discharged - line.reports[0].timestamp).total_seconds() >= 6 * 3600


@wound
async def test_a_report_comes_twice() -> None:
    async with at_work() as line:
        assert await line.send("fault", reference=7) == [Sent(7)]
        line.simulated.messaging.take(pdu.encode_status_report(ALICE, 7, NOON, NOON))
        line.alice.send(OWN, "41A")
        await line.quiet()
        assert [report.reference for report in line.reports] == [7, 7]
        assert line.texts == [(ALICE, "41A")]


@wound
async def test_a_report_of_a_text_that_never_arrived() -> None:
    async with at_work() as line:
        line.simulated.messaging.take(pdu.encode_status_report(ALICE, 9, NOON, NOON, status=0x46))
        await line.quiet()
        [report] = line.reports
        assert (report.failed, report.words) == (True, "failed: validity period expired")
