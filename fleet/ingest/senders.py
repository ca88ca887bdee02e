"""Which device sends: proven by its token, the same for every way in."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from fleet.auth.models import Holder, Token
from fleet.auth.service import proven_by
from fleet.devices.models import Device
from fleet.errors import Denied, Unauthorized

CHUNK = 500
"""Names in one query."""


class Sender(NamedTuple):
    """A device that has proven who it is, and by which token."""

    account_id: UUID
    device_id: UUID
    key: int
    name: str
    token_id: UUID | None
    """None: a broker let it in."""


_COLUMNS = (col(Device.account_id), col(Device.id), col(Device.key), col(Device.name), col(Token.id))
"""In the order of Sender's fields."""


def authenticate(tx: Session, name: str, token: str) -> Sender:
    """The device called `name`, by its token; raises Unauthorized (unknown token), Denied (of another device)."""
    query = (
        select(*_COLUMNS).join(Token, col(Token.device_id) == col(Device.id)).where(*proven_by(token, Holder.DEVICE))
    )
    row = tx.execute(query).first()
    if row is None:
        raise Unauthorized(
            "expected a valid device token, got one that is unknown or revoked: use the token that was issued last"
        )
    sender = Sender(*row)
    if sender.name != name:
        raise Denied(f"expected the token of device {name[:80]!r}, got another device's: use its own token")
    return sender


def named(tx: Session, account_id: UUID, names: Sequence[str]) -> dict[str, Sender]:
    """The devices of these names that exist, for a way in where a broker has proven who sends."""
    found: dict[str, Sender] = {}
    for at in range(0, len(names), CHUNK):
        query = select(Device).where(col(Device.account_id) == account_id, col(Device.name).in_(names[at : at + CHUNK]))
        for device in tx.scalars(query):
            found[device.name] = Sender(account_id, device.id, device.key, device.name, None)
    return found
