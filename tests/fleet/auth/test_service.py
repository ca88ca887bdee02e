"""Tokens: two of a device are valid while it changes over, one of an operator."""

from uuid import UUID

import pytest
from sqlmodel import Session, select

from fleet.audit import Entry
from fleet.auth import service as auth
from fleet.auth.models import Holder
from fleet.clock import ManualClock
from fleet.db import Database
from fleet.devices.models import Device
from fleet.errors import Unauthorized
from tests.conftest import account_of, operator_of


def device_of(tx: Session, account_id: UUID, clock: ManualClock) -> UUID:
    device = Device(account_id=account_id, created_at=clock.now(), name="vm-1", key=1)
    tx.add(device)
    tx.flush()
    return device.id


async def test_a_device_has_two_valid_tokens_while_it_changes_over(database: Database, clock: ManualClock) -> None:
    account_id = account_of(database, clock)
    actor, now = operator_of(account_id), clock.now
    device_id = await database.write(lambda tx: device_of(tx, account_id, clock))
    tokens = []
    for _ in range(3):
        clock.advance(1)
        tokens.append(await database.write(lambda tx: auth.issue_device_token(tx, actor, now(), "vm-1", device_id)))
    for token in tokens[1:]:
        found = await database.read(lambda tx, token=token: auth.find_token(tx, token, Holder.DEVICE))  # type: ignore[misc]
        assert found.device_id == device_id
    with pytest.raises(Unauthorized, match="unknown or revoked"):
        await database.read(lambda tx: auth.find_token(tx, tokens[0], Holder.DEVICE))


async def test_processes_that_share_a_database_keep_a_token_each(database: Database, clock: ManualClock) -> None:
    actor = operator_of(account_of(database, clock))
    one = await database.write(lambda tx: auth.issue_operator_token(tx, actor, clock.now(), "process one"))
    two = await database.write(lambda tx: auth.issue_operator_token(tx, actor, clock.now(), "process two"))
    for token in (one, two):
        assert (await database.read(lambda tx, t=token: auth.operator(tx, t))).name == "operator"  # type: ignore[misc]


async def test_a_new_operator_token_revokes_the_old_one_and_both_are_audited(
    database: Database, clock: ManualClock
) -> None:
    account_id = account_of(database, clock)
    actor = operator_of(account_id)
    old = await database.write(lambda tx: auth.issue_operator_token(tx, actor, clock.now()))
    new = await database.write(lambda tx: auth.issue_operator_token(tx, actor, clock.now()))
    assert (await database.read(lambda tx: auth.operator(tx, new))).account_id == account_id
    with pytest.raises(Unauthorized):
        await database.read(lambda tx: auth.operator(tx, old))
    verbs = await database.read(lambda tx: [entry.verb for entry in tx.exec(select(Entry).order_by("seq"))])
    assert verbs == ["token.issued", "token.revoked", "token.issued"]


async def test_a_device_token_is_no_operator_token(database: Database, clock: ManualClock) -> None:
    account_id = account_of(database, clock)
    actor = operator_of(account_id)
    device_id = await database.write(lambda tx: device_of(tx, account_id, clock))
    token = await database.write(lambda tx: auth.issue_device_token(tx, actor, clock.now(), "vm-1", device_id))
    with pytest.raises(Unauthorized):
        await database.read(lambda tx: auth.operator(tx, token))
