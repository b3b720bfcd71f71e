"""Where source code calls one of Drizzle's migrators, and with what.

Source: drizzle-orm 0.45 and 1.0.0-rc.5, `drizzle-orm/<driver>/migrator` and `MigrationConfig` of migrator.js.
"""

from collections.abc import Iterator

from msgspec import Struct

from migcheck.regex import regex
from migcheck.sources.later import Holder
from migcheck.sources.module import Call, Module
from migcheck.typescript.plain import BesideFile, Fields, Unread, Value
from migcheck.typescript.values import value_of

WORD = "/migrator"
"""What a file holds that imports one."""

_MODULE = regex(r"drizzle-orm/(?P<driver>[\w/-]+)/migrator(?:\.c?js)?")
_SERVER_DRIVERS = frozenset(
    {
        "aws-data-api/pg",
        "bun-sql",
        "bun-sql/postgres",
        "effect-postgres",
        "neon-http",
        "neon-serverless",
        "netlify-db",
        "node-postgres",
        "pg-proxy",
        "postgres-js",
        "vercel-postgres",
        "xata-http",
    }
)
"""Those that reach a Postgres server. PGlite is a database inside the program: nobody deploys to it."""
_CONFIG_AT = 1


class MigrateCall(Struct, frozen=True):
    """A call of a migrator. `holder` is the function it stands in.

    `folder` is `migrationsFolder`; `table` and `schema` are None where they are left to Drizzle's default.
    `goes_on` is why the file goes on where the call fails, empty where that is not sure; `caught`: whoever calls its
    function learns nothing of the failure either. `may_end`: its function may end the program where it fails.
    """

    path: str
    line: int
    driver: str
    holder: Holder
    folder: str | BesideFile | Unread
    table: str | Unread | None
    schema: str | Unread | None
    goes_on: str = ""
    caught: bool = False
    may_end: bool = False

    @property
    def meaning(self) -> tuple[object, ...]:
        """What is called with what, wherever it stands."""
        return ("migrate", self.driver, self.folder, self.table, self.schema)


def migrate_calls(module: Module) -> Iterator[MigrateCall]:
    """The calls of migrators for Postgres servers."""
    for call in module.calls:
        if call.imported is None or call.imported.name != "migrate":
            continue
        found = _MODULE.fullmatch(call.imported.source)
        if found and found["driver"] in _SERVER_DRIVERS:
            yield _read(module, call, found["driver"])


def _read(module: Module, call: Call, driver: str) -> MigrateCall:
    config = value_of(call.arguments[_CONFIG_AT], module) if len(call.arguments) > _CONFIG_AT else Unread("")
    folder, table, schema = _given(config)
    return MigrateCall(
        path=module.path,
        line=call.line,
        driver=driver,
        holder=call.holder,
        folder=folder if isinstance(folder, str | BesideFile | Unread) else Unread(""),
        table=_word(table),
        schema=_word(schema),
        goes_on=module.fate(call),
        caught=bool(call.goes_on),
        may_end=call.may_end,
    )


def _given(config: Value) -> "tuple[Value | None, Value | None, Value | None]":
    match config:
        case Fields():
            return config.get("migrationsFolder"), config.get("migrationsTable"), config.get("migrationsSchema")
        case str() | BesideFile():
            # drizzle-orm takes the folder alone, too.
            return config, None, None
        case Unread():
            return config, config, config
        case _:
            return Unread(""), None, None


def _word(value: Value | None) -> str | Unread | None:
    return value if isinstance(value, str | Unread | None) else Unread("")
