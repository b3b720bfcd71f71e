"""drizzle.config: read, never run, because it is a program of the change under review.

Sources: drizzle-kit 0.31 `drizzleConfigFromFile` (names and their order), config schema (`out` defaults to
"./drizzle"; `migrations` to `drizzle.__drizzle_migrations`); drizzle-kit 0.20 (`driver: "pg"` before `dialect`).
"""

import re
from collections.abc import Callable
from posixpath import normpath
from typing import TypeVar

from msgspec import Struct

from migcheck.drizzle.ledger import LedgerName
from migcheck.regex import regex
from migcheck.typescript import plain
from migcheck.typescript.beside import Beside, importing, nowhere
from migcheck.typescript.plain import BesideFile, Fields, Value
from migcheck.typescript.syntax import LARGEST

FILE_NAMES = tuple(f"drizzle.config.{suffix}" for suffix in ("ts", "mts", "cts", "js", "mjs", "cjs", "json"))

# What people call a second one, for `drizzle-kit --config`.
_OTHER_NAME = regex(r"drizzle\d*(?:[.-][\w.-]+)?\.config(?:\.[\w-]+)?\.(?:[mc]?[jt]s|json)", re.ASCII)
_DEFAULT_OUT = "./drizzle"
# The keys of `dbCredentials` that say where the database is.
_PLACES = ("url", "connectionString", "host")
# As people have a variable in TypeScript: process.env.X, env["X"], env("X"), Deno.env.get("X").
_VARIABLE = regex(
    r"\b(?:[\w.]{1,40}\.)?env(?:\.|\?\.|(?:\?\.)?\[[\"'`]|\([\"'`]|\.get\([\"'`])(?P<name>(?!get\b)[A-Za-z_]\w{0,99})"
    r"(?:[\"'`][\])])?",
    re.ASCII,
)
# What may stand behind the one that is the value itself: else it is a condition for it, or a part.
_ALONE = regex(r"!?\s*(?:$|as\b|\?\?|\|\|)")
# What of a filter lets ours through. drizzle-kit takes `extensionsFilters` for those of extensions.
PGLITE = "pglite"
"""The driver of a database inside the program, in a directory of its machine."""
_POSTGRES_DRIVERS = frozenset({"pg", "aws-data-api", PGLITE})
_Read = TypeVar("_Read")


class Unread(Struct, frozen=True):
    """A value that only running the file would tell. `line` is 1-based."""

    line: int
    problem: str


class DrizzleConfig(Struct, frozen=True):
    """A configuration of a Postgres project. `out` is as written; `provider` is neon, supabase or None.

    `beside`: `out` begins in the configuration's directory, wherever drizzle-kit is run. `address` is where it says the
    database is, an expression as its source; empty where it says so in no `url`. `constants` are the URLs and hosts
    that say so, where all of them are texts of the file itself; empty where the environment may say another. `inside`:
    the database runs inside the program (PGlite).
    """

    path: str
    out: str | Unread
    ledger: LedgerName | Unread
    provider: str | Unread | None = None
    address: str = ""
    beside: bool = False
    constants: tuple[str, ...] = ()
    inside: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that `address` is; empty where it is none, or one of several."""
        found = _VARIABLE.match(self.address)
        names = {each["name"] for each in _VARIABLE.finditer(self.address)}
        alone = found and len(names) == 1 and _ALONE.match(self.address, found.end())
        return found["name"] if found and alone else ""


class OtherDialect(Struct, frozen=True):
    """A configuration for another database; `out` and `beside` are as in DrizzleConfig."""

    path: str
    dialect: str
    out: str | Unread = _DEFAULT_OUT
    beside: bool = False


class UnreadableConfig(Struct, frozen=True):
    """A configuration of which not even the dialect can be told without running it."""

    path: str
    why: Unread


class _NotPlainError(Exception):
    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


def is_config_name(name: str) -> bool:
    """Whether a file called `name` may be a configuration: of FILE_NAMES, or one that drizzle-kit has to be told of."""
    return name in FILE_NAMES or _OTHER_NAME.fullmatch(name) is not None


def read_config(path: str, content: bytes, beside: Beside = nowhere) -> DrizzleConfig | OtherDialect | UnreadableConfig:
    """Read the keys migcheck needs. What cannot be read statically is said, never guessed.

    `path` is for messages, and to find what lies `beside` it, of which it may take constants.
    """
    # It brings all that reads a file, and a hook mostly needs only the names of configurations.
    from migcheck.typescript.exported import default_export  # noqa: PLC0415

    if len(content) > LARGEST:
        return UnreadableConfig(path, Unread(1, f"the file is larger than {LARGEST // 1024} KiB"))
    value = default_export(path, content, importing(path, beside))
    found = _read(lambda: _config(path, _object("the configuration", value)))
    return UnreadableConfig(path, found) if isinstance(found, Unread) else found


def _config(path: str, root: Fields) -> DrizzleConfig | OtherDialect:
    dialect, written = _dialect(root), root.get("out")
    beside = isinstance(written, BesideFile)
    path_or_text = normpath(written.path) if isinstance(written, BesideFile) else written
    out = _read(lambda: _text("out", path_or_text) or _DEFAULT_OUT)
    if dialect != "postgresql":
        return OtherDialect(path, dialect, out, beside)
    return DrizzleConfig(
        path=path,
        out=out,
        ledger=_read(lambda: _ledger(_object("migrations", root.get("migrations")))),
        provider=_read(lambda: _provider(root)),
        address=_address(root.get("dbCredentials")),
        beside=beside,
        constants=_constants(root.get("dbCredentials")),
        inside=root.get("driver") == PGLITE,
    )


def _read(value: Callable[[], _Read]) -> _Read | Unread:
    try:
        return value()
    except _NotPlainError as error:
        return Unread(error.line, str(error))


def _ledger(migrations: Fields) -> LedgerName:
    default = LedgerName()
    return LedgerName(
        schema=_text("migrations.schema", migrations.get("schema")) or default.schema,
        table=_text("migrations.table", migrations.get("table")) or default.table,
    )


def _dialect(root: Fields) -> str:
    dialect = _text("dialect", root.get("dialect"))
    if dialect:
        return dialect
    driver = _text("driver", root.get("driver"))
    if not driver:
        raise _NotPlainError(1, "neither `dialect` nor `driver` is given")
    return "postgresql" if driver in _POSTGRES_DRIVERS else driver


def _provider(root: Fields) -> str | None:
    roles = _object("entities", root.get("entities")).get("roles")
    match roles:
        case None | bool():
            return None
        case _:
            return _text("entities.roles.provider", _object("entities.roles", roles).get("provider")) or None


def _address(credentials: Value) -> str:
    match credentials:
        case Fields():
            match credentials.items.get("url", credentials.items.get("connectionString")):
                case str(url) | plain.Unread(text=url):
                    return url.rstrip("!")
                case _:
                    return ""
        case _:
            return ""


def _constants(credentials: Value) -> tuple[str, ...]:
    found = [credentials.get(key) for key in _PLACES] if isinstance(credentials, Fields) else []
    said = [each for each in found if each is not None]
    texts = tuple(each for each in said if isinstance(each, str))
    return texts if len(texts) == len(said) else ()


def _object(key: str, value: Value) -> Fields:
    match value:
        case Fields():
            return value
        case None:
            return Fields({})
        case plain.Unread():
            raise _not_plain(key, value)
        case _:
            raise _NotPlainError(1, f"{key} is not an object")


def _text(key: str, value: Value) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case plain.Unread():
            raise _not_plain(key, value)
        case _:
            raise _NotPlainError(1, f"`{key}` is not a string")


def _not_plain(key: str, value: plain.Unread) -> _NotPlainError:
    at = f" ({value.place})" if value.place else ""
    name = key if key.startswith("the ") else f"`{key}`"
    return _NotPlainError(value.line, f"{name} cannot be read without running the file: {value.text}{at}")
