"""Users are added, given roles, kept out; their tokens end."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from fleet.audit import Entry, Role
from fleet.auth import callers, user_tokens, users
from fleet.auth.models import User, UserCreate
from fleet.auth.roles import UserRole
from fleet.auth.service import issue_device_token, issue_operator_token
from fleet.clock import ManualClock
from fleet.db import Database
from fleet.errors import Conflict, Invalid, NotFound, Unauthorized
from tests.conftest import account_of, operator_of
from tests.fleet.auth.test_service import device_of

DAY = timedelta(days=1)


class Desk:
    """An admin's desk: every verb is a transaction of its own."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.account_id: UUID = account_of(database, clock)
        self.admin = operator_of(self.account_id)

    def add(self, name: str, role: UserRole = UserRole.VIEWER) -> User:
        wanted = UserCreate(name=name, role=role)
        return self.database.write_now(lambda tx: users.add(tx, self.admin, self.clock.now(), wanted))[0]

    def issue(self, name: str, label: str = "default", lifetime: timedelta = DAY) -> str:
        def write(tx: Session) -> str:
            user = users.get(tx, self.account_id, name)
            return user_tokens.issue(tx, self.admin, self.clock.now(), user, label, lifetime)[1]

        return self.database.write_now(write)[0]

    def disable(self, name: str) -> None:
        self.database.write_now(
            lambda tx: users.disable(tx, self.admin, self.clock.now(), users.get(tx, self.account_id, name))
        )

    def enable(self, name: str) -> None:
        self.database.write_now(
            lambda tx: users.enable(tx, self.admin, self.clock.now(), users.get(tx, self.account_id, name))
        )

    def revoke(self, name: str, label: str) -> None:
        self.database.write_now(
            lambda tx: user_tokens.revoke(tx, self.admin, self.clock.now(), users.get(tx, self.account_id, name), label)
        )

    def prove(self, token: str) -> callers.Caller:
        return self.database.read_now(lambda tx: callers.prove(tx, token, self.clock.now()))

    def audit(self) -> list[tuple[str, str]]:
        return self.database.read_now(
            lambda tx: [(entry.verb, entry.subject) for entry in tx.exec(select(Entry).order_by("seq"))]
        )


@pytest.fixture
def desk(database: Database, clock: ManualClock) -> Desk:
    return Desk(database, clock)


def test_a_token_speaks_for_its_user_by_name_and_role(desk: Desk) -> None:
    desk.add("ana", UserRole.OPERATOR)
    caller = desk.prove(desk.issue("ana"))
    assert (caller.actor.name, caller.actor.role, caller.role) == ("ana", Role.OPERATOR, UserRole.OPERATOR)
    assert [caller.may(role) for role in UserRole] == [True, True, False]
    assert desk.audit() == [("user.added", "user ana"), ("token.issued", "user ana")]


def test_a_token_ends_with_its_time_and_says_so(desk: Desk) -> None:
    desk.add("ana", UserRole.ADMIN)
    token = desk.issue("ana", lifetime=DAY)
    desk.clock.advance(DAY - timedelta(seconds=1))
    assert desk.prove(token).may(UserRole.ADMIN)
    desk.clock.advance(1)
    caller = desk.prove(token)
    assert not caller.may(UserRole.VIEWER)
    assert caller.refusal == (
        "expected a valid token, got one that expired at 2026-01-02 00:00Z: "
        "have an admin issue another with `fleet auth tokens issue ana`"
    )


def test_an_expired_token_leaves_its_label_to_the_next(desk: Desk) -> None:
    desk.add("ana")
    old = desk.issue("ana", "laptop")
    with pytest.raises(Conflict, match="fleet auth tokens revoke ana laptop"):
        desk.issue("ana", "laptop")
    desk.issue("ana", "phone")
    desk.clock.advance(DAY)
    new = desk.issue("ana", "laptop")
    assert "revoked" in desk.prove(old).refusal
    assert desk.prove(new).may(UserRole.VIEWER)


def test_a_revoked_token_is_known_and_refused(desk: Desk) -> None:
    desk.add("ana")
    token = desk.issue("ana", "laptop")
    desk.revoke("ana", "laptop")
    caller = desk.prove(token)
    assert ("revoked" in caller.refusal, caller.may(UserRole.VIEWER)) == (True, False)
    with pytest.raises(NotFound, match="fleet auth tokens list"):
        desk.revoke("ana", "laptop")


def test_a_disabled_user_is_out_for_good_and_comes_back_with_a_new_token(desk: Desk) -> None:
    desk.add("ana")
    token = desk.issue("ana")
    desk.disable("ana")
    desk.disable("ana")
    assert not desk.prove(token).may(UserRole.VIEWER)
    with pytest.raises(Conflict, match="disabled"):
        desk.issue("ana")
    desk.enable("ana")
    assert not desk.prove(token).may(UserRole.VIEWER)
    assert desk.prove(desk.issue("ana")).may(UserRole.VIEWER)
    assert desk.audit()[2:5] == [
        ("user.disabled", "user ana"),
        ("token.revoked", "user ana"),
        ("user.enabled", "user ana"),
    ]


def test_a_role_given_holds_for_tokens_that_are_out(desk: Desk) -> None:
    desk.add("ana", UserRole.VIEWER)
    token = desk.issue("ana")

    def promote(tx: Session) -> None:
        users.set_role(tx, desk.admin, desk.clock.now(), users.get(tx, desk.account_id, "ana"), UserRole.ADMIN)

    desk.database.write_now(promote)
    desk.database.write_now(promote)
    assert desk.prove(token).role is UserRole.ADMIN
    assert [verb for verb, _ in desk.audit()].count("user.changed") == 1


def test_the_installations_own_token_is_an_admins_and_a_device_has_no_role(desk: Desk) -> None:
    now = desk.clock.now()
    own, _ = desk.database.write_now(lambda tx: issue_operator_token(tx, desk.admin, now))
    assert desk.prove(own).role is UserRole.ADMIN

    def device(tx: Session) -> str:
        return issue_device_token(tx, desk.admin, now, "vm-1", device_of(tx, desk.account_id, desk.clock))

    caller = desk.prove(desk.database.write_now(device)[0])
    assert (caller.actor.role, caller.role, caller.may(UserRole.VIEWER)) == (Role.DEVICE, None, False)


@pytest.mark.parametrize("name", ["", "a b", "operator", "fleet", "x" * 65])
def test_a_name_that_would_mislead_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(Invalid, match="expected a user name"):
        desk.add(name)


def test_a_name_is_given_once(desk: Desk) -> None:
    desk.add("ana")
    with pytest.raises(Conflict, match="got 'ana', which exists"):
        desk.add("ana")


def test_an_unknown_token_proves_nobody(desk: Desk) -> None:
    with pytest.raises(Unauthorized, match="unknown"):
        desk.prove("0" * 32)
