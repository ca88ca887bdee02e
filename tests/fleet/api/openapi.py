"""Calls that Hypothesis makes up from the API's own description, against a served API."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from schemathesis import Case, GenerationMode

from fleet.clock import Clock
from fleet.context import Context
from fleet.db import Database
from fleet.secrets import Sealer
from fleet.settings import DatabaseSettings, Settings
from tests.cli.conftest import serving

KNOWN = {"name": "known", "number": 1, "iccid": "8988303000000000002", "label": "known"}
"""What path parameters are at times, so that some calls come further than to a name that does not exist."""
ADDED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("devices", {"name": "known"}),
    ("users", {"name": "known"}),
    ("users/known/tokens", {"label": "known"}),
    ("sims", {"iccid": KNOWN["iccid"]}),
    ("technicians", {"name": "known", "phone": "+12025550123"}),
    ("policies", {"name": "known", "steps": [{"technician": "known", "timeout_s": 60}]}),
)


@dataclass(frozen=True)
class Described:
    """The API as it describes itself, and an admin's client of it."""

    schema: Any
    client: httpx2.Client

    def exercise(self, verb: str, examples: int) -> None:
        """Call `verb` with what its description allows, then with what it does not, `examples` times each."""
        method, path = verb.split()
        operation = self.schema[path][method]
        for mode in GenerationMode:
            if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
                continue  # any text is a name: there is nothing to get wrong

            @bounds(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
            @given(case=operation.as_strategy(generation_mode=mode), known=...)
            def call(case: Case[Any], known: bool) -> None:
                if known:
                    case.path_parameters = {
                        name: KNOWN.get(name, value) for name, value in case.path_parameters.items()
                    }
                self._call(case)

            call()

    def _call(self, case: Case[Any]) -> None:
        sent = case.as_transport_kwargs(base_url=str(self.client.base_url))
        answer = self.client.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers={**sent["headers"], **self.client.headers},
            json=sent.get("json"),
            content=sent.get("data"),
        )
        assert answer.status_code < 500, (sent, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", (sent, answer.text)
            assert answer.json()["detail"].startswith("expected"), (sent, answer.text)


@contextmanager
def described(database: Database, folder: Path) -> Iterator[Described]:
    """The API over `database` with one of each thing in it, served on a free port."""
    settings = Settings(data_dir=folder, database=DatabaseSettings(allow_unsafe=True))  # PostgreSQL of the tests
    context = Context(settings, database, Clock(), Sealer.from_file(folder / "key"))
    with serving(context) as endpoints:
        headers = {"Authorization": f"Bearer {endpoints.token}"}
        with httpx2.Client(base_url=endpoints.http, headers=headers, trust_env=False, timeout=30) as client:
            for noun, body in ADDED:
                answer = client.post(f"/v1/{noun}", json=body)
                assert answer.status_code == 201, answer.text
            yield Described(schemathesis.openapi.from_dict(client.get("/openapi.json").json()), client)
