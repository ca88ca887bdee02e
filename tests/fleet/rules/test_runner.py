"""From committed messages to alerts, in order, each message once, whatever fails in between."""

import asyncio
import logging
from contextlib import suppress

import pytest
from sqlmodel import Session

from fleet.alerts import service as alert_service
from fleet.alerts.models import AlertState
from fleet.audit import Entry
from fleet.db import outbox
from fleet.db.log import Position
from fleet.errors import Unavailable
from fleet.rules import batch, evaluation
from fleet.rules.evaluation import Reading, Standing, Verdict
from fleet.rules.kinds import EventCode, Threshold
from fleet.rules.models import Rule, RuleState
from fleet.rules.runner import Runner
from fleet.telemetry import latest
from tests.fleet.yard import SOLD_OUT, WARM, Yard


async def test_a_machine_that_warms_and_cools_raises_one_alert_and_clears_it(yard: Yard) -> None:
    yard.rule("warm", WARM)
    for second, temperature in enumerate([4.1, 5.0, 6.2, 7.0, 4.5, 4.0, 3.9]):
        yard.says("vm-04", second, temperature=temperature)
    await yard.settle()
    (alert,) = yard.alerts
    assert (alert.state, alert.summary) == (AlertState.CLEARED, "temperature 6.2 > 5")
    assert (alert.raised_at, alert.cleared_at) == (yard.second(2), yard.second(5))
    assert (alert.why["value"], alert.why["level"], alert.why["message"]) == (6.2, 5.0, 3)
    assert alert.evidence is not None
    assert (alert.evidence["value"], alert.evidence["level"], alert.evidence["message"]) == (4.0, 4.0, 6)
    (raised,), (cleared,) = yard.audit("alert.raised"), yard.audit("alert.cleared")
    assert raised.subject == cleared.subject == "alert warm on vm-04"
    assert (raised.facts["device"], raised.facts["value"]) == ("vm-04", 6.2)
    assert cleared.facts["reading"] == "temperature 4 <= 4"
    assert yard.events("alert.") == ["alert.raised", "alert.cleared"]


async def test_an_event_raises_when_on_and_clears_when_off(yard: Yard) -> None:
    yard.rule("empty", SOLD_OUT)
    yard.event("vm-04", 0, "sold_out", "off")
    yard.event("vm-04", 1, "sold_out", "on")
    yard.event("vm-04", 2, "sold_out", "on")
    yard.event("vm-04", 2, "door", "off")
    await yard.settle()
    assert [(alert.summary, alert.state) for alert in yard.alerts] == [("sold_out", AlertState.RAISED)]
    yard.event("vm-04", 3, "sold_out", "off")
    await yard.settle()
    assert [alert.state for alert in yard.alerts] == [AlertState.CLEARED]


async def test_a_rule_for_one_device_leaves_the_others_alone(yard: Yard) -> None:
    yard.device("vm-05")
    yard.rule("warm-here", WARM, device="vm-05")
    yard.rule("warm", WARM)
    yard.says("vm-04", 0, temperature=9)
    await yard.settle()
    yard.says("vm-05", 1, temperature=9)
    await yard.settle()
    subjects = {entry.subject for entry in yard.audit("alert.raised")}
    assert subjects == {"alert warm on vm-04", "alert warm on vm-05", "alert warm-here on vm-05"}


async def test_late_readings_are_kept_and_call_nobody(yard: Yard) -> None:
    yard.rule("warm", WARM)
    yard.says("vm-04", 60, temperature=3)
    yard.says("vm-04", 30, temperature=9)
    await yard.settle()
    assert yard.alerts == []
    assert yard.metric("fleet_rule_late_readings_total") == 1
    assert yard.rows(RuleState)[0].last_ms == round(yard.second(60).timestamp() * 1000)


async def test_latest_values_and_last_seen_move_with_the_same_cursor(yard: Yard) -> None:
    yard.says("vm-04", 2, temperature=3, door="shut")
    yard.says("vm-04", 1, temperature=9)
    await yard.settle()
    values = yard.read(lambda tx: {point.name: point.value for point in latest.of_device(tx, 1)})
    assert values == {"temperature": 3, "door": "shut"}
    reader = yard.read(lambda tx: outbox.position(tx, batch.READER))
    assert reader.seq == 2


async def test_a_message_read_again_changes_nothing(yard: Yard) -> None:
    yard.rule("warm", WARM)
    yard.says("vm-04", 1, temperature=6)
    yard.says("vm-04", 2, temperature=3)
    yard.says("vm-04", 3, temperature=6)
    await yard.settle()
    before = [alert.model_dump() for alert in yard.alerts]
    yard.write(lambda tx: outbox.advance(tx, batch.READER, Position()))
    await yard.settle()
    assert [alert.model_dump() for alert in yard.alerts] == before
    assert len(yard.events("alert.")) == 3


async def test_killed_before_a_commit_it_starts_again_where_cursor_state_and_alerts_agree(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SIZE", 2)
    yard.rule("warm-a-while", WARM.model_copy(update={"for_s": 3}))
    for second, temperature in enumerate([6, 6.5, 7, 8, 3.5]):
        yard.says("vm-04", second, temperature=temperature)
    assert await yard.runner.step()
    (pending,) = yard.rows(RuleState)
    assert (pending.since_ms, pending.alert_id) == (round(yard.start.timestamp() * 1000), None)

    def killed(tx: Session) -> None:
        batch.step(tx, yard.clock.now())
        tx.flush()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        yard.write(killed)
    assert (yard.alerts, yard.read(lambda tx: outbox.position(tx, batch.READER)).seq) == ([], 2)
    yard.runner = Runner(yard.context)
    await yard.settle()
    (alert,) = yard.alerts
    assert (alert.raised_at, alert.cleared_at) == (yard.second(3), yard.second(4))
    assert alert.why["since"] == "2026-01-01T00:00:00.000+00:00"
    assert yard.events("alert.") == ["alert.raised", "alert.cleared"]


async def test_a_runner_that_dies_at_every_batch_comes_to_the_same_end(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.device("vm-05")
    for name, device in (("warm-a-while", "vm-04"), ("also-warm", "vm-05")):
        yard.rule(name, WARM.model_copy(update={"for_s": 2}), device=device)
    for second, temperature in enumerate([6, 6, 7, 3, 6, 4.5, 6, 6, 6, 2, 8]):
        yard.says("vm-04", second, temperature=temperature)
        yard.says("vm-05", second, temperature=temperature)

    def killed(tx: Session) -> None:
        batch.step(tx, yard.clock.now())
        tx.flush()
        raise KeyboardInterrupt

    def episodes(rule: str) -> list[tuple[object, object]]:
        return [(alert.raised_at, alert.cleared_at) for alert in yard.alerts if alert.rule_name == rule]

    monkeypatch.setattr(batch, "SIZE", 1)
    while True:
        with pytest.raises(KeyboardInterrupt):
            yard.write(killed)
        if not await Runner(yard.context).step():
            break
    expected = [(yard.second(2), yard.second(3)), (yard.second(8), yard.second(9))]
    assert (episodes("warm-a-while"), episodes("also-warm")) == (expected, expected)
    assert len(yard.events("alert.")) == 8


async def test_a_fault_in_one_rule_stops_neither_the_others_nor_the_log(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    yard.rule("faulty", WARM.model_copy(update={"level": 1.0, "clear_level": 1.0}))
    yard.rule("warm", WARM)
    sound = evaluation.evaluate

    def evaluate(spec: Threshold | EventCode, standing: Standing | None, reading: Reading) -> Verdict:
        if isinstance(spec, Threshold) and spec.level == 1.0 and reading.value == 6:
            raise ZeroDivisionError
        return sound(spec, standing, reading)

    monkeypatch.setattr(evaluation, "evaluate", evaluate)
    for second, temperature in enumerate([2, 6, 0.5]):
        yard.says("vm-04", second, temperature=temperature)
    with caplog.at_level(logging.ERROR):
        await yard.settle()
    states = {entry.subject: entry.verb for entry in yard.rows(Entry) if entry.verb.startswith("alert.")}
    assert states == {"alert faulty on vm-04": "alert.cleared", "alert warm on vm-04": "alert.cleared"}
    assert "rule faulty failed on message 2 of vm-04" in caplog.text
    assert yard.metric("fleet_rule_faults_total", rule="faulty") == 1


async def test_a_fault_while_an_alert_is_raised_leaves_no_half_of_it(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.rule("faulty", WARM)
    yard.rule("warm", WARM)
    sound = alert_service.raise_alert

    def raise_alert(tx: Session, *args: object, **facts: object) -> object:
        alert = sound(tx, *args, **facts)  # type: ignore[arg-type]
        if alert.rule_name == "faulty":
            raise ZeroDivisionError
        return alert

    monkeypatch.setattr(alert_service, "raise_alert", raise_alert)
    yard.says("vm-04", 0, temperature=6)
    await yard.settle()
    assert [alert.rule_name for alert in yard.alerts] == ["warm"]
    assert yard.events("alert.") == ["alert.raised"]
    monkeypatch.undo()
    yard.says("vm-04", 1, temperature=6)
    await yard.settle()
    assert [alert.rule_name for alert in yard.alerts] == ["warm", "faulty"]


async def test_a_rule_whose_spec_cannot_be_read_is_counted_and_the_others_go_on(yard: Yard) -> None:
    broken = yard.rule("broken", WARM)
    yard.rule("warm", WARM)

    def spoil(tx: Session) -> None:
        tx.get_one(Rule, broken.id).spec = {"kind": "threshold", "point": "temperature"}

    yard.write(spoil)
    yard.says("vm-04", 0, temperature=6)
    await yard.settle()
    assert [alert.rule_name for alert in yard.alerts] == ["warm"]
    assert yard.metric("fleet_rule_faults_total", rule="broken") == 1


async def test_the_runner_wakes_by_itself_after_a_commit_and_outlives_a_database_that_is_away(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.rule("warm", WARM)
    away = [True]
    sound = batch.step

    def step(tx: Session, now: object) -> batch.Done:
        if away.pop() if away else False:
            raise Unavailable("expected a database, got none: wait")
        return sound(tx, now)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "step", step)
    raised = yard.database.subscribe(outbox.TOPIC)
    running = asyncio.create_task(yard.runner.run())
    await yard.database.write(lambda tx: None)
    await asyncio.to_thread(yard.says, "vm-04", 0, temperature=6)
    async with asyncio.timeout(20):
        await raised.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert len(yard.alerts) == 1
