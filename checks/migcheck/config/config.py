"""Configuration: `migcheck.toml` or `[tool.migcheck]`, one model, parsed once."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from migcheck.route import Transport

VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
CODE = r"^MC[0-9]{3}$"
DURATION = r"^[0-9]{1,4}[hd]$"
Kind = Literal["auto", "dsn", "docker", "embedded", "local"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What `kind` may be: `auto`, then the kinds of servers in the order in which it tries them."""
Opinion = Literal[
    "ban-char-field",
    "identifier-too-long",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-jsonb",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamp-tz",
    "require-table-schema",
]
"""Rules of Squawk's on style alone, and one of our own: `prefer-jsonb`."""
Provider = Literal["neon", "supabase"]


class StartFrom(StrEnum):
    """What a rehearsal of a deploy begins with: what the files build, or a copy of the target's schema."""

    FILES = "files"
    TARGET = "target"


Variable = Annotated[str, Meta(pattern=VARIABLE)]
# Postgres counts milliseconds in 31 bits, and takes no longer timeout than these 23 days.
_LONGEST = 2_000_000
# A pebibyte: what is larger is a slip of the pen.
_LARGEST = 1_073_741_824
_HIGHEST_MAJOR = 99
# Of tables Postgres keeps an estimate in floating point: beyond this no two counts in a row could be told apart.
_MOST_ROWS = 2**53
Mebibytes = Annotated[int, Meta(gt=0, le=_LARGEST)]
Rows = Annotated[int, Meta(gt=0, le=_MOST_ROWS)]
Limit = Annotated[int, Meta(gt=0, le=_LONGEST)]
Seconds = Annotated[float, Meta(ge=0, le=_LONGEST)]
Major = Annotated[int, Meta(gt=0, le=_HIGHEST_MAJOR)]
Duration = Annotated[str, Meta(pattern=DURATION)]
"""Hours or days: `36h`, `2d`."""
Words = Annotated[str, Meta(min_length=1)]


class _Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file; a key that it does not have is a mistake."""


class LedgerConfig(_Strict, frozen=True):
    """Where the ledger is, as `migrations.schema` and `migrations.table` of drizzle.config."""

    schema: Words = "drizzle"
    table: Words = "__drizzle_migrations"


class AssumedLedger(LedgerConfig, frozen=True):
    """Drizzle's default in place of a ledger that nobody could read; `why` says so, with `file:line`.

    Enough for a rehearsal. Nothing is read from a target or written to one in its name.
    """

    why: str = ""


class FolderConfig(_Strict, frozen=True):
    """One migrations folder. `path` is relative to the file that configures it.

    `database_url` is the name of the environment variable that holds the target's URL, `transport` the way there.
    `provider` is whose roles, and of Supabase whose objects, scratch gets (drizzle.config `entities.roles.provider`).
    """

    path: Words
    database_url: Variable = "DATABASE_URL"
    transport: Transport = Transport.AUTO
    ledger: LedgerConfig = LedgerConfig()
    transaction: Literal["all", "each"] = "all"
    provider: Provider | None = None


class MigrationConfig(_Strict, frozen=True):
    """What is said of one migration, by its tag.

    `folder` is the one that has it, relative to the file as a folder's own path is: needed where several have that tag.
    `transaction = "none"`: its statements run alone, each in no transaction but its own. The timeouts, in seconds, take
    the place of the deploy's.
    """

    tag: Words
    transaction: Literal["none"] | None = None
    statement_timeout: Seconds | None = None
    lock_timeout: Seconds | None = None
    folder: Words | None = None


class ScratchConfig(_Strict, frozen=True):
    """The disposable server. Times in seconds, sizes in MiB.

    `major` is the only one that will do; left out, it is the target's, else what is at hand.
    `dsn` is the name of the environment variable that holds an administrator's URL of a server to use (never the URL).
    `start_from` says what stands for what is applied.
    """

    kind: Kind = "auto"
    image: str | None = None
    major: Major = 0
    prelude: Words | None = None
    search_path: str | None = None
    extensions: tuple[str, ...] = ()
    dsn: Variable = "MIGCHECK_SCRATCH_URL"
    timeout: Limit = 300
    disk: Mebibytes = 4096
    memory: Mebibytes = 2048
    start_from: StartFrom = StartFrom.FILES


class ApplyConfig(_Strict, frozen=True):
    """Timeouts of the deploy, in seconds; 0 means none. `lock_wait` is how long to wait for another deploy.

    `retry_for` is how long after it first met another's lock a transaction may begin anew.
    `clearance_age` is how long a clearance in a file is good for.
    """

    lock_timeout: Seconds = 5.0
    statement_timeout: Seconds = 0.0
    lock_wait: Seconds = 60.0
    retry_for: Seconds = 60.0
    clearance_age: Duration = "7d"


class SqlConfig(_Strict, frozen=True):
    """Which tables are so large that to read all of one, while others wait for it, is an error.

    `big_tables` are named, as `schema.table`, or `table` of the schema public, without quotes; where they are, a
    table that no target tells the size of is not among them, but for the partitions of one that is. Of others the
    target's size decides: `big_rows`, or `big_size` in MiB with indexes. `queries` is a pattern of the files that
    hold the project's own queries, `seed` the file that puts the project's own rows into the tables of base.
    `opinions` on style are none unless they are asked for.
    """

    big_tables: tuple[Words, ...] | None = None
    big_rows: Rows = 1_000_000
    big_size: Mebibytes = 1024
    queries: Words | None = None
    seed: Words | None = None
    opinions: tuple[Opinion, ...] = ()


class HistoryConfig(_Strict, frozen=True):
    """How strictly what has landed is kept.

    `grace` is how long after a migration landed an edit of its file only warns, where no ledger is known.
    """

    grace: Duration = "0h"


class WaiverConfig(_Strict, frozen=True):
    """A finding that is accepted, by whom it concerns, why and until when.

    `migration` is a tag, the path that stands at a finding of no one migration, or "*" for any. `folder` is the one
    whose findings are meant, relative to the file as a folder's own path is: needed where several have that tag.
    """

    code: Annotated[str, Meta(pattern=CODE)]
    migration: Words
    reason: Words
    until: date
    folder: Words | None = None


class Config(_Strict, frozen=True):
    """Everything a project may say.

    `repeatable` asks that each new migration's raw SQL can run twice. `guide` is the file that `migcheck guide` writes.
    """

    folder: tuple[FolderConfig, ...] = ()
    base: str | None = None
    repeatable: bool = False
    guide: Words | None = None
    scratch: ScratchConfig = ScratchConfig()
    apply: ApplyConfig = ApplyConfig()
    migration: tuple[MigrationConfig, ...] = ()
    history: HistoryConfig = HistoryConfig()
    sql: SqlConfig = SqlConfig()
    waiver: tuple[WaiverConfig, ...] = ()

    def said_of(self, folder: str) -> tuple[MigrationConfig, ...]:
        """What is said of the migrations of `folder`."""
        return tuple(each for each in self.migration if each.folder in (None, folder))

    def outside(self, folder: str) -> frozenset[str]:
        """The tags of the migrations of `folder` that run outside of a transaction."""
        return frozenset(each.tag for each in self.said_of(folder) if each.transaction == "none")


def seconds_of(duration: str) -> int:
    """The seconds of a `Duration`."""
    return int(duration[:-1]) * {"h": 3600, "d": 86_400}[duration[-1]]
