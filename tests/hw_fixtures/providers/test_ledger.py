"""What the sandbox provider keeps: claimed once, activated through pending, faults used up one by one."""

import pytest

from hw_fixtures.providers.ledger import Fault, Ledger, No

SIM = "8988303000000000003"


def test_a_sim_is_claimed_once() -> None:
    ledger = Ledger()
    ledger.claim(SIM)
    with pytest.raises(No, match="claimed already") as no:
        ledger.claim(SIM)
    assert no.value.status == 409
    assert ledger.done["claim", SIM] == 1


def test_an_activation_is_pending_until_it_arrives_and_can_be_called_off() -> None:
    ledger = Ledger()
    ledger.claim(SIM)
    assert ledger.activate(SIM).status == "activating"
    ledger.activate(SIM)
    assert ledger.done["activate", SIM] == 1
    arrived = ledger.arrive(SIM)
    assert arrived is not None
    assert arrived.status == "active"
    ledger.suspend(SIM)
    ledger.activate(SIM)
    ledger.suspend(SIM)
    assert ledger.arrive(SIM) is None
    assert ledger.card(SIM).view() == {"iccid": SIM, "status": "suspended", "reason": "user"}


@pytest.mark.parametrize("act", ["activate", "suspend", "card"])
def test_a_sim_of_somebody_else_is_not_found(act: str) -> None:
    with pytest.raises(No) as no:
        getattr(Ledger(), act)(SIM)
    assert no.value.status == 404


def test_a_sim_never_in_service_cannot_be_suspended() -> None:
    ledger = Ledger()
    ledger.claim(SIM)
    with pytest.raises(No, match="not in service"):
        ledger.suspend(SIM)


def test_faults_are_used_up_by_the_requests_they_are_for() -> None:
    ledger = Ledger(faults=[Fault("busy", "claim", count=2), Fault("lost")])
    kinds = [fault and fault.kind for fault in map(ledger.fault, ["claim", "read", "claim", "claim"])]
    assert kinds == ["busy", "lost", "busy", None]
