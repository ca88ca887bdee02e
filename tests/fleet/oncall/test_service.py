"""Technicians are known by name and by phone."""

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.errors import Conflict, Invalid, NotFound
from fleet.oncall import service
from fleet.oncall.models import Technician, TechnicianCreate
from tests.conftest import account_of, operator_of


class People:
    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.account_id = account_of(database, clock)

    def add(self, name: str, phone: str, **more: str) -> Technician:
        wanted = TechnicianCreate(name=name, phone=phone, **more)
        operator = operator_of(self.account_id)
        return self.database.write_now(lambda tx: service.add(tx, operator, self.clock.now(), wanted))[0]


@pytest.fixture
def people(database: Database, clock: ManualClock) -> People:
    return People(database, clock)


def test_a_technician_is_found_by_name_and_by_phone(people: People) -> None:
    added = people.add("ana", "+1 202-555-0101", company="Cool Ltd")
    assert (added.phone, added.active, added.language) == ("+12025550101", True, "en")
    by_name = people.database.read_now(lambda tx: service.get(tx, people.account_id, "ana"))
    by_phone = people.database.read_now(lambda tx: service.by_phone(tx, people.account_id, "+12025550101"))
    assert by_name.id == added.id
    assert by_phone is not None
    assert by_phone.id == added.id


def test_a_number_that_is_none_is_refused_in_one_sentence(people: People) -> None:
    with pytest.raises(Invalid, match=r"expected a phone number in E\.164"):
        people.add("ana", "555-CALL")


def test_two_people_share_neither_name_nor_phone(people: People) -> None:
    people.add("ana", "+12025550101")
    with pytest.raises(Conflict, match="expected a new technician name, got 'ana'"):
        people.add("ana", "+12025550102")
    with pytest.raises(Conflict, match="that of ana"):
        people.add("ben", "+12025550101")


def test_who_is_not_there_is_said_by_name(people: People) -> None:
    with pytest.raises(NotFound, match="got 'eve'"):
        people.database.read_now(lambda tx: service.get(tx, people.account_id, "eve"))


def test_the_list_goes_by_name_and_on_from_where_it_stopped(people: People) -> None:
    for number, name in enumerate(["eve", "ana", "ben"]):
        people.add(name, f"+1202555010{number}")

    def names(after: str) -> list[str]:
        rows = people.database.read_now(lambda tx: service.listed(tx, people.account_id, after, 2))
        return [row.name for row in rows]

    assert names("") == ["ana", "ben"]
    assert names("ben") == ["eve"]
