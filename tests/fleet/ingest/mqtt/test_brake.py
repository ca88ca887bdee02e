"""Guessing tokens is slowed down."""

from fleet.ingest.mqtt.brake import ADDRESSES, FREE, LONGEST, WINDOW, Brake


def test_the_first_few_are_told_at_once_then_it_takes_longer_and_longer() -> None:
    brake = Brake()
    delays = [brake.failed("10.0.0.1", now=float(n)) for n in range(FREE + 8)]
    assert delays[:FREE] == [0.0] * FREE
    assert delays[FREE:] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert max(delays) == LONGEST


def test_other_addresses_are_not_held_up() -> None:
    brake = Brake()
    for _ in range(20):
        brake.failed("10.0.0.1", 0.0)
    assert brake.failed("10.0.0.2", 0.0) == 0.0


def test_an_address_is_forgotten_after_a_while() -> None:
    brake = Brake()
    for _ in range(20):
        brake.failed("10.0.0.1", 0.0)
    assert brake.failed("10.0.0.1", WINDOW) > 0.0
    assert brake.failed("10.0.0.1", WINDOW + 0.1) == 0.0


def test_memory_is_bounded() -> None:
    brake = Brake()
    for n in range(ADDRESSES + 50):
        brake.failed(f"10.{n}", 0.0)
    assert len(brake._failures) == ADDRESSES
