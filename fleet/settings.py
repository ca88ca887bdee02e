"""Settings: one typed tree, read from `fleet.toml`, then from FLEET_… environment variables.

A secret is never written in the file itself: `…_file` names a file that holds it.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from fleet import inputs
from fleet.errors import SetupError
from modem_drivers.identity import normalise_imei
from modem_drivers.probe import BY_IMEI

Role = Literal["api", "ingest", "rules", "escalation", "gateway"]
"""A share of the service that a process may have; `fleet.app.PARTS` says what belongs to each."""
ROLES: tuple[Role, ...] = get_args(Role)


class Section(BaseModel):
    """A part of the tree; a key it does not know is an error, not a silent typo."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(Section):
    """`[database]`"""

    url: str = ""
    """Empty: SQLite, `fleet.db` in the data directory."""
    synchronous: Literal["FULL", "EXTRA", "OFF"] = "FULL"
    """SQLite only. OFF gives up the promise that acknowledged means on disk: for tests of that promise."""
    allow_unsafe: bool = False
    """PostgreSQL only. True accepts a server with fsync, full_page_writes or synchronous_commit off, which may lose
    what was acknowledged when the power fails."""


class HttpSettings(Section):
    """`[http]`: where the API listens; port 0 takes a free one."""

    host: str = "127.0.0.1"
    """The address it listens on; 0.0.0.0 for all. Tokens travel in the clear: outside this host, put TLS before it."""
    port: int = Field(default=8080, ge=0, le=65535)
    """0: a free one, told in the line `ready:` and in `endpoints.json`."""


class MqttSettings(Section):
    """`[mqtt]`: where devices connect; port 0 takes a free one."""

    host: str = "127.0.0.1"
    """The address it listens on; 0.0.0.0 for all."""
    port: int = Field(default=1883, ge=0, le=65535)
    """0: a free one."""


class CoapSettings(Section):
    """`[coap]`: where devices post over UDP; port 0 takes a free one."""

    enabled: bool = True
    """False: no CoAP."""
    host: str = "127.0.0.1"
    """The address it listens on."""
    port: int = Field(default=5683, ge=0, le=65535)
    """0: a free one."""


class BrokerSettings(Section):
    """`[broker]`: an MQTT broker whose devices the service listens to, beside its own endpoint."""

    url: str = Field(default="", pattern=inputs.BROKER_URL)
    """`mqtt://host:1883` or `mqtts://host:8883`; empty: none."""
    username: str = ""
    """What the service signs in with; empty: nothing."""
    password_file: Path | None = None
    """Holds its password."""
    ca_file: Path | None = None
    """What signs the broker's certificate; empty: what the system trusts."""
    share: str = Field(default="fleet", pattern=inputs.TOPIC_LEVEL)
    """Workers with the same name share the messages (`$share/NAME/…`); empty: each gets all of them."""
    client_id: str = ""
    """Another one for each worker, the same after a restart; empty: one made from the data directory."""
    session_expiry_s: float = Field(default=7 * 86400.0, ge=0, le=0xFFFFFFFE)
    """How long the broker keeps the messages of a worker that is away; longer than any restart takes."""
    window: int = Field(default=1000, ge=1, le=65535)
    """Messages taken from the broker and not yet acknowledged."""


class LogSettings(Section):
    """`[log]`"""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""
    format: Literal["json", "text"] = "json"
    """json: one object a line; text: for people."""


class ModemSettings(Section):
    """`[[modem]]`: a modem that carries texts."""

    port: str = Field(min_length=1)
    """`/dev/serial/by-path/…`, `usb:1-1.2` (what is plugged in there), `imei:490154203237518`, `socket://host:port` or
    `rfc2217://host:port`."""
    imei: str = ""
    """Only this modem; empty: whichever answers there."""
    pin_file: Path | None = None
    """Holds the PIN of its SIM, which is tried once."""
    power_switch: tuple[str, ...] = ()
    """A program and its arguments, run without a shell, that takes the modem's power away and gives it back: the last
    thing tried before a person is called."""
    power_switch_s: float = Field(default=60.0, gt=0)
    """How long that program may take."""

    @field_validator("imei")
    @classmethod
    def _whole_imei(cls, imei: str) -> str:
        return normalise_imei(imei) if imei else ""

    @field_validator("port")
    @classmethod
    def _whole_port(cls, port: str) -> str:
        return BY_IMEI + normalise_imei(port.removeprefix(BY_IMEI)) if port.startswith(BY_IMEI) else port


class ProviderSettings(Section):
    """`[[provider]]`: a connectivity provider."""

    name: str
    """What SIMs and commands call it."""
    kind: Literal["sandbox"] = "sandbox"
    """Whose API it has."""
    url: str
    """Where its API is."""
    token_file: Path | None = None
    """Holds what its API wants to see."""
    callback_secret_file: Path | None = None
    """What the provider signs its callbacks with; without it they are refused and polling alone tells."""
    poll_s: float = Field(default=30.0, gt=0)
    """Seconds between two looks at a SIM that is changing."""


class EscalationSettings(Section):
    """`[escalation]`"""

    text_expires_s: float = Field(default=900.0, gt=0)
    """How long the text of an offer may wait for a modem before the next technician is asked."""
    settle_s: float = Field(default=60.0, gt=0)
    """How long a text of unknown outcome waits for its delivery report before it is sent once more."""
    code_rest_days: float = Field(default=30.0, gt=0)
    """How long a reply code rests before the same phone may see it again."""


class IngestSettings(Section):
    """`[ingest]`"""

    clock_skew_s: float = Field(default=7 * 86400.0, gt=0)
    """A device time further in the past than this is replaced by the time of receipt."""
    clock_ahead_s: float = Field(default=600.0, gt=0)
    """The same for times in the future."""


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(env_prefix="FLEET_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Path("fleet-data")
    """Of one process: its lock file and `endpoints.json`; on SQLite also the database."""
    key_file: Path | None = None
    """The key that seals secrets in the database, the same file for every process on it; empty: `key` in the data
    directory. It is made if missing."""
    roles: frozenset[Role] = Field(default=frozenset(ROLES), min_length=1)
    """What this process does; on SQLite one process does it all."""
    public_url: str = ""
    """Under which URL a provider's callbacks reach the HTTP API; empty: the address it listens on."""
    database: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    mqtt: MqttSettings = MqttSettings()
    coap: CoapSettings = CoapSettings()
    broker: BrokerSettings = BrokerSettings()
    log: LogSettings = LogSettings()
    modem: list[ModemSettings] = []
    provider: list[ProviderSettings] = []
    escalation: EscalationSettings = EscalationSettings()
    ingest: IngestSettings = IngestSettings()

    @property
    def sealing_key(self) -> Path:
        """The key file in use."""
        return self.key_file or self.data_dir / "key"

    @property
    def database_url(self) -> str:
        """The URL of the database in use."""
        return self.database.url or f"sqlite:///{self.data_dir / 'fleet.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file (which `load` passes in)."""
        return env_settings, init_settings


def load(path: Path | None = None, **overrides: Any) -> Settings:
    """The settings of `path` (None: defaults) and the environment; `overrides` (from options) win over both.

    Raises SetupError in one sentence for a missing or unreadable file, a wrong key or a wrong value.
    """
    tree: dict[str, Any] = {}
    if path is not None:
        try:
            tree = tomllib.loads(path.read_text())
        except OSError as error:
            raise SetupError(
                f"expected a readable config file at {path}, got: {error.strerror}; write one with `fleet init`"
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            reason = "bytes that are no UTF-8 text" if isinstance(error, UnicodeDecodeError) else error
            raise SetupError(f"expected TOML in {path}, got: {reason}; correct it there") from error
    try:
        settings = Settings(**tree)
        return settings.model_copy(update=overrides) if overrides else settings
    except ValidationError as error:
        first, source = error.errors()[0], path or "the environment"
        raise SetupError(inputs.wrong(first, f"{inputs.place(first)} in {source}", "correct it there")) from error


def read_secret(path: Path | None) -> str:
    """The secret in `path`, stripped; empty for None. Raises SetupError."""
    if path is None:
        return ""
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SetupError(
            f"expected a readable secret file at {path}, got: {error.strerror}; correct the path"
        ) from error
