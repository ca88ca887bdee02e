"""Every verb with whatever Hypothesis makes of its description: an answer, never a fault of the service."""

import shutil
from collections.abc import Iterator

import pytest

from fleet.api.permissions import LEAST, OTHER_PROOFS
from fleet.db import Database
from tests.fleet.api.openapi import Described, described
from tests.postgres import create_database

EXAMPLES = 8
"""Of each kind for each verb; tests/soak goes on for longer."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    folder = tmp_path_factory.mktemp("openapi")
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), folder / 'fleet.db')}"
    else:
        url = create_database(request.getfixturevalue("postgres_server"), "openapi", "template")
    database = Database(url)
    with described(database, folder) as api:
        yield api
    database.close()


@pytest.mark.parametrize("verb", [*LEAST, *OTHER_PROOFS])
def test_any_call_is_answered(api: Described, verb: str) -> None:
    api.exercise(verb, EXAMPLES)
