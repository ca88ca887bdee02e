"""paho-mqtt (Eclipse), on its own thread."""

import json
import sys
import threading
from typing import Any

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

VERSIONS = {"3.1": MQTTProtocolVersion.MQTTv31, "3.1.1": MQTTProtocolVersion.MQTTv311, "5": MQTTProtocolVersion.MQTTv5}
PATIENCE = 20.0


class Heard:
    """What the callbacks said."""

    def __init__(self, client: Client) -> None:
        self.connected, self.subscribed, self.published, self.closed = (threading.Event() for _ in range(4))
        self.reason = 0
        self.granted: list[int] = []
        self.answers: dict[int, int] = {}
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect

    def _on_connect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _told: Properties | None
    ) -> None:
        self.reason = reason.value
        self.connected.set()

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _told: Properties | None
    ) -> None:
        self.granted = [reason.value for reason in reasons]
        self.subscribed.set()

    def _on_publish(self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _told: Properties | None) -> None:
        self.answers[mid] = reason.value
        self.published.set()

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, _reason: Any, _told: Any) -> None:
        self.closed.set()


def main(host: str, port: str, version: str, device: str, token: str) -> dict[str, Any]:
    def begin(secret: str) -> tuple[Client, Heard]:
        client = Client(CallbackAPIVersion.VERSION2, "paho", protocol=VERSIONS[version], reconnect_on_failure=False)
        client.username_pw_set(device, secret)
        heard = Heard(client)
        client.connect(host, int(port))
        client.loop_start()
        assert heard.connected.wait(PATIENCE)
        return client, heard

    def publish(client: Client, heard: Heard, topic: str, qos: int) -> MQTTMessageInfo:
        heard.published.clear()
        return client.publish(topic, json.dumps({"values": {"paho": qos}}), qos)

    turned_away, heard = begin("0" * 32)
    wrong_token = heard.reason
    turned_away.loop_stop()

    client, heard = begin(token)
    assert heard.reason == 0
    published = []
    for qos in (0, 1, 2):
        sent = publish(client, heard, f"devices/{device}/telemetry", qos)
        sent.wait_for_publish(PATIENCE)
        assert heard.published.wait(PATIENCE)
        if sent.is_published() and heard.answers[sent.mid] == 0:
            published.append(qos)
    client.subscribe([(f"devices/{device}/commands/#", 1), ("#", 1)])
    assert heard.subscribed.wait(PATIENCE)
    sent = publish(client, heard, "devices/another/telemetry", 1)
    foreign: int | str
    if version == "5":
        assert heard.published.wait(PATIENCE)
        foreign = heard.answers[sent.mid]
        assert client.is_connected()
    else:
        assert heard.closed.wait(PATIENCE)
        foreign = "closed"
    client.disconnect()
    client.loop_stop()
    return {
        "wrong_token": wrong_token, "published": published, "subscribed": heard.granted, "foreign": foreign,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
