"""The table of permissions is whole: each route is in it, and it names no route that is gone."""

from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import APIRoute

from fleet.api.access import operator, sender
from fleet.api.app import ROUTERS, create_app, health
from fleet.api.permissions import LEAST, OTHER_PROOFS
from fleet.auth.roles import UserRole
from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.secrets import Sealer
from fleet.settings import Settings


def routes() -> Iterator[tuple[str, APIRoute]]:
    """Every verb of the API with its route."""
    for router in (*ROUTERS, health):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                yield f"{method} {route.path}", route


def asks(route: APIRoute, dependency: object) -> bool:
    return any(needed.call is dependency for needed in route.dependant.dependencies)


def test_every_verb_that_asks_for_an_operator_has_its_least_role() -> None:
    asked = {verb for verb, route in routes() if asks(route, operator)}
    assert asked == set(LEAST)


def test_every_other_verb_says_what_proves_who_calls() -> None:
    others = {verb: route for verb, route in routes() if not asks(route, operator)}
    assert set(others) == set(OTHER_PROOFS)
    devices = {verb for verb, route in others.items() if asks(route, sender)}
    assert devices == {verb for verb, proof in OTHER_PROOFS.items() if proof == "the device's own token"}


def test_a_viewer_changes_nothing() -> None:
    assert [verb for verb, role in LEAST.items() if role is UserRole.VIEWER and not verb.startswith("GET ")] == []


def test_no_route_of_the_app_is_beside_the_table(database: Database, clock: ManualClock, tmp_path: Path) -> None:
    app = create_app(Context(Settings(), database, clock, Sealer.from_file(tmp_path / "key")))
    beside = set(app.openapi()["paths"]) - {route.path for _, route in routes()}
    assert beside == set()
