"""Users: added, given a role, kept out."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit
from fleet.audit import Actor
from fleet.auth.models import Token, User, UserCreate
from fleet.auth.roles import UserRole
from fleet.auth.service import revoke_token
from fleet.errors import Conflict, Invalid, NotFound
from fleet.ids import check_name

TAKEN = frozenset({"operator", "fleet"})
"""What the audit log calls the installation's own token and the service itself."""


def add(tx: Session, actor: Actor, now: datetime, wanted: UserCreate) -> User:
    """The new user; raises Invalid (name), Conflict (name exists)."""
    name = check_name(wanted.name, "a user name")
    if name in TAKEN:
        raise Invalid(f"expected a user name, got {name!r}, which the audit log uses for the service: choose another")
    if _find(tx, actor.account_id, name):
        raise Conflict(f"expected a new user name, got {name!r}, which exists: choose another")
    user = User(account_id=actor.account_id, created_at=now, name=name, role=wanted.role)
    tx.add(user)
    tx.flush()
    audit.record(tx, actor, now, "user.added", f"user {name}", role=wanted.role)
    return user


def get(tx: Session, account_id: UUID, name: str) -> User:
    """The user called `name`; raises NotFound."""
    user = _find(tx, account_id, name)
    if user is None:
        raise NotFound(f"expected the name of a user, got {name[:64]!r}: see `fleet auth users list`")
    return user


def listed(tx: Session, account_id: UUID, after: str, limit: int) -> list[User]:
    """Users by name, those behind `after`."""
    query = select(User).where(User.account_id == account_id, col(User.name) > after)
    return list(tx.exec(query.order_by(col(User.name)).limit(limit)))


def set_role(tx: Session, actor: Actor, now: datetime, user: User, role: UserRole) -> None:
    """Let the user do what `role` may, from the next call on."""
    if user.role is role:
        return
    audit.record(tx, actor, now, "user.changed", f"user {user.name}", role=role, before=user.role)
    user.role = role
    tx.add(user)


def disable(tx: Session, actor: Actor, now: datetime, user: User) -> None:
    """Keep the user out, from the next call on; their tokens are revoked for good."""
    if user.disabled_at is not None:
        return
    user.disabled_at = now
    tx.add(user)
    audit.record(tx, actor, now, "user.disabled", f"user {user.name}")
    for token in tx.exec(select(Token).where(Token.user_id == user.id, col(Token.revoked_at).is_(None))):
        revoke_token(tx, actor, now, token)


def enable(tx: Session, actor: Actor, now: datetime, user: User) -> None:
    """Let the user in again; they need a new token."""
    if user.disabled_at is None:
        return
    user.disabled_at = None
    tx.add(user)
    audit.record(tx, actor, now, "user.enabled", f"user {user.name}")


def _find(tx: Session, account_id: UUID, name: str) -> User | None:
    return tx.exec(select(User).where(User.account_id == account_id, User.name == name)).first()
