"""One connection to a broker: paho's client, driven by the event loop. Decides nothing."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from fleet.ingest.mqtt.topics import LEAVES
from fleet.settings import BrokerSettings

KEEP_ALIVE = 30
"""Seconds."""
PATIENCE = 10.0
"""Seconds for the broker to answer CONNECT and SUBSCRIBE."""
BURST = 500
"""Messages read before anything else has its turn."""
UNSUPPORTED = 132
"""Reason code of a broker that does not speak MQTT 5."""
PORTS = {"mqtt": 1883, "mqtts": 8883}

T = TypeVar("T")


class Lost(Exception):
    """The connection is no more, or was refused; the message says why."""


class Unsupported(Lost):
    """The broker does not speak this version of MQTT."""


class Message(NamedTuple):
    """What the broker delivered; `mid` is what it is acknowledged by."""

    topic: str
    payload: bytes
    mid: int
    qos: int


class _Encrypted(ssl.SSLSocket):
    """Closes itself when the handshake fails: paho forgets it."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


class Link:
    """A connection of a persistent session, from `open` until `lost`."""

    def __init__(
        self,
        settings: BrokerSettings,
        client_id: str,
        password: str,
        version: MQTTProtocolVersion,
        arrived: Callable[[list[Message]], None],
    ) -> None:
        """`arrived` gets messages in the order of their arrival; each waits for its `ack`."""
        five = version is MQTTProtocolVersion.MQTTv5
        self._settings, self._five, self._arrived = settings, five, arrived
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._connected: asyncio.Future[bool] = self._loop.create_future()
        self._subscribed: asyncio.Future[None] = self._loop.create_future()
        self._batch: list[Message] = []
        self._paused = False
        self._ticking: asyncio.Task[None] | None = None
        self._client = client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if five else False,
            protocol=version,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.username_pw_set(settings.username or None, password or None)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect

    async def open(self) -> bool:
        """Connect and subscribe; True if the broker kept the session. Raises Lost, Unsupported."""
        try:
            await asyncio.to_thread(self._dial)
        except (OSError, ValueError) as error:
            raise Lost(f"expected a broker at {self._settings.url}, got: {error}") from None
        client = self._client
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_socket_register_write
        client.on_socket_unregister_write = self._on_socket_unregister_write
        self._loop.add_reader(cast(socket.socket, client.socket()), self._readable)
        self._ticking = asyncio.create_task(self._tick())
        present = await self._within(self._connected, "CONNECT")
        topics = [f"{self._prefix}devices/+/{leaf}" for leaf in LEAVES]
        if self._five:
            client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in topics])
        else:
            client.subscribe([(topic, 1) for topic in topics])
        await self._within(self._subscribed, "SUBSCRIBE")
        return present

    async def lost(self) -> str:
        """Why the connection is no more, once it is."""
        return await asyncio.shield(self._ended)

    def ack(self, message: Message) -> None:
        """Acknowledge: the broker may forget it."""
        if message.qos and not self._ended.done():
            self._client.ack(message.mid, message.qos)

    def pause(self, paused: bool) -> None:
        """Take nothing more from the broker, or go on."""
        wire = cast(socket.socket | None, self._client.socket())
        if paused is self._paused or wire is None:
            return
        self._paused = paused
        if paused:
            self._loop.remove_reader(wire)
        else:
            self._loop.add_reader(wire, self._readable)

    def end(self, reason: str) -> None:
        """Disconnect; the broker keeps the session, and delivers again what was not acknowledged."""
        if not self._ended.done():
            self._ended.set_result(reason)
        if self._ticking is not None:
            self._ticking.cancel()
        self._client.disconnect()
        self._client.loop_write()  # which closes the socket, unless the broker takes nothing more
        wire = cast(socket.socket | None, self._client.socket())
        if wire is not None:
            self._on_socket_close(self._client, None, wire)
            with contextlib.suppress(OSError):
                wire.close()

    @property
    def _prefix(self) -> str:
        return f"$share/{self._settings.share}/" if self._settings.share else ""

    def _dial(self) -> None:
        """On a thread: resolve, connect, shake hands, write CONNECT."""
        where = urlsplit(self._settings.url)
        if where.scheme == "mqtts":
            context = ssl.create_default_context(cafile=self._settings.ca_file)
            context.sslsocket_class = _Encrypted
            self._client.tls_set_context(context)
        more: dict[str, Any] = {}
        if self._five:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = int(self._settings.session_expiry_s)
            properties.ReceiveMaximum = self._settings.window
            more = {"clean_start": False, "properties": properties}
        self._client.connect_timeout = PATIENCE
        self._client.connect(where.hostname or "", where.port or PORTS[where.scheme], KEEP_ALIVE, **more)

    async def _within(self, answer: "asyncio.Future[T]", what: str) -> T:
        waiting: list[asyncio.Future[Any]] = [answer, self._ended]
        await asyncio.wait(waiting, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        reason = self._ended.result() if self._ended.done() else f"no answer within {PATIENCE:g} s"
        raise Lost(f"expected {self._settings.url} to answer {what}, got: {reason}")

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._client.loop_misc()  # keep-alive; what it finds wrong comes as a disconnect

    def _readable(self) -> None:
        """Drain until empty: a wake-up costs more than a message."""
        for _ in range(BURST):
            before = len(self._batch)
            if self._client.loop_read() is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
            if len(self._batch) == before and not self._buffered():
                break
        if self._batch:
            batch, self._batch = self._batch, []
            self._arrived(batch)

    def _buffered(self) -> int:
        """Bytes that TLS has decrypted and the socket will not announce again."""
        wire: Any = self._client.socket()
        return int(wire.pending()) if hasattr(wire, "pending") else 0

    def _on_connect(self, _client: Client, _data: Any, flags: Any, reason: Any, _properties: Any) -> None:
        if self._connected.done():
            return
        if not reason.is_failure:
            self._connected.set_result(bool(flags.session_present))
        elif reason.value == UNSUPPORTED:
            self._connected.set_exception(Unsupported("the broker does not speak this version of MQTT"))
        else:
            self._connected.set_exception(Lost(f"expected the broker to let the service in, got: {reason}"))

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, reasons: list[Any], _properties: Any) -> None:
        if self._subscribed.done():
            return
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            self._subscribed.set_exception(
                Lost(f"expected the broker to let the service read devices/+/…, got: {refused[0]}; check its ACL")
            )
        else:
            self._subscribed.set_result(None)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._batch.append(Message(topic, bytes(message.payload), message.mid, message.qos))

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not self._ended.done():
            self._ended.set_result(str(reason))

    def _on_socket_register_write(self, client: Client, _data: Any, wire: Any) -> None:
        self._loop.add_writer(wire, client.loop_write)

    def _on_socket_unregister_write(self, _client: Client, _data: Any, wire: Any) -> None:
        self._loop.remove_writer(wire)

    def _on_socket_close(self, _client: Client, _data: Any, wire: Any) -> None:
        self._loop.remove_reader(wire)
        self._loop.remove_writer(wire)
