"""The long run of tests/fleet/api/test_openapi.py, on both databases."""

from pathlib import Path

import pytest

from fleet.api.permissions import LEAST, OTHER_PROOFS
from fleet.db import Database
from tests.fleet.api.openapi import described

EXAMPLES = 300


@pytest.mark.soak
def test_any_call_is_answered(database: Database, tmp_path: Path) -> None:
    with described(database, tmp_path) as api:
        for verb in (*LEAST, *OTHER_PROOFS):
            api.exercise(verb, EXAMPLES)
