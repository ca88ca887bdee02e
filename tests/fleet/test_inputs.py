"""What pydantic finds wrong is one sentence: what was expected, what came, what to do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet import inputs
from fleet.api.app import create_app
from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.inputs import place, wrong
from fleet.secrets import Sealer
from fleet.settings import Settings
from fleet.sims import provisioning


class Section(BaseModel):
    """One of each."""

    model_config = ConfigDict(extra="forbid")

    port: int = Field(default=1, ge=0, le=9)
    kind: Literal["a", "b"] = "a"
    name: str = Field(default="x", max_length=3)
    on: bool = False
    pin: str = ""
    rows: list[int] = []
    imsi: str = Field(default="001010", pattern=inputs.IMSI)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"port": "x"}, "expected a whole number as port, got 'x': correct it"),
        ({"port": 10}, "expected at most 9 as port, got 10: correct it"),
        ({"kind": "c"}, "expected 'a' or 'b' as kind, got 'c': correct it"),
        ({"name": "long"}, "expected at most 3 characters as name, got 'long': correct it"),
        ({"name": 3}, "expected text as name, got 3: correct it"),
        ({"on": "perhaps"}, "expected true or false as on, got 'perhaps': correct it"),
        ({"colour": 1}, "expected a name that is known here as colour, got 'colour': correct it"),
        ({"pin": 1234}, "expected text as pin, got something else: correct it"),
        ({"imsi": "12a"}, "expected 6 to 15 digits as imsi, got '12a': correct it"),
        ({"rows": {}}, "expected a list as rows, got an object: correct it"),
        ({"rows": [1, "y"]}, "expected a whole number as rows.1, got 'y': correct it"),
    ],
)
def test_a_wrong_value_is_told_in_our_words(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Section.model_validate(given)
    error = caught.value.errors()[0]
    assert wrong(error, place(error), "correct it") == sentence


def test_where_it_stands_leaves_out_the_part_of_the_request() -> None:
    error = {"loc": ("body", "spec", "level")}
    assert (place(error), place(error, ("body",))) == ("body.spec.level", "spec.level")
    assert place({"loc": ("body",)}, ("body",)) == "body"


def patterns(schema: object) -> Iterator[str]:
    """Every pattern in a JSON schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for part in schema.values():
            yield from patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


def test_every_pattern_is_told_in_words(database: Database, clock: ManualClock, tmp_path: Path) -> None:
    api = create_app(Context(Settings(), database, clock, Sealer.from_file(tmp_path / "key"))).openapi()
    reports = [report.model_json_schema() for report in provisioning.Result.__subclasses__()]
    assert set(patterns([api, Settings.model_json_schema(), *reports])) == set(inputs.PATTERNS)
