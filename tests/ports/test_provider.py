"""What every connectivity provider's adapter does, against its provider as a real server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from fleet.sims.models import Effective, Reason
from fleet.sims.providers.base import Busy, Provider, Refused, Unanswered
from fleet.sims.providers.sandbox import SandboxProvider
from hw_fixtures.providers.ledger import Fault
from hw_fixtures.providers.sandbox import Sandbox, serve

ICCID = "8988303000000000003"


@dataclass
class Side:
    """An adapter and what stands on the other end of its line."""

    provider: Provider
    sandbox: Sandbox

    def goes_wrong(self, kind: str, on: str, **more: int) -> None:
        self.sandbox.ledger.faults.append(Fault(kind, on, **more))


@pytest.fixture(params=["sandbox"])
async def side() -> AsyncIterator[Side]:
    """Each adapter in turn."""
    sandbox = Sandbox("token", pending=60)
    async with serve(sandbox) as url:
        provider = SandboxProvider(url, "token", timeout=0.5)
        try:
            yield Side(provider, sandbox)
        finally:
            await provider.close()


async def test_a_sim_goes_from_unknown_through_pending_to_active_suspended_and_back(side: Side) -> None:
    provider, ledger = side.provider, side.sandbox.ledger
    assert await provider.state(ICCID) is None
    assert (await provider.claim(ICCID)).effective is Effective.INVENTORY
    assert (await provider.activate(ICCID)).effective is Effective.PENDING
    ledger.arrive(ICCID)
    word = await provider.state(ICCID)
    assert word is not None
    assert (word.effective, word.reason) == (Effective.ACTIVE, Reason.NONE)
    word = await provider.suspend(ICCID)
    assert (word.effective, word.reason) == (Effective.SUSPENDED, Reason.USER)
    assert (await provider.activate(ICCID)).effective is Effective.PENDING


async def test_claiming_what_is_ours_already_answers_its_state(side: Side) -> None:
    await side.provider.claim(ICCID)
    await side.provider.activate(ICCID)
    assert (await side.provider.claim(ICCID)).effective is Effective.PENDING
    assert side.sandbox.ledger.done["claim", ICCID] == 1


async def test_a_suspension_of_the_providers_own_names_its_reason(side: Side) -> None:
    await side.provider.claim(ICCID)
    await side.provider.activate(ICCID)
    side.sandbox.ledger.suspend(ICCID, "quota")
    word = await side.provider.state(ICCID)
    assert word is not None
    assert (word.effective, word.reason) == (Effective.SUSPENDED, Reason.QUOTA)


async def test_a_no_is_told_in_the_providers_words(side: Side) -> None:
    side.sandbox.ledger.refuse[ICCID] = "this SIM was sold by somebody else"
    with pytest.raises(Refused, match="sold by somebody else"):
        await side.provider.claim(ICCID)
    with pytest.raises(Refused, match="no SIM"):
        await side.provider.activate("8988303000000000011")


async def test_busy_means_surely_not_done_and_for_how_long(side: Side) -> None:
    side.goes_wrong("busy", "claim", retry_after=7)
    with pytest.raises(Busy) as busy:
        await side.provider.claim(ICCID)
    assert busy.value.retry_after == 7
    assert await side.provider.state(ICCID) is None


@pytest.mark.parametrize("kind", ["error", "crash", "lost"])
async def test_a_server_error_or_a_lost_answer_leaves_the_outcome_open(side: Side, kind: str) -> None:
    side.goes_wrong(kind, "claim")
    with pytest.raises(Unanswered):
        await side.provider.claim(ICCID)
    done = await side.provider.state(ICCID) is not None
    assert done is (kind != "error")


async def test_a_late_answer_counts_as_lost(side: Side) -> None:
    side.goes_wrong("slow", "claim", seconds=5)
    with pytest.raises(Unanswered):
        await side.provider.claim(ICCID)
    assert await side.provider.state(ICCID) is not None


async def test_a_server_error_may_say_when_to_come_back(side: Side) -> None:
    side.goes_wrong("error", "read", retry_after=9)
    with pytest.raises(Unanswered) as unanswered:
        await side.provider.state(ICCID)
    assert unanswered.value.retry_after == 9


async def test_nobody_at_the_address_means_surely_not_done() -> None:
    async with serve(Sandbox()) as url:
        pass
    provider = SandboxProvider(url, "token")
    with pytest.raises(Busy, match="cannot be reached"):
        await provider.claim(ICCID)
    await provider.close()


async def test_a_wrong_token_is_a_refusal() -> None:
    async with serve(Sandbox("right")) as url:
        provider = SandboxProvider(url, "wrong")
        with pytest.raises(Refused, match="unknown token"):
            await provider.claim(ICCID)
        await provider.close()
