"""Secrets: hashed when they only need checking, sealed with a key file when they must be used."""

import base64
import hashlib
import os
import secrets as entropy
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from fleet.errors import SetupError

TOKEN_BITS = 128
MOSQUITTO_ROUNDS = 101


def new_token() -> str:
    """A fresh bearer token: 128 random bits, 32 hex digits."""
    return entropy.token_hex(TOKEN_BITS // 8)


def hash_token(token: str) -> bytes:
    """What is stored of a token: SHA-256 (no salt: 128 random bits cannot be guessed, and look-ups stay direct)."""
    return hashlib.sha256(token.encode()).digest()


def mosquitto_verifier(token: str, salt: bytes = b"") -> str:
    """What Mosquitto's password file holds of a token: PBKDF2-SHA512 over a salt, its format 7.

    101 rounds, Mosquitto's own default, are enough: there is nothing to guess in 128 random bits.
    """
    salt = salt or os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", token.encode(), salt, MOSQUITTO_ROUNDS)
    return f"$7${MOSQUITTO_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


class Sealer:
    """Seals short secrets (PINs, provider keys) for storage; the key lives in a file beside the database."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    @classmethod
    def from_file(cls, path: Path) -> "Sealer":
        """The sealer whose key is in `path`; the file is made, owner-readable, if missing. Raises SetupError."""
        try:
            if not path.exists():
                write_private(path, Fernet.generate_key() + b"\n", keep=True)
        except OSError as error:
            raise SetupError(
                f"expected to make a key file at {path}, got: {error.strerror}; make room there, or choose another"
            ) from error
        try:
            return cls(path.read_bytes().strip())
        except (OSError, ValueError) as error:
            raise SetupError(
                f"expected a readable key file at {path}, got: {error}; restore the file from a backup, "
                "or move it away to start with a new key (sealed PINs and provider keys are then lost)"
            ) from error

    def seal(self, secret: str) -> bytes:
        """`secret` encrypted and authenticated (Fernet: AES-128-CBC with HMAC-SHA256)."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret again; raises SetupError if it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SetupError(
                "expected a secret sealed with this installation's key file, got one sealed with another: "
                "restore the key file that belongs to the database"
            ) from error


def write_private(path: Path, data: bytes, *, keep: bool = False) -> None:
    """Write `data` to `path` atomically, readable by the owner alone; `keep`: unless another process was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if not keep:
        part.replace(path)
        return
    with suppress(FileExistsError):
        path.hardlink_to(part)
    part.unlink()
