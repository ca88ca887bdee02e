"""The tokens of users: issued with a label and an end, listed, revoked."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit
from fleet.audit import Actor
from fleet.auth.models import Holder, Token, User
from fleet.auth.service import revoke_token
from fleet.errors import Conflict, NotFound
from fleet.ids import check_name
from fleet.secrets import hash_token, new_token


def issue(tx: Session, actor: Actor, now: datetime, user: User, label: str, lifetime: timedelta) -> tuple[Token, str]:
    """A new token of the user, valid for `lifetime`, and its text, which is shown once and stored hashed.

    Raises Conflict where the user is disabled or has a valid token of that label.
    """
    check_name(label, "a label")
    if user.disabled_at is not None:
        raise Conflict(
            f"expected a user who may come in, got {user.name!r}, who is disabled: "
            f"first `fleet auth users enable {user.name}`"
        )
    for other in _with_label(tx, user, label):
        if not expired(other, now):
            raise Conflict(
                f"expected a new label, got {label!r}, which a valid token of {user.name} has: choose another, "
                f"or first `fleet auth tokens revoke {user.name} {label}`"
            )
        revoke_token(tx, actor, now, other)
    secret = new_token()
    token = Token(
        account_id=user.account_id,
        created_at=now,
        holder=Holder.USER,
        name=user.name,
        label=label,
        user_id=user.id,
        hash=hash_token(secret),
        expires_at=now + lifetime,
    )
    tx.add(token)
    audit.record(
        tx, actor, now, "token.issued", f"user {user.name}", label=label, expires=f"{now + lifetime:%Y-%m-%d %H:%MZ}"
    )
    return token, secret


def revoke(tx: Session, actor: Actor, now: datetime, user: User, label: str) -> None:
    """End the user's token of that label; raises NotFound."""
    tokens = _with_label(tx, user, label)
    if not tokens:
        raise NotFound(
            f"expected the label of a token of {user.name}, got {label[:64]!r}: see `fleet auth tokens list`"
        )
    for token in tokens:
        revoke_token(tx, actor, now, token)


def listed(tx: Session, account_id: UUID, user: User | None, after: UUID | None, limit: int) -> list[Token]:
    """The tokens of people that are not revoked, oldest first, those behind `after`; only those of `user`."""
    query = select(Token).where(
        Token.account_id == account_id, Token.holder != Holder.DEVICE, col(Token.revoked_at).is_(None)
    )
    if user is not None:
        query = query.where(Token.user_id == user.id)
    if after is not None:
        query = query.where(col(Token.id) > after)
    return list(tx.exec(query.order_by(col(Token.id)).limit(limit)))


def expired(token: Token, now: datetime) -> bool:
    """Whether its time is over."""
    return token.expires_at is not None and token.expires_at <= now


def _with_label(tx: Session, user: User, label: str) -> list[Token]:
    query = select(Token).where(Token.user_id == user.id, Token.label == label, col(Token.revoked_at).is_(None))
    return list(tx.exec(query))
