"""Configuration: `migcheck.toml` or `[tool.migcheck]`, one model, parsed once."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LedgerConfig(_Strict):
    """Where the ledger is, as `migrations.schema` and `migrations.table` of drizzle.config."""

    schema_: str = Field(default="drizzle", alias="schema")
    table: str = "__drizzle_migrations"


class FolderConfig(_Strict):
    """One migrations folder. `path` is relative to the file that configures it.

    `database_url` is the name of the environment variable that holds the target's URL.
    `provider` is neon or supabase (drizzle.config `entities.roles`).
    """

    path: str
    database_url: str = "DATABASE_URL"
    ledger: LedgerConfig = LedgerConfig()
    transaction: Literal["all", "each"] = "all"
    provider: Literal["neon", "supabase"] | None = None


class ScratchConfig(_Strict):
    """The disposable server. `major` 0 means the target's, else the newest at hand. Times in seconds, sizes in MiB.

    `dsn` is the name of the environment variable that holds an administrator's URL of a server to use (never the URL).
    """

    kind: Literal["auto", "dsn", "docker", "embedded", "local"] = "auto"
    image: str | None = None
    major: int = 0
    prelude: str | None = None
    search_path: str | None = None
    extensions: tuple[str, ...] = ()
    dsn: str = "MIGCHECK_SCRATCH_URL"
    timeout: int = Field(default=300, gt=0)
    disk: int = Field(default=4096, gt=0)
    memory: int = Field(default=2048, gt=0)


class ApplyConfig(_Strict):
    """Timeouts of the deploy, in seconds; 0 means none. `lock_wait` is how long to wait for another deploy."""

    lock_timeout: float = Field(default=5.0, ge=0)
    statement_timeout: float = Field(default=0.0, ge=0)
    lock_wait: float = Field(default=60.0, ge=0)


class WaiverConfig(_Strict):
    """A finding that is accepted, by whom it concerns, why and until when."""

    code: str = Field(pattern=r"^MC\d{3}$")
    migration: str
    reason: str = Field(min_length=1)
    until: date


class Config(_Strict):
    """Everything a project may say. `repeatable` asks that each new migration's raw SQL can run twice."""

    folder: tuple[FolderConfig, ...] = ()
    base: str | None = None
    repeatable: bool = False
    scratch: ScratchConfig = ScratchConfig()
    apply: ApplyConfig = ApplyConfig()
    waiver: tuple[WaiverConfig, ...] = ()
