"""A machine's own MQTT connection: a real client, QoS 1, that keeps every message until it is acknowledged.

After a lost connection it comes back to its session and sends again what was not acknowledged, with the same packet
and message ids. It runs on the caller's event loop; only opening the connection takes a thread for a moment.
"""

import asyncio
import random
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

KEEP_ALIVE_S = 60
MISC_S = 1.0
"""How often the client looks at its keep-alive."""
FIRST_RETRY_S, LAST_RETRY_S = 0.2, 10.0
GOODBYE_S = 1.0
BACKLOG = 10_000
"""Messages kept while there is no connection; later ones are dropped and counted."""
IN_FLIGHT = 100
"""Messages sent and not yet acknowledged."""


class Uplink:
    """The connection of the device `name`. `run` keeps it; `publish` may be called at any time."""

    def __init__(self, url: str, name: str, token: str) -> None:
        """`url`: `mqtt://host:port`; raises ValueError for anything else."""
        self.host, self.port = address(url)
        self.name = name
        self.published = self.acknowledged = self.dropped = self.connects = 0
        self.connected = False
        self.refused = ""
        """Why the service refused the last connection; empty after one that it accepted."""
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.username_pw_set(name, token)
        self._client.max_inflight_messages_set(IN_FLIGHT)
        self._client.max_queued_messages_set(BACKLOG)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_socket_open = self._on_open
        self._client.on_socket_close = self._on_close
        self._client.on_socket_register_write = self._on_register_write
        self._client.on_socket_unregister_write = self._on_unregister_write
        self._lost = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    @property
    def unacknowledged(self) -> int:
        """Messages accepted by `publish` that the service has not acknowledged yet."""
        return self.published - self.acknowledged

    def publish(self, topic: str, payload: bytes) -> bool:
        """Send with QoS 1, now or when there is a connection; False if the backlog is full and it was dropped."""
        if self._client.publish(topic, payload, qos=1).rc is MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            self.dropped += 1
            return False
        self.published += 1
        self._drained.clear()
        return True

    async def drained(self) -> None:
        """Return once everything published is acknowledged."""
        await self._drained.wait()

    async def run(self) -> None:
        """Connect, and connect again whenever the connection is lost, until cancelled; then say goodbye."""
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        delay = FIRST_RETRY_S
        try:
            while True:
                connects = self.connects
                await self._one_connection()
                delay = FIRST_RETRY_S if self.connects > connects else min(2 * delay, LAST_RETRY_S)
                await asyncio.sleep(delay * random.uniform(0.5, 1))  # noqa: S311 - spreads machines apart
        finally:
            await self._goodbye()

    async def _one_connection(self) -> None:
        """Open a connection and return when it is lost, refused, or could not be opened."""
        self._lost.clear()
        opening = asyncio.ensure_future(asyncio.to_thread(self._client.connect, self.host, self.port, KEEP_ALIVE_S))
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            await asyncio.wait([opening])  # the thread cannot be stopped; what it opens is closed by `run`
            raise
        except OSError:
            return
        while not self._lost.is_set():
            try:
                async with asyncio.timeout(MISC_S):
                    await self._lost.wait()
            except TimeoutError:
                self._client.loop_misc()

    async def _goodbye(self) -> None:
        """Send what is written already and DISCONNECT, as far as the service takes it within a second."""
        self._client.disconnect()
        until = self._loop.time() + GOODBYE_S
        while self._client.want_write() and self._loop.time() < until:
            if self._client.loop_write() is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                return
            await asyncio.sleep(0)

    def _on_connect(self, _c: Client, _u: Any, _f: ConnectFlags, reason: ReasonCode, _p: Properties | None) -> None:
        self.refused = str(reason) if reason.is_failure else ""
        if not reason.is_failure:
            self.connected = True
            self.connects += 1

    def _on_disconnect(self, _c: Client, _u: Any, _f: DisconnectFlags, _r: ReasonCode, _p: Properties | None) -> None:
        self.connected = False
        self._lost.set()

    def _on_publish(self, _c: Client, _u: Any, _mid: int, _reason: ReasonCode, _p: Properties) -> None:
        self.acknowledged += 1
        if not self.unacknowledged:
            self._drained.set()

    def _on_open(self, client: Client, _u: Any, sock: Any) -> None:
        self._on_loop(self._loop.add_reader, sock.fileno(), client.loop_read)

    def _on_close(self, _client: Client, _u: Any, sock: Any) -> None:
        self._on_loop(self._loop.remove_reader, sock.fileno())
        self._on_loop(self._loop.remove_writer, sock.fileno())

    def _on_register_write(self, client: Client, _u: Any, sock: Any) -> None:
        self._on_loop(self._loop.add_writer, sock.fileno(), client.loop_write)

    def _on_unregister_write(self, _client: Client, _u: Any, sock: Any) -> None:
        self._on_loop(self._loop.remove_writer, sock.fileno())

    def _on_loop(self, call: Callable[..., object], *args: Any) -> None:
        """Now on the loop's own thread; soon from the thread that opens the connection."""
        if threading.get_ident() == self._thread:
            call(*args)
        else:
            self._loop.call_soon_threadsafe(call, *args)


def address(url: str) -> tuple[str, int]:
    """Host and port of an MQTT URL; raises ValueError for what is none."""
    try:
        parts = urlsplit(url if "//" in url else f"mqtt://{url}")
        if parts.scheme == "mqtt" and parts.hostname:
            return parts.hostname, parts.port or 1883
    except ValueError:
        pass
    raise ValueError(f"expected an MQTT address such as mqtt://127.0.0.1:1883, got {url!r}: correct it")
