"""Who may connect, and what becomes of their session."""

import asyncio
from datetime import datetime

import pytest
from sqlmodel import select

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.devices import service as devices
from fleet.devices.models import DeviceCreate
from fleet.errors import Unavailable
from fleet.ids import uuid7
from fleet.ingest.mqtt.codec.packets import NEVER, Connect
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.login import Admitted, Logins, Refused
from fleet.telemetry.models import MqttSession
from tests.conftest import account_of, operator_of


def add(database: Database, clock: ManualClock, name: str) -> str:
    operator = operator_of(account_of(database, clock))
    token, _ = database.write_now(lambda tx: devices.create(tx, operator, clock.now(), DeviceCreate(name=name))[1])
    return token


def packet(user: str, token: str, client_id: str = "c", *, clean: bool = False) -> Connect:
    return Connect(4, client_id, clean, 60, None, user, token.encode(), 0 if clean else NEVER)


class Door:
    """Lets clients in as the endpoint does."""

    def __init__(self, database: Database) -> None:
        self.logins = Logins(database, uuid7())

    async def login(self, connect: Connect, now: datetime) -> Admitted:
        return await self.logins.enter(await self.logins.identify(connect, now))


async def test_a_session_lives_from_its_first_login_to_a_clean_one(database: Database, clock: ManualClock) -> None:
    token = add(database, clock, "m1")
    first = await Door(database).login(packet("m1", token), clock.now())
    assert (first.welcome.present, first.welcome.subscriptions, first.sender.name) == (False, {}, "m1")
    assert await Door(database).logins.keep_subscriptions(first, (("devices/m1/commands", 1),))
    again = await Door(database).login(packet("m1", token), clock.now())
    assert (again.welcome.present, again.welcome.subscriptions) == (True, {"devices/m1/commands": 1})
    assert not (await Door(database).login(packet("m1", token, clean=True), clock.now())).welcome.present
    assert not (await Door(database).login(packet("m1", token), clock.now())).welcome.present


async def test_the_same_client_id_of_another_device_is_another_session(database: Database, clock: ManualClock) -> None:
    one, two = add(database, clock, "m1"), add(database, clock, "m2")
    assert not (await Door(database).login(packet("m1", one), clock.now())).welcome.present
    assert not (await Door(database).login(packet("m2", two), clock.now())).welcome.present
    assert (await Door(database).login(packet("m1", one), clock.now())).welcome.present


async def test_a_clean_session_leaves_nothing_behind(database: Database, clock: ManualClock) -> None:
    token = add(database, clock, "m1")
    admitted = await Door(database).login(packet("m1", token, clean=True), clock.now())
    assert await Door(database).logins.keep_subscriptions(admitted, (("devices/m1/commands", 1),))
    assert await database.read(lambda tx: list(tx.exec(select(MqttSession)))) == []


@pytest.mark.parametrize(
    ("user", "secret", "client_id", "reason"),
    [
        ("m1", "0" * 32, "c", Reason.BAD_USER_NAME_OR_PASSWORD),
        ("m1", "", "c", Reason.BAD_USER_NAME_OR_PASSWORD),
        ("m2", None, "c", Reason.BAD_USER_NAME_OR_PASSWORD),
        ("m1", None, "", Reason.CLIENT_ID_NOT_VALID),
        ("m1", None, "c" * 129, Reason.CLIENT_ID_NOT_VALID),
        ("m1", None, "a/+", Reason.CLIENT_ID_NOT_VALID),
        ("m1", None, "a\tb", Reason.CLIENT_ID_NOT_VALID),
    ],
)
async def test_refusals(
    database: Database, clock: ManualClock, user: str, secret: str | None, client_id: str, reason: Reason
) -> None:
    token = add(database, clock, "m1")
    with pytest.raises(Refused, match="expected") as caught:
        await Door(database).login(packet(user, token if secret is None else secret, client_id), clock.now())
    assert caught.value.reason is reason
    assert token not in str(caught.value)


async def test_many_at_once_each_get_their_own_answer(database: Database, clock: ManualClock) -> None:
    tokens = {f"m{n}": add(database, clock, f"m{n}") for n in range(5)}
    logins = Door(database)
    wanted = [packet(name, token, clean=True) for name, token in tokens.items()] * 60
    wrong = [packet("m0", "0" * 32), packet("m1", tokens["m2"])] * 3
    answers = await asyncio.gather(*[logins.login(one, clock.now()) for one in wanted + wrong], return_exceptions=True)
    admitted = [answer.sender.name for answer in answers if isinstance(answer, Admitted)]
    assert admitted == [one.user_name for one in wanted]
    assert all(isinstance(answer, Refused) for answer in answers[len(wanted) :])


async def test_a_database_that_is_gone_is_said_to_all_who_wait(database: Database, clock: ManualClock) -> None:
    token, logins = add(database, clock, "m1"), Door(database)
    database.close()
    answers = await asyncio.gather(
        *[logins.login(packet("m1", token), clock.now()) for _ in range(3)], return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [Unavailable] * 3
