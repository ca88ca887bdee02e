"""What a Mosquitto needs, from the API."""

import httpx2
import pytest

from fleet.devices import service as devices
from tests.fleet.yard import Yard


async def test_every_device_comes_in_with_its_newest_token_and_nobody_else(
    yard: Yard, client: httpx2.AsyncClient
) -> None:
    yard.device("vm-05")
    before = (await client.post("/v1/mqtt/mosquitto-config", json={"directory": "/etc/x"})).json()
    yard.write(
        lambda tx: devices.rotate_token(tx, yard.operator, yard.clock.now(), devices.get(tx, yard.account_id, "vm-05"))
    )
    after = (await client.post("/v1/mqtt/mosquitto-config", json={"directory": "/etc/x"})).json()
    users = [dict(line.split(":") for line in found["files"]["passwords"].splitlines()) for found in (before, after)]
    assert [sorted(found) for found in users] == [["_fleet", "vm-04", "vm-05"]] * 2
    assert (before["devices"], before["username"]) == (2, "_fleet")
    assert users[0]["vm-04"] == users[1]["vm-04"]
    assert users[0]["vm-05"] != users[1]["vm-05"], "a broker knows one password: the newest"
    assert all(verifier.startswith("$7$101$") for verifier in users[1].values())


async def test_the_service_s_password_is_new_or_the_one_it_has(yard: Yard, client: httpx2.AsyncClient) -> None:
    new = (await client.post("/v1/mqtt/mosquitto-config", json={"directory": "/etc/x"})).json()["files"]
    assert len(new["service.password"].strip()) == 32
    wanted = {"directory": "/etc/x y", "port": 1899, "service_password": "kept"}
    kept = (await client.post("/v1/mqtt/mosquitto-config", json=wanted)).json()["files"]
    assert kept["service.password"] == "kept\n"
    assert "listener 1899 127.0.0.1\n" in kept["mosquitto.conf"]
    assert "password_file /etc/x y/passwords\n" in kept["mosquitto.conf"]
    assert "pattern write devices/%u/#\n" in kept["acl"]


async def test_who_took_the_passwords_is_audited_without_them(yard: Yard, client: httpx2.AsyncClient) -> None:
    for password in ("", "kept-secret"):
        wanted = {"directory": "/etc/x", "port": 1899, "service_password": password}
        answer = (await client.post("/v1/mqtt/mosquitto-config", json=wanted)).json()
    entries = yard.audit("broker.configured")
    assert [(entry.actor, entry.way, entry.subject) for entry in entries] == [
        ("operator", "api", "broker 127.0.0.1:1899")
    ] * 2
    assert [entry.facts for entry in entries] == [
        {"directory": "/etc/x", "devices": answer["devices"], "password": how} for how in ("new", "kept")
    ]
    assert "kept-secret" not in str([entry.model_dump() for entry in entries])


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"directory": "/x\nlistener 1"},
        {"directory": "/x", "host": "a b"},
        {"directory": "/x", "port": 0},
        {"directory": "/x", "service_password": "a\nroot:x"},
    ],
)
async def test_nothing_slips_a_line_into_a_file(client: httpx2.AsyncClient, wanted: dict[str, object]) -> None:
    assert (await client.post("/v1/mqtt/mosquitto-config", json=wanted)).status_code == 400
