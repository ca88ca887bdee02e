"""Every verb with whatever Hypothesis makes of its description: an answer, never a fault of the service."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.api.permissions import LEAST, OTHER_PROOFS
from fleet.db import Database
from tests.fleet.api.openapi import Described, described

EXAMPLES = 8
"""Of each kind for each verb; tests/soak goes on for longer."""


@pytest.fixture(scope="module")
def api(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    folder = tmp_path_factory.mktemp("openapi")
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, folder / 'fleet.db')}")
    with described(database, folder) as api:
        yield api
    database.close()


@pytest.mark.parametrize("verb", [*LEAST, *OTHER_PROOFS])
def test_any_call_is_answered(api: Described, verb: str) -> None:
    api.exercise(verb, EXAMPLES)
