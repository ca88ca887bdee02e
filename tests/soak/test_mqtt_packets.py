"""The packet fuzzer of the MQTT endpoint at full length: `make soak`."""

import time

import pytest

from tests.fleet.ingest.mqtt.test_fuzz import fuzz

SECONDS = 600.0


@pytest.mark.soak
def test_ten_minutes_of_damaged_packets() -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    runs, _ = fuzz(SECONDS, seed)
    print(f"{runs} connections of damaged packets, each with a typed end")
