"""Programs that nobody here wrote speak MQTT to the endpoint, in both versions, and are refused as the versions say."""

import asyncio
import json
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fleet.db import Database
from fleet.db.log import Position
from fleet.telemetry.log import read_log
from tests.needs import needs
from tests.service import ServiceProcess

FOLDER = Path(__file__).parents[1] / "mqtt_clients"
MQTT_JS = "5.16.0"
DEVICE = "m1"
PATIENCE = 60.0


class Ended(NamedTuple):
    """How a program ended."""

    code: int
    out: str
    err: str


class Stand:
    """A running service with one device."""

    def __init__(self, service: ServiceProcess, token: str, database_url: str) -> None:
        self.service, self.token, self._database_url = service, token, database_url
        self.host, self.port = service.mqtt

    async def run(self, *command: str, cwd: Path | None = None) -> Ended:
        """Run a program to its end."""
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, cwd=cwd)
        try:
            async with asyncio.timeout(PATIENCE):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        return Ended(process.returncode or 0, out.decode(), err.decode())

    async def steps(self, version: str, *command: str, cwd: Path | None = None) -> dict[str, Any]:
        """Put a client through the steps of `tests.mqtt_clients`."""
        ended = await self.run(*command, self.host, str(self.port), version, DEVICE, self.token, cwd=cwd)
        assert ended.code == 0, ended.err
        result: dict[str, Any] = json.loads(ended.out)
        return result

    def stored(self, name: str) -> list[int]:
        """The values of the point `name`, in the order in which they were stored."""
        database = Database(self._database_url)
        try:
            reports = database.read_now(lambda tx: read_log(tx, Position(), 10_000))
        finally:
            database.close()
        return [int(report.values[name]) for report in reports if name in report.values]


@pytest.fixture
async def stand(tmp_path: Path, database_url: str) -> AsyncIterator[Stand]:
    async with ServiceProcess(tmp_path, '[log]\nlevel = "warning"\n', database_url=database_url) as service:
        async with service.client() as api:
            token = (await api.post("/v1/devices", {"name": DEVICE}))["token"]
        yield Stand(service, token, database_url)


async def test_mosquitto_pub_and_sub(stand: Stand) -> None:
    needs("mosquitto_pub", "mosquitto_sub")
    login = ("-h", stand.host, "-p", str(stand.port), "-i", "mosquitto", "-u", DEVICE)
    own, foreign, commands = f"devices/{DEVICE}/telemetry", "devices/another/telemetry", f"devices/{DEVICE}/commands/#"
    for version in ("mqttv31", "mqttv311", "mqttv5"):
        options = (*login, "-P", stand.token, "-V", version)
        for qos in (0, 1, 2):
            payload = f'{{"values":{{"{version}":{qos}}}}}'
            sent = await stand.run("mosquitto_pub", *options, "-q", str(qos), "-t", own, "-m", payload)
            assert sent == Ended(0, "", ""), version
        turned_away = await stand.run("mosquitto_pub", *login, "-P", "0" * 32, "-V", version, "-t", own, "-m", "x")
        assert turned_away.code != 0
        assert "Connection" in turned_away.err
        subscribed = await stand.run("mosquitto_sub", *options, "-q", "1", "-E", "-t", commands)
        assert subscribed == Ended(0, "", ""), version
        assert stand.stored(version) == [0, 1, 2]
    refused = await stand.run("mosquitto_sub", *login, "-P", stand.token, "-V", "mqttv5", "-t", "#", "-W", "5")
    assert "denied" in refused.err
    refused = await stand.run(
        "mosquitto_pub", *login, "-P", stand.token, "-V", "mqttv5", "-q", "1", "-t", foreign, "-m", "x"
    )
    assert "Not authorized" in refused.err


async def test_paho(stand: Stand) -> None:
    program = (sys.executable, str(FOLDER / "paho_client.py"))
    came = {"wrong_token": 134, "published": [0, 1, 2]}
    assert await stand.steps("3.1", *program) == came | {"subscribed": [1, 0], "foreign": "closed"}
    assert await stand.steps("3.1.1", *program) == came | {"subscribed": [1, 128], "foreign": "closed"}
    assert await stand.steps("5", *program) == came | {"subscribed": [1, 135], "foreign": 135}
    assert stand.stored("paho") == [0, 1, 2] * 3


async def test_gmqtt(stand: Stand) -> None:
    program = (sys.executable, str(FOLDER / "gmqtt_client.py"))
    came = {"wrong_token": "MQTTConnectError", "published": [0, 1, 2]}
    assert await stand.steps("3.1.1", *program) == came | {"subscribed": [1, 128], "foreign": "closed"}
    assert await stand.steps("5", *program) == came | {"subscribed": [1, 135], "foreign": "kept"}
    assert stand.stored("gmqtt") == [0, 1, 2, 0, 1, 2, 3]


async def test_mqtt_js(stand: Stand, pytestconfig: pytest.Config) -> None:
    needs("node", "npm")
    folder = await installed(stand, pytestconfig)
    program = ("node", str(FOLDER / "mqtt_js.cjs"))
    came = {"published": [0, 1, 2], "burst": True}
    result = await stand.steps("3.1.1", *program, cwd=folder)
    assert result == came | {"wrong_token": 4, "subscribed": [1, 128], "foreign": "closed"}
    assert await stand.steps("5", *program, cwd=folder) == came | {
        "wrong_token": 134, "subscribed": [1, 135], "foreign": 135,
    }  # fmt: skip
    assert stand.stored("mqtt-js") == [0, 1, 2, *range(900)] * 2


async def installed(stand: Stand, config: pytest.Config) -> Path:
    """A folder with MQTT.js in it, kept from run to run."""
    cache: Any = config.cache
    folder = Path(cache.mkdir(f"mqtt-js-{MQTT_JS}"))
    done = folder / "done"
    if not done.exists():
        fresh = folder.with_name(f"{folder.name}-{id(stand)}")
        fresh.mkdir()
        (fresh / "package.json").write_text('{"private": true}')
        ended = await stand.run("npm", "install", "--no-audit", "--no-fund", "--silent", f"mqtt@{MQTT_JS}", cwd=fresh)
        assert ended.code == 0, ended.err
        shutil.copytree(fresh, folder, dirs_exist_ok=True)
        shutil.rmtree(fresh)
        done.touch()
    return folder
