"""A real Mosquitto, on a port that stays its own over a restart."""

import asyncio
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import Process
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fleet.ingest.mqtt import mosquitto
from fleet.secrets import mosquitto_verifier
from tests.loopback import free_port, listens
from tests.needs import needs

SERVICE_PASSWORD = "secret"


class Mosquitto:
    """A broker in a process of its own, which a test may kill; its configuration's folder goes with it."""

    def __init__(self, config: Path, port: int) -> None:
        needs("mosquitto")
        self.config, self.port, self.scheme = config, port, "mqtt"
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it listens."""
        with (self.config.parent / "mosquitto.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "mosquitto", "-c", str(self.config), stdout=log, stderr=log
            )
        async with asyncio.timeout(20):
            while not await listens(self.port):
                assert self._process.returncode is None, (self.config.parent / "mosquitto.log").read_text()[-2000:]
                await asyncio.sleep(0.02)

    async def stop(self, *, kill: bool = False) -> None:
        """End it: in order, so that it saves its state, or by SIGKILL."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill() if kill else process.terminate()
            await process.wait()

    def reload(self, tokens: dict[str, str]) -> None:
        """New password files, and a SIGHUP to read them."""
        _write_passwords(self.config.parent, tokens)
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        await self.stop(kill=True)
        shutil.rmtree(self.config.parent)


def configured(tokens: dict[str, str]) -> Mosquitto:
    """A Mosquitto with the very files that `fleet mqtt mosquitto-config` writes, for devices with these tokens."""
    port, directory = free_port(), _folder()
    (directory / "data").mkdir()
    (directory / mosquitto.CONFIG).write_text(mosquitto.config(str(directory), "127.0.0.1", port))
    _write_passwords(directory, tokens)
    (directory / mosquitto.ACCESS).write_text(mosquitto.access())
    (directory / mosquitto.SECRET).write_text(f"{SERVICE_PASSWORD}\n")
    _hand_over(directory)
    return Mosquitto(directory / mosquitto.CONFIG, port)


def anybody() -> Mosquitto:
    """A Mosquitto that lets everybody publish anything."""
    port, directory = free_port(), _folder()
    (directory / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    _hand_over(directory)
    return Mosquitto(directory / "mosquitto.conf", port)


def encrypted() -> Mosquitto:
    """A Mosquitto behind TLS that lets everybody publish anything; `ca.pem` beside its configuration vouches for it."""
    broker = anybody()
    folder = broker.config.parent
    key, certificate = self_signed("127.0.0.1")
    (folder / "key.pem").write_bytes(key)
    (folder / "ca.pem").write_bytes(certificate)
    files = f"certfile {folder}/ca.pem\nkeyfile {folder}/key.pem\n"
    broker.config.write_text(broker.config.read_text() + files)
    broker.scheme = "mqtts"
    _hand_over(folder)
    return broker


def self_signed(address: str) -> tuple[bytes, bytes]:
    """A key and a certificate for an IP address, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, certificate.public_bytes(Encoding.PEM)


def _write_passwords(directory: Path, tokens: dict[str, str]) -> None:
    users = [(mosquitto.SERVICE, mosquitto_verifier(SERVICE_PASSWORD))]
    users += [(name, mosquitto_verifier(token)) for name, token in tokens.items()]
    (directory / mosquitto.PASSWORDS).write_text(mosquitto.passwords(users))


def _folder() -> Path:
    """Not pytest's: started by root, Mosquitto becomes its own user, who may not go there."""
    return Path(tempfile.mkdtemp(prefix="fleet-mosquitto-"))


def _hand_over(directory: Path) -> None:
    if os.geteuid() == 0:
        for path in [directory, *directory.rglob("*")]:
            shutil.chown(path, "mosquitto")
