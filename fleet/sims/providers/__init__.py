"""Connectivity providers, one file per provider API; `connect` makes the adapter that the settings name."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from fleet.errors import SetupError, Unauthorized
from fleet.settings import ProviderSettings
from fleet.sims.providers import sandbox
from fleet.sims.providers.base import Provider


def check(configured: Iterable[ProviderSettings]) -> None:
    """Raises SetupError where two providers have one name, or a file they name cannot be read."""
    names: set[str] = set()
    for settings in configured:
        if settings.name in names:
            raise SetupError(
                f"expected each [[provider]] to have a name of its own, got {settings.name!r} twice: rename one"
            )
        names.add(settings.name)
        _secret(settings.token_file, f"provider {settings.name}, token_file")
        _secret(settings.callback_secret_file, f"provider {settings.name}, callback_secret_file")


def connect(settings: ProviderSettings, public_url: str) -> Provider:
    """The adapter for `settings`; its callbacks go to the service at `public_url`. Raises SetupError.

    Without a callback secret the provider is not asked to call back; without a token the sandbox's own is used.
    """
    token = _secret(settings.token_file, f"provider {settings.name}, token_file")
    callback_url = f"{public_url}/v1/providers/{settings.name}/callback" if public_url else ""
    return sandbox.SandboxProvider(
        settings.url, token or sandbox.TOKEN, callback_url if settings.callback_secret_file else ""
    )


def read_callback(settings: ProviderSettings, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The ICCID that a provider's callback tells of; raises Unauthorized where it does not prove its sender."""
    secret = _secret(settings.callback_secret_file, f"provider {settings.name}, callback_secret_file")
    if not secret:
        raise Unauthorized(
            f"expected callback_secret_file for provider {settings.name}, got none: without it callbacks are refused"
        )
    return sandbox.read_callback(secret, headers, body, now)


def _secret(path: Path | None, what: str) -> str:
    if path is None:
        return ""
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise SetupError(f"expected a readable file at {path} ({what}), got: {reason}; correct the path") from error
