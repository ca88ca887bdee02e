"""Accounts and tokens: issue, check, revoke."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit
from fleet.audit import Actor, Role, Way
from fleet.auth.models import Account, Holder, Token
from fleet.db.engine import wake
from fleet.errors import Unauthorized
from fleet.secrets import hash_token, mosquitto_verifier, new_token

TOPIC = "tokens"
OPERATOR = "operator"
"""What the holder of `endpoints.json` is called."""
DEVICE_TOKENS = 2
"""How many tokens of a device are valid at once: the old one and the new one, while it changes over."""


def default_account(session: Session, now: datetime) -> Account:
    """The account of an installation that needs only one; made on first use."""
    account = session.exec(select(Account).where(Account.name == "default")).first()
    if account is None:
        account = Account(name="default", created_at=now)
        session.add(account)
        session.flush()
    return account


def issue_operator_token(session: Session, actor: Actor, now: datetime, label: str = "") -> str:
    """A new token of the operator; the earlier ones of that `label` are revoked. It is shown once and stored hashed."""
    revoke(session, actor, now, Holder.OPERATOR, OPERATOR, label)
    return _issue(session, actor, now, Holder.OPERATOR, OPERATOR, None, label)


def issue_device_token(session: Session, actor: Actor, now: datetime, name: str, device_id: UUID) -> str:
    """A new token of a device; the newest earlier one stays valid so that the device can change over."""
    query = (
        select(Token)
        .where(Token.device_id == device_id, col(Token.revoked_at).is_(None))
        .order_by(col(Token.created_at).desc())
    )
    for token in list(session.exec(query))[DEVICE_TOKENS - 1 :]:
        revoke_token(session, actor, now, token)
    return _issue(session, actor, now, Holder.DEVICE, name, device_id)


def revoke(session: Session, actor: Actor, now: datetime, holder: Holder, name: str, label: str = "") -> int:
    """Revoke every valid token of `name` with that label; how many there were."""
    query = select(Token).where(
        Token.account_id == actor.account_id,
        Token.holder == holder,
        Token.name == name,
        Token.label == label,
        col(Token.revoked_at).is_(None),
    )
    tokens = list(session.exec(query))
    for token in tokens:
        revoke_token(session, actor, now, token)
    return len(tokens)


def mosquitto_verifiers(session: Session, account_id: UUID) -> list[tuple[str, str]]:
    """Devices by name, each with Mosquitto's verifier of its newest token: a broker knows one password a user."""
    query = (
        select(Token.name, Token.mosquitto)
        .where(Token.account_id == account_id, Token.holder == Holder.DEVICE, col(Token.revoked_at).is_(None))
        .order_by(col(Token.name), col(Token.created_at), col(Token.id))
    )
    return list({name: verifier for name, verifier in session.exec(query) if verifier}.items())


def find_token(session: Session, token: str, holder: Holder) -> Token:
    """The valid token row that `token` proves; raises Unauthorized. Timing tells nothing: look-up is by digest."""
    query = select(Token).where(
        Token.hash == hash_token(token), Token.holder == holder, col(Token.revoked_at).is_(None)
    )
    found = session.exec(query).first()
    if found is None:
        raise Unauthorized(
            f"expected a valid {holder} token, got one that is unknown or revoked: use the token that was issued last"
        )
    return found


def operator(session: Session, token: str) -> Actor:
    """The operator who holds `token`, as the actor of an API call; raises Unauthorized."""
    found = find_token(session, token, Holder.OPERATOR)
    return Actor(found.account_id, Role.OPERATOR, found.name, Way.API)


def _issue(
    session: Session,
    actor: Actor,
    now: datetime,
    holder: Holder,
    name: str,
    device_id: UUID | None,
    label: str = "",
) -> str:
    token = new_token()
    session.add(
        Token(
            account_id=actor.account_id,
            created_at=now,
            holder=holder,
            name=name,
            label=label,
            device_id=device_id,
            hash=hash_token(token),
            mosquitto=mosquitto_verifier(token) if holder is Holder.DEVICE else "",
        )
    )
    audit.record(session, actor, now, "token.issued", f"{holder} {name}")
    wake(session, TOPIC)
    return token


def revoke_token(session: Session, actor: Actor, now: datetime, token: Token) -> None:
    """End this token."""
    token.revoked_at = now
    session.add(token)
    audit.record(session, actor, now, "token.revoked", f"{token.holder} {token.name}")
    wake(session, TOPIC)
