"""The fuzzing at full length: `make soak`."""

from pathlib import Path

import pytest

from tests.modem_drivers.fuzz.test_fuzz import TARGETS, fuzz

SECONDS = 600


@pytest.mark.soak
@pytest.mark.parametrize("target", TARGETS)
def test_ten_minutes_of_bytes(target: str, tmp_path: Path) -> None:
    fuzz(target, SECONDS, tmp_path)
