"""One open alert per rule and device; each episode is told once."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from fleet.alerts import service, store
from fleet.alerts.models import Alert, AlertState
from fleet.devices import service as devices
from fleet.rules.models import Rule
from tests.fleet.yard import WARM, Yard


@pytest.fixture
def rule(yard: Yard) -> Rule:
    return yard.rule("warm", WARM)


def raise_it(yard: Yard, rule: Rule, device: str = "vm-04") -> Alert:
    def work(tx: Session) -> Alert:
        return service.raise_alert(
            tx, yard.operator, yard.clock.now(), rule=rule, device=devices.get(tx, yard.account_id, device),
            summary="temperature 6 > 5", raised_at=yard.second(0), why={"value": 6},
        )  # fmt: skip

    return yard.write(work)


def clear_it(yard: Yard, alert: Alert, value: float = 3) -> None:
    def work(tx: Session) -> None:
        found = tx.get_one(Alert, alert.id)
        service.clear_alert(tx, yard.operator, yard.clock.now(), found, yard.second(9), {"value": value})

    yard.write(work)


def test_raising_what_is_raised_changes_nothing(yard: Yard, rule: Rule) -> None:
    first, again = raise_it(yard, rule), raise_it(yard, rule)
    assert first.id == again.id
    assert len(yard.audit("alert.raised")) == len(yard.events("alert.raised")) == 1


def test_clearing_what_has_ended_changes_nothing(yard: Yard, rule: Rule) -> None:
    alert = raise_it(yard, rule)
    clear_it(yard, alert)
    clear_it(yard, alert, value=1)
    (ended,) = yard.alerts
    assert (ended.state, ended.cleared_at, ended.evidence) == (AlertState.CLEARED, yard.second(9), {"value": 3})
    assert yard.events("alert.") == ["alert.raised", "alert.cleared"]


def test_after_an_episode_the_next_one_is_another(yard: Yard, rule: Rule) -> None:
    first = raise_it(yard, rule)
    clear_it(yard, first)
    assert raise_it(yard, rule).id != first.id


def test_the_database_itself_refuses_a_second_open_alert(yard: Yard, rule: Rule) -> None:
    alert = raise_it(yard, rule)
    twin = Alert(**alert.model_dump(exclude={"id"}))
    with pytest.raises(IntegrityError):
        yard.write(lambda tx: tx.add(twin))


def test_alerts_are_listed_newest_first_by_state_and_device(yard: Yard, rule: Rule) -> None:
    yard.device("vm-05")
    old = raise_it(yard, rule)
    yard.clock.advance(timedelta(seconds=1))
    clear_it(yard, old)
    other = raise_it(yard, rule, "vm-05")
    new = raise_it(yard, rule)

    def listed(before: Alert | None = None, limit: int = 10, **only: object) -> set[object]:
        found = yard.read(
            lambda tx: store.latest(tx, yard.account_id, before.id if before else None, limit, **only)  # type: ignore[arg-type]
        )
        assert [alert.id for alert in found] == sorted((alert.id for alert in found), reverse=True)
        return {alert.id for alert in found}

    assert listed() == {old.id, other.id, new.id}
    assert listed(state=AlertState.RAISED) == {other.id, new.id}
    assert listed(device_id=new.device_id) == {old.id, new.id}
    assert listed(before=old) == set()
    assert len(listed(limit=2)) == 2
