"""Refusals pass or last, and one outcome is neither: nobody knows."""

import pytest

from modem_drivers import Cms, Refused, Sent, Unknown
from tests.scenarios.faults.line import ALICE, at_work
from tests.scenarios.faults.wound import wound


@wound
async def test_cms_38_then_fine() -> None:
    async with at_work() as line:
        line.simulated.faults.refuse_next(cms=38)
        assert await line.send("fault", reference=7) == [Refused(Cms.NETWORK_OUT_OF_ORDER, "+CMS ERROR: 38", True)]
        assert await line.send("fault", reference=7) == [Sent(7)]
        assert line.read_by_alice == ["fault"]


@wound
async def test_cms_500_then_fine() -> None:
    async with at_work() as line:
        line.simulated.faults.refuse_next(cms=500)
        assert await line.send("fault", reference=7) == [Refused(Cms.UNKNOWN, "+CMS ERROR: 500", True)]
        assert await line.send("fault", reference=7) == [Sent(7)]
        assert line.read_by_alice == ["fault"]


@wound
async def test_a_refusal_that_lasts_is_not_tried_again() -> None:
    async with at_work() as line:
        line.simulated.faults.refuse_next(cms=1)
        [outcome] = await line.send("fault")
        assert outcome == Refused(Cms.UNASSIGNED_NUMBER, "+CMS ERROR: 1", False)


@pytest.mark.parametrize("accepted", [True, False], ids=["the network has it", "it has not"])
@wound
async def test_cms_332_is_settled_by_a_resend_the_centre_can_reject(accepted: bool) -> None:
    async with at_work() as line:
        line.simulated.faults.lose_network_answer(accepted=accepted)
        [outcome] = await line.send("fault", reference=7)
        assert isinstance(outcome, Unknown)
        [again] = await line.send("fault", reference=7, resend=True)
        if accepted:
            assert isinstance(again, Refused)
            assert again.code is Cms.DUPLICATE_REJECTED  # the first one was taken: sent
        else:
            assert again == Sent(7)
        await line.quiet()
        assert line.read_by_alice == ["fault"]
        assert [report.reference for report in line.reports] == [7]


@wound
async def test_cms_332_is_settled_by_the_delivery_report_that_comes() -> None:
    async with at_work() as line:
        line.simulated.faults.lose_network_answer()
        [outcome] = await line.send("fault", reference=7)
        assert isinstance(outcome, Unknown)
        await line.quiet()
        [report] = line.reports
        assert (report.reference, report.recipient.number, report.delivered) == (7, ALICE, True)
