"""gmqtt, on asyncio. It does not tell what a PUBACK refused, so a refusal shows as a connection that goes on."""

import asyncio
import json
import sys
from typing import Any

import gmqtt
from gmqtt.mqtt.constants import MQTTv50, MQTTv311

VERSIONS = {"3.1.1": MQTTv311, "5": MQTTv50}
PATIENCE = 20.0


class Heard:
    """What the callbacks said."""

    def __init__(self, client: Any) -> None:
        self.connected, self.subscribed, self.closed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.granted: list[int] = []
        client.on_connect = lambda *_: self.connected.set()
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = lambda *_: self.closed.set()

    def _on_subscribe(self, _client: Any, _mid: int, granted: tuple[int, ...], _told: Any) -> None:
        self.granted += granted
        self.subscribed.set()


async def main(host: str, port: str, version: str, device: str, token: str) -> dict[str, Any]:
    async def begin(secret: str) -> tuple[Any, Heard]:
        client = gmqtt.Client("gmqtt")
        client.set_config({"reconnect_retries": 0, "reconnect_delay": 0})
        client.set_auth_credentials(device, secret)
        heard = Heard(client)
        await client.connect(host, int(port), version=VERSIONS[version])
        return client, heard

    async def completed(client: Any) -> bool:
        async with asyncio.timeout(PATIENCE):
            while not client._persistent_storage.is_empty:
                await asyncio.sleep(0.01)
        return True

    try:
        await begin("0" * 32)
        wrong_token = "none"
    except Exception as error:
        wrong_token = type(error).__name__

    client, heard = await begin(token)
    published = []
    for qos in (0, 1, 2):
        client.publish(f"devices/{device}/telemetry", {"values": {"gmqtt": qos}}, qos=qos)
        if await completed(client):
            published.append(qos)
    client.subscribe([gmqtt.Subscription(f"devices/{device}/commands/#", 1), gmqtt.Subscription("#", 1)])
    async with asyncio.timeout(PATIENCE):
        await heard.subscribed.wait()
    client.publish("devices/another/telemetry", {"values": {"gmqtt": 9}}, qos=1)
    if version == "5":
        await completed(client)
        client.publish(f"devices/{device}/telemetry", {"values": {"gmqtt": 3}}, qos=1)
        await completed(client)
        foreign = "kept" if not heard.closed.is_set() else "closed"
    else:
        async with asyncio.timeout(PATIENCE):
            await heard.closed.wait()
        foreign = "closed"
    await client.disconnect()
    return {
        "wrong_token": wrong_token, "published": published, "subscribed": heard.granted, "foreign": foreign,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
