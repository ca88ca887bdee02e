"""Devices: added once, bound to one SIM at a time, two tokens while changing over."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from fleet.audit import Actor, Entry
from fleet.auth.models import Holder
from fleet.auth.service import find_token
from fleet.clock import ManualClock
from fleet.db import Database
from fleet.devices import service
from fleet.devices.models import Device, DeviceCreate
from fleet.errors import Conflict, Invalid, NotFound, Unauthorized
from tests.conftest import account_of, operator_of

ICCID, OTHER = "8988303000000000003", "8988303000000000011"
IMEI = "490154203237518"


@pytest.fixture
def operator(database: Database, clock: ManualClock) -> Actor:
    return operator_of(account_of(database, clock))


Add = Callable[..., tuple[Device, str]]


@pytest.fixture
def add(database: Database, clock: ManualClock, operator: Actor) -> Add:
    def add(name: str, **more: str) -> tuple[Device, str]:
        wanted = DeviceCreate(name=name, **more)
        return database.write_now(lambda tx: service.create(tx, operator, clock.now(), wanted))[0]

    return add


def verbs(database: Database) -> list[str]:
    return database.read_now(lambda tx: list(tx.exec(select(Entry.verb).order_by(col(Entry.seq)))))


def test_a_device_gets_a_small_key_a_site_and_a_token_of_its_own(database: Database, add: Add) -> None:
    first, token = add("vm-01", site="north", address="1 Yard Way")
    second, _ = add("vm-02", site="north")
    assert (first.key, second.key) == (1, 2)
    assert first.site_id == second.site_id is not None
    proved = database.read_now(lambda tx: find_token(tx, token, Holder.DEVICE))
    assert (proved.name, proved.device_id) == ("vm-01", first.id)
    assert verbs(database) == ["device.added", "token.issued"] * 2


def test_a_name_is_taken_once_and_must_fit_a_topic(add: Add) -> None:
    add("vm-01")
    with pytest.raises(Conflict, match=r"got 'vm-01', which exists"):
        add("vm-01")
    with pytest.raises(Invalid, match="a device name"):
        add("vm/01")


def test_machines_come_by_name_in_pages(database: Database, operator: Actor, add: Add) -> None:
    for name in ("c", "a", "b"):
        add(name, site="yard")

    def names(after: str | None, limit: int) -> list[str]:
        page = database.read_now(lambda tx: service.machines(tx, operator.account_id, after, limit))
        assert {machine.site for machine in page} == {"yard"}
        return [machine.device.name for machine in page]

    assert names(None, 2) == ["a", "b"]
    assert names("b", 2) == ["c"]


def test_an_unknown_name_is_not_found_nor_is_another_accounts(database: Database, operator: Actor, add: Add) -> None:
    add("vm-01")
    for account, name in ((operator.account_id, "vm-99"), (UUID(int=1), "vm-01")):
        for look in (service.get, service.machine):
            with pytest.raises(NotFound, match="fleet devices list"), Session(database.engine) as tx:
                look(tx, account, name)


def test_binding_again_changes_nothing_and_a_new_sim_ends_the_old_binding(
    database: Database, clock: ManualClock, operator: Actor, add: Add
) -> None:
    device, _ = add("vm-01")

    def bind(iccid: str) -> None:
        database.write_now(lambda tx: service.bind(tx, operator, clock.now(), device, iccid, IMEI))

    bind(ICCID)
    clock.advance(60)
    bind(ICCID)
    assert verbs(database).count("sim.bound") == 1
    bind(OTHER)
    machine = database.read_now(lambda tx: service.machine(tx, operator.account_id, "vm-01"))
    assert machine.binding is not None
    assert (machine.binding.iccid, machine.binding.bound_at) == (OTHER, clock.now())


def test_a_sim_in_another_machine_is_refused_with_that_machines_name(
    database: Database, clock: ManualClock, operator: Actor, add: Add
) -> None:
    first, _ = add("vm-01")
    second, _ = add("vm-02")
    bind = service.bind
    database.write_now(lambda tx: bind(tx, operator, clock.now(), first, ICCID, IMEI))
    with pytest.raises(Conflict, match="bound to vm-01"):
        database.write_now(lambda tx: bind(tx, operator, clock.now(), second, ICCID, IMEI))


def test_a_machine_changes_over_to_a_new_token_before_the_old_one_ends(
    database: Database, clock: ManualClock, operator: Actor, add: Add
) -> None:
    device, first = add("vm-01")

    def rotate() -> str:
        clock.advance(1)
        return database.write_now(lambda tx: service.rotate_token(tx, operator, clock.now(), device))[0]

    def works(token: str) -> bool:
        try:
            return database.read_now(lambda tx: find_token(tx, token, Holder.DEVICE)).device_id == device.id
        except Unauthorized:
            return False

    second = rotate()
    assert [works(token) for token in (first, second)] == [True, True]
    third = rotate()
    assert [works(token) for token in (first, second, third)] == [False, True, True]
