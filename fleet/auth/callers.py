"""Whom a token speaks for."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, select

from fleet.audit import Actor, Role, Way
from fleet.auth.models import Holder, Token, User
from fleet.auth.roles import UserRole
from fleet.auth.user_tokens import expired
from fleet.errors import Unauthorized
from fleet.secrets import hash_token


class Caller(NamedTuple):
    """Whom a token speaks for; `role` is None for a device."""

    actor: Actor
    role: UserRole | None
    token_id: UUID
    refusal: str = ""
    """Why the token is valid no longer, in a sentence; empty while it is."""

    def may(self, needed: UserRole) -> bool:
        """Whether they may what needs this role."""
        return not self.refusal and self.role is not None and self.role.covers(needed)


def prove(tx: Session, token: str, now: datetime) -> Caller:
    """Whom `token` speaks for, or did until it was revoked or expired; raises Unauthorized for an unknown one."""
    found = tx.exec(select(Token).where(Token.hash == hash_token(token))).first()
    if found is None:
        raise Unauthorized("expected a valid token, got an unknown one: use the token that was issued to you")
    user = tx.get(User, found.user_id) if found.user_id else None
    refusal = _refusal(found, user, now)
    if found.holder is Holder.DEVICE:
        return Caller(Actor(found.account_id, Role.DEVICE, found.name, Way.API), None, found.id, refusal)
    role = user.role if user else UserRole.ADMIN
    return Caller(Actor(found.account_id, Role.OPERATOR, found.name, Way.API), role, found.id, refusal)


def _refusal(token: Token, user: User | None, now: datetime) -> str:
    if token.revoked_at is not None:
        return "expected a valid token, got one that is revoked: use the token that was issued last"
    if expired(token, now):
        return (
            f"expected a valid token, got one that expired at {token.expires_at:%Y-%m-%d %H:%MZ}: "
            f"have an admin issue another with `fleet auth tokens issue {token.name}`"
        )
    if user is not None and user.disabled_at is not None:
        return "expected the token of a user who may come in, got that of a disabled one: ask an admin"
    return ""
