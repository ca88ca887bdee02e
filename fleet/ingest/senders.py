"""Which device sends: proven by its token, the same for every way in."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from fleet.audit import Actor, Role, Way
from fleet.auth.models import Holder, Token
from fleet.denials import Denial
from fleet.devices.models import Device
from fleet.errors import Denied, FleetError, Unauthorized
from fleet.secrets import hash_token

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


class Revoked(Unauthorized):
    """The token was `sender`'s, and is valid no longer."""

    def __init__(self, sender: Sender) -> None:
        super().__init__("expected a valid device token, got one that is revoked: use the token that was issued last")
        self.sender = sender


class Foreign(Denied):
    """The token is `sender`'s, and not that of the device named."""

    def __init__(self, sender: Sender, name: str) -> None:
        super().__init__(f"expected the token of device {name[:80]!r}, got another device's: use its own token")
        self.sender = sender


_COLUMNS = (col(Device.account_id), col(Device.id), col(Device.key), col(Device.name), col(Token.id))
"""In the order of Sender's fields."""


def authenticate(tx: Session, name: str, token: str) -> Sender:
    """The device called `name`, by its token; raises Unauthorized (unknown token), Revoked, Foreign."""
    query = (
        select(*_COLUMNS, col(Token.revoked_at))
        .join(Token, col(Token.device_id) == col(Device.id))
        .where(col(Token.hash) == hash_token(token), col(Token.holder) == Holder.DEVICE)
    )
    row = tx.execute(query).first()
    if row is None:
        raise Unauthorized(
            "expected a valid device token, got an unknown one: use the token that was issued to the device"
        )
    sender = Sender(*row[:-1])
    if row.revoked_at is not None:
        raise Revoked(sender)
    if sender.name != name:
        raise Foreign(sender, name)
    return sender


def known(error: FleetError) -> Sender | None:
    """Whose token it was that `authenticate` refused; None if nobody's."""
    return error.sender if isinstance(error, Revoked | Foreign) else None


def denial(way: Way, sender: Sender | None, address: str, asked: str, why: str, claimed: str = "") -> Denial:
    """What to note of a device that was denied something; `sender` is None for one that proved nothing."""
    actor = None if sender is None else Actor(sender.account_id, Role.DEVICE, sender.name, way)
    return Denial(way, actor, address, asked, why, claimed)


def named(tx: Session, account_id: UUID, names: Sequence[str]) -> dict[str, Sender]:
    """The devices of these names that exist, for a way in where a broker has proven who sends."""
    found: dict[str, Sender] = {}
    for at in range(0, len(names), CHUNK):
        query = select(Device).where(col(Device.account_id) == account_id, col(Device.name).in_(names[at : at + CHUNK]))
        for device in tx.scalars(query):
            found[device.name] = Sender(account_id, device.id, device.key, device.name, None)
    return found
