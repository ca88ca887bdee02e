"""The virtual machine behaves as one: it cools, warms, sells, and says so."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_fixtures.vending.cooling import Cabinet
from hw_fixtures.vending.machine import VendingMachine
from hw_fixtures.vending.stock import Selection, Store

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clocked:
    """A machine and its time."""

    def __init__(self, machine: VendingMachine) -> None:
        self.machine, self.now = machine, START

    def run(self, for_: timedelta, every: timedelta = MINUTE) -> list[dict[str, Any]]:
        """What it reports until then."""
        end, said = self.now + for_, []
        while self.now < end:
            said += [message.body for message in self.machine.step(self.now)]
            self.now += every
        return said


def temperatures(said: list[dict[str, Any]]) -> list[float]:
    return [body["values"]["temperature"] for body in said if "values" in body]


def events(said: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(body["code"], body["state"]) for body in said if "code" in body]


def test_a_healthy_machine_stays_between_the_thermostats_limits() -> None:
    kept = temperatures(Clocked(VendingMachine("vm-01")).run(timedelta(hours=24)))
    assert 2.0 < min(kept) < 2.8
    assert 4.2 < max(kept) < 5.0


def test_without_its_compressor_it_passes_5_degrees_within_half_an_hour_and_comes_back_when_repaired() -> None:
    clocked = Clocked(VendingMachine("vm-01"))
    clocked.run(timedelta(hours=1))
    clocked.machine.fail_compressor()
    warming = temperatures(clocked.run(timedelta(minutes=30)))
    assert warming[-1] > 5.0
    assert not clocked.machine.cabinet.running
    assert temperatures(clocked.run(timedelta(days=1)))[-1] == pytest.approx(22.0, abs=0.3)
    clocked.machine.repair_compressor()
    assert temperatures(clocked.run(timedelta(hours=2)))[-1] < 4.6


def test_a_worn_compressor_runs_without_end_and_cannot_hold_the_set_point() -> None:
    clocked = Clocked(VendingMachine("vm-01"))
    clocked.machine.wear_compressor(0.2)
    assert temperatures(clocked.run(timedelta(hours=12)))[-1] > 5.0
    assert clocked.machine.cabinet.running
    assert clocked.machine.cabinet.health < 0.2


def test_an_open_door_warms_faster_than_a_closed_one() -> None:
    closed, opened = Cabinet(failed=True), Cabinet(failed=True)
    closed.advance(600)
    opened.advance(600, door_open=True)
    assert 4.0 < closed.temperature < 6.0 < opened.temperature < 22.0


@given(st.floats(0, 1e7), st.booleans(), st.booleans())
def test_whatever_the_step_the_temperature_stays_between_evaporator_and_room(
    seconds: float, door_open: bool, failed: bool
) -> None:
    cabinet = Cabinet(failed=failed)
    cabinet.advance(seconds, door_open)
    assert -8.0 <= cabinet.temperature <= 22.0


@given(st.lists(st.floats(0.1, 300), min_size=1, max_size=20))
def test_how_time_is_cut_does_not_matter_while_nothing_switches(parts: list[float]) -> None:
    whole, cut = Cabinet(failed=True), Cabinet(failed=True)
    whole.advance(sum(parts))
    for part in parts:
        cut.advance(part)
    assert cut.temperature == pytest.approx(whole.temperature)


def test_selling_out_and_refilling_are_events_on_change_only() -> None:
    clocked = Clocked(VendingMachine("vm-01", store=Store(sales_per_hour=0)))
    assert events(clocked.run(3 * MINUTE)) == []
    clocked.machine.sell_out("A1")
    assert events(clocked.run(3 * MINUTE)) == [("sold_out", "on")]
    clocked.machine.sell_out("B2")
    clocked.machine.refill("A1")
    assert events(clocked.run(3 * MINUTE)) == []
    clocked.machine.refill()
    assert events(clocked.run(3 * MINUTE)) == [("sold_out", "off")]


def test_door_and_coin_jam_are_events() -> None:
    clocked = Clocked(VendingMachine("vm-01"))
    clocked.machine.door_open = clocked.machine.store.jammed = True
    assert events(clocked.run(MINUTE)) == [("door_open", "on"), ("coin_jam", "on")]
    clocked.machine.door_open = clocked.machine.store.jammed = False
    assert events(clocked.run(MINUTE)) == [("door_open", "off"), ("coin_jam", "off")]


def test_sales_take_stock_and_bring_coins_until_it_is_empty() -> None:
    store = Store(selections=[Selection("A1", 150, 30)], sales_per_hour=60)
    clocked = Clocked(VendingMachine("vm-01", store=store))
    said = clocked.run(timedelta(hours=2))
    last = said[-1]["values"]
    assert (last["left.A1"], last["sold"], last["cash"]) == (0, 30, 30 * 150)
    assert events(said) == [("sold_out", "on")]
    assert clocked.machine.empty_cash_box() == 4500
    assert clocked.machine.readings()["cash"] == 0


def test_nobody_buys_while_a_coin_is_stuck() -> None:
    clocked = Clocked(VendingMachine("vm-01", store=Store(sales_per_hour=60, jammed=True)))
    clocked.run(timedelta(hours=1))
    assert clocked.machine.store.sold == 0


def test_people_come_about_as_often_as_said() -> None:
    store = Store(selections=[Selection("A1", 100, 10_000)], sales_per_hour=6)
    Clocked(VendingMachine("vm-01", store=store)).run(timedelta(days=10))
    assert 1440 * 0.9 < store.sold < 1440 * 1.1
    store.trade(1_000_000, random.Random(0))
    assert store.sold < 1440 * 1.1 + 1667 * 1.2


def test_an_unknown_selection_is_refused() -> None:
    with pytest.raises(KeyError, match="Z9"):
        VendingMachine("vm-01").sell_out("Z9")


def test_the_same_seed_reports_the_same_and_another_machine_does_not() -> None:
    def said(name: str, seed: int) -> list[dict[str, Any]]:
        return Clocked(VendingMachine(name, seed=seed)).run(timedelta(hours=1))

    assert said("vm-01", 1) == said("vm-01", 1)
    assert said("vm-01", 1) != said("vm-01", 2)
    assert temperatures(said("vm-01", 1)) != temperatures(said("vm-02", 1))


def test_messages_are_json_with_ids_of_their_own_also_after_a_restart() -> None:
    first = Clocked(VendingMachine("vm-01"))
    said = first.run(timedelta(minutes=10))
    again = Clocked(VendingMachine("vm-01"))
    again.now = first.now
    said += again.run(timedelta(minutes=10))
    assert len({body["id"] for body in said}) == len(said) == 20
    assert json.loads(json.dumps(said)) == said
    assert [body["ts"] for body in said] == [round((START + n * MINUTE).timestamp() * 1000) for n in range(20)]


def test_time_that_stands_still_or_goes_back_changes_nothing_in_the_machine() -> None:
    machine = VendingMachine("vm-01")
    machine.step(START)
    machine.step(START - MINUTE)
    assert (machine.cabinet.temperature, machine.store.sold) == (4.0, 0)
