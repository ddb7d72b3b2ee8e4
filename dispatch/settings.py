"""All settings of the server: one typed object, read from the environment once, at the start.

In: environment variables `KIWIMESH_<FIELD>`, and `DATABASE_URL` and `REDIS_URL` by their usual names. Out: a frozen
`Settings`. Invariants: every field says what it does (docs/settings.md is generated from here); nothing but bootstrap
and the command line reads the environment; a secret never shows in a repr.
"""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Self

from platformdirs import user_cache_path, user_data_path
from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

CALLS_FOLDER: Final = "calls"
"""Below the data folder: a folder for each call."""
TENANT_KEYS: Final = "secrets/tenants.json"
"""Below the data folder: the keys that recordings and transcripts are sealed with."""
ENV_PREFIX: Final = "KIWIMESH_"
MODEL_CACHE: Final = user_cache_path("kiwimesh") / "models"
"""Where unpacked speech models are kept: shared by all data folders of a user, and made again when it is gone."""


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


class EngineDevice(StrEnum):
    """What speech engines compute on."""

    CPU = "cpu"
    CUDA = "cuda"


class LogLevel(StrEnum):
    """The least severe line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _split(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _networks(value: Any) -> Any:
    return tuple(ip_network(part, strict=False) if isinstance(part, str) else part for part in _split(value))


Network = IPv4Network | IPv6Network
CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


class Settings(BaseSettings):
    """What a server process is told from outside."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, populate_by_name=True, extra="ignore"
    )

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("kiwimesh"),
        description="Folder for journals, the embedded servers' data and keys. Default: the user's own data folder.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on. `0.0.0.0` opens the server to the network; set up TLS then, browsers give "
        "no microphone to a plain http page of another machine.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes any free one.")
    tls_certificate: Path | None = Field(
        default=None, description="PEM file with the certificate chain. Together with the key it turns on TLS."
    )
    tls_key: Path | None = Field(default=None, description="PEM file with the certificate's private key.")
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL 15 or newer, as `postgresql://user:password@host/database`. Unset: an embedded "
        "PostgreSQL in the data folder.",
    )
    database_owner_url: SecretStr | None = Field(
        default=None,
        description="The same database with the login that owns its tables, used for migrations alone. Unset: "
        "`DATABASE_URL` does both.",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        validation_alias="REDIS_URL",
        description="Valkey or Redis, as `redis://host:6379/0`; nothing but a health check uses it yet. Unset: an "
        "embedded Valkey beside an embedded PostgreSQL, and none beside `DATABASE_URL`.",
    )
    public_number: str = Field(
        default="112",
        pattern=r"^\+?[0-9 ()-]{2,24}$",
        description="The public emergency number that callers are told to ring when nobody answers them here.",
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="Networks, separated by commas, whose `X-Forwarded-For` header is believed.",
    )
    allowed_origins: CommaSeparated = Field(
        default=(),
        description="Web origins besides the server's own that may connect, separated by commas, as "
        "`https://console.example.org`.",
    )
    retention_days: int = Field(
        default=30, ge=1, description="Days that a closed call's sound is kept on this node's disk."
    )
    journal_min_free_bytes: int = Field(
        default=512 * 1024 * 1024,
        ge=0,
        description="Free space that the data folder's disk should keep: below it the oldest closed calls' sound is "
        "deleted early, once their log is in the database.",
    )
    log_level: LogLevel = Field(default=LogLevel.INFO, description="The least severe log line that is written.")
    log_format: LogFormat = Field(
        default=LogFormat.CONSOLE, description="`console` for people, `json` for log collectors."
    )
    model: str = Field(default="base", description="Name of the speech model; `kiwimesh models list` shows them.")
    engine_processes: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Speech engines, each a process of its own with a copy of the model. Unset: one a core, 4 at most.",
    )
    engine_device: EngineDevice = Field(
        default=EngineDevice.CPU,
        description="What speech engines compute on, `cpu` or `cuda`. Without an NVIDIA GPU `cuda` is refused: the log "
        "says so, and calls go on without transcripts.",
    )
    engine_compute_type: str | None = Field(
        default=None,
        pattern=r"^(int8|int8_float32|float32|int16|float16|bfloat16|int8_float16|int8_bfloat16)$",
        description="Numbers that speech engines compute in, as CTranslate2 names them. Unset: `int8` on a CPU, "
        "`int8_float16` on a GPU; `float16` there is a little more exact. One that the device cannot do is refused.",
    )
    escalate_all_seats_s: float = Field(
        default=10, ge=0, description="Seconds of ringing after which a call rings at all seats of its centre."
    )
    escalate_supervisor_s: float = Field(
        default=20, ge=0, description="Seconds of ringing after which it rings at the supervisor too."
    )
    escalate_overflow_s: float = Field(
        default=30, ge=0, description="Seconds of ringing after which it rings at the overflow centre too."
    )
    reconnect_grace_s: float = Field(
        default=120, ge=0, description="Seconds that a caller whose connection broke may take to come back."
    )
    drain_s: float = Field(
        default=0,
        ge=0,
        le=600,
        description="Seconds between being told to stop and closing the doors. Meanwhile `/health/ready` answers 503, "
        "so that a proxy sends new connections elsewhere; who comes all the same is served.",
    )
    stand_by: bool = Field(
        default=False,
        description="Whether a server that finds its data folder in use waits, ready to take the calls over as soon as "
        "the other server ends, instead of refusing to start.",
    )
    map_dir: Path | None = Field(
        default=None,
        description="Folder with a `style.json` of MapLibre and the files that it names: the streets behind the units "
        "on the operators' map. Unset: the map shows units and incidents alone.",
    )
    backup_dir: Path | None = Field(
        default=None,
        description="Folder into which a job writes backups: the database, calls' sound and logs, files; never keys. "
        "Unset: nobody makes backups by itself.",
    )
    backup_cron: str = Field(
        default="30 2 * * *",
        pattern=r"^\S+( \S+){4}$",
        description="When: the five fields of cron, in UTC.",
    )
    backup_keep: int = Field(default=14, ge=1, description="How many backups are kept; older ones are deleted.")
    backup_copy: bool = Field(
        default=False, description="Also copy each backup into the bucket of S3, and keep as many there."
    )
    backup_database_url: SecretStr | None = Field(
        default=None,
        description="The same database with a login that sees every row (a superuser, or one with BYPASSRLS). Unset: "
        "`DATABASE_URL`, or the embedded server's own.",
    )
    sentry_dsn: SecretStr | None = Field(
        default=None,
        description="DSN of a Sentry project, or of a server that speaks its protocol. Errors go there with ids, role "
        "and tenant, never with personal data. Unset: errors are lines in the log alone.",
    )
    worker_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port on which `kiwimesh worker` offers `/metrics` and `/health`; 0 takes any free one. Unset: no "
        "such door.",
    )
    jobs_in_server: bool = Field(
        default=True,
        description="Whether the server carries out jobs itself. Off where `kiwimesh worker` processes do.",
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^/]+)?$",
        description="Address under which providers reach this server, as `https://kiwimesh.example.org`; webhooks of "
        "a provider go to `/v1/webhooks/<name>` below it.",
    )
    geocoder_url: str = Field(
        default="",
        description=(
            "Root of a Nominatim of your own, such as `http://nominatim:8080`, for addresses that no gazetteer has: "
            "it is sent the words of the address and nothing else. Unset: nobody is asked."
        ),
    )
    currency: str = Field(default="eur", pattern=r"^[a-z]{3}$", description="ISO 4217 code of all prices.")
    stripe_key: SecretStr | None = Field(
        default=None, description="Secret key of Stripe. Unset: payments are only written to the outbox."
    )
    stripe_webhook_secret: SecretStr | None = Field(default=None, description="Signing secret of Stripe's webhook.")
    stripe_url: str = Field(default="https://api.stripe.com", description="Address of Stripe's API.")
    twilio_account: str = Field(default="", description="Account SID of Twilio.")
    twilio_token: SecretStr | None = Field(
        default=None, description="Auth token of Twilio. Unset: messages are only written to the outbox."
    )
    twilio_sender: str = Field(default="", description="Number that messages come from, as `+441234567890`.")
    twilio_url: str = Field(default="https://api.twilio.com", description="Address of Twilio's API.")
    fcm_account: Path | None = Field(
        default=None, description="Key file of a Firebase service account. Unset: pushes only go to the outbox."
    )
    fcm_url: str = Field(default="https://fcm.googleapis.com", description="Address of Firebase Cloud Messaging.")
    pharmacy_url: str = Field(default="", description="Address of the pharmacy's order interface.")
    pharmacy_secret: SecretStr | None = Field(
        default=None, description="Secret shared with the pharmacy. Unset: orders are only written to the outbox."
    )
    s3_url: str = Field(default="", description="Address of an S3 server, as `https://s3.eu-central-1.amazonaws.com`.")
    s3_bucket: str = Field(default="kiwimesh", description="Bucket for files.")
    s3_region: str = Field(default="us-east-1", description="Region that S3 requests are signed for.")
    s3_access_key: str = Field(default="", description="Access key of S3.")
    s3_secret_key: SecretStr | None = Field(
        default=None, description="Secret key of S3. Unset: files lie in the data folder."
    )
    llm_policy: Path | None = Field(
        default=None,
        description="Policy file of the language-model router, read again whenever it changes. Unset: the policy that "
        "ships with the server.",
    )
    ollama_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Address of an Ollama server, as `http://127.0.0.1:11434`. Unset: no language model; the rules "
        "triage alone.",
    )

    @field_validator("data_dir", "tls_certificate", "tls_key", "llm_policy", "fcm_account", "map_dir", "backup_dir")
    @classmethod
    def _expand_home(cls, path: Path | None) -> Path | None:
        return path.expanduser() if path else None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("TLS needs both tls_certificate and tls_key; one of them is missing")
        if not self.escalate_all_seats_s <= self.escalate_supervisor_s <= self.escalate_overflow_s:
            raise ValueError("a call escalates to all seats, then the supervisor, then overflow: times must rise")
        if self.backup_copy and (self.backup_dir is None or self.s3_secret_key is None):
            raise ValueError("copies of backups need backup_dir and the s3_ settings")
        return self

    @property
    def tls(self) -> bool:
        """Whether the server speaks TLS."""
        return self.tls_certificate is not None

    @property
    def backup_spare_bytes(self) -> int:
        """What a backup leaves free on its disk: so much that calls' sound is not deleted early to make room for it."""
        return 2 * self.journal_min_free_bytes


def environment_name(field: str) -> str:
    """The environment variable that sets a field."""
    return field.upper() if field in {"database_url", "redis_url"} else f"{ENV_PREFIX}{field.upper()}"


def settings_page() -> str:
    """The page docs/settings.md: every setting with its variable, its default and what it does."""
    rows = [
        f"| `{environment_name(name)}` | {_shown_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join([_PAGE_HEAD, *rows, ""])


def _shown_default(name: str) -> str:
    if name == "data_dir":
        return "per user"
    default = Settings.model_fields[name].default
    return "unset" if default is None or default == () else f"`{default}`"


_PAGE_HEAD = """# Settings

Generated from `dispatch/settings.py` by `python -m dispatch.settings > docs/settings.md`; a test fails when the two
differ.

A setting is an environment variable. Command-line options such as `--data` and `--port` win over it.

| variable | default | what it does |
|---|---|---|"""


if __name__ == "__main__":
    print(settings_page(), end="")
