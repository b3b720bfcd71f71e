"""Commands of other tools that migrate a Postgres.

Facts: prisma.io "CLI reference"; knexjs.org "Migration CLI"; typeorm.io "Executing and reverting"; sequelize-cli,
node-pg-migrate, dbmate, goose, Flyway, sqitch, Atlas and Liquibase: what each says with `--help`; sqlalchemy.org
(Alembic) "Tutorial", "Generating SQL Scripts" (`--sql` runs nothing); supabase.com "CLI Reference" (`db push` goes to
what is linked, `migration up` to the local database, where no option says otherwise).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from posixpath import basename

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.options import options_of, plain
from migcheck.scripts.shell.programs import VALUED

_OF_NODE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "prisma": (("migrate", "deploy"), ("db", "push")),
    "knex": (("migrate:latest",), ("migrate:up",)),
    "node-pg-migrate": (("up",),),
    "typeorm": (("migration:run",),),
    "typeorm-ts-node-commonjs": (("migration:run",),),
    "typeorm-ts-node-esm": (("migration:run",),),
    "sequelize": (("db:migrate",),),
    "sequelize-cli": (("db:migrate",),),
    "supabase": (("db", "push"), ("migration", "up"), ("migrations", "up")),
}
_OTHERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "dbmate": (("up",), ("migrate",)),
    "goose": (("up",), ("up-by-one",), ("up-to",)),
    "flyway": (("migrate",),),
    "sqitch": (("deploy",),),
    "atlas": (("migrate", "apply"), ("schema", "apply")),
    "liquibase": (("update",),),
    "alembic": (("upgrade",),),
}
_TOOLS = {**_OF_NODE, **_OTHERS}
_KINDS = (
    "(?:clickhouse|mysql2?|mariadb|(?:better-)?sqlite3?|libsql|mssql|sqlserver|oracle(?:db)?|mongodb|bigquery|snowflake"
    "|cassandra|scylla)"
)
_DRIVER = regex(_KINDS, re.IGNORECASE)
# `mysql:/data` is a volume of Docker's.
_ADDRESS = regex(rf"(?:[\w.-]+=)?[\"']?(?:(?:jdbc|db):)?{_KINDS}(?:\+\w+)?:(?!/(?!/)).*", re.IGNORECASE | re.DOTALL)
_FILE = "file:"
_OF_MIGRATIONS = frozenset({"d", "dir", "migrations-dir", "migrations-path", "m", "schema"})
"""Options that name what is run: a directory of it may be called as its database is."""
_SHOWS = frozenset({"h", "help", "dry-run", "dryRunOutput", "log-only"})
"""Options with which a tool only shows what it would run, or what it can."""
_RUNS_NOTHING: Mapping[str, frozenset[str]] = {"alembic": _SHOWS | {"sql"}, "supabase": _SHOWS | {"local"}}
"""Those of one tool, and those with which it goes to a database of one's own."""
_OF_ALEMBIC = frozenset({"c", "config", "n", "name", "x"})
"""Options of Alembic's that take a value and stand before what it is told to do."""
_OUTSIDE = frozenset({"linked", "db-url"})
"""Options of Supabase's that name a database which is not the local one."""
NAMES = tuple(_TOOLS)


class OtherTool(Struct, frozen=True):
    """A command of another tool that migrates. `of_node`: it lies among a package's dependencies."""

    name: str
    of_node: bool


def other_tools(words: Sequence[str]) -> Iterator[OtherTool]:
    """The other tool that the command `words` has migrate, if it does."""
    for at, word in enumerate(words):
        name = basename(word).partition("@")[0].partition(":")[0]
        named = at > 0 and words[at - 1].startswith("-") and words[at - 1].lstrip("-") in VALUED
        if name in _TOOLS and not named:
            rest = words[at + 1 :]
            told = any(_stands_in(verb, plain(rest)) for verb in _TOOLS[name])
            if told and not _is_of_another_kind(words, rest) and not _runs_nothing(name, rest):
                yield OtherTool(name, name in _OF_NODE)
            return


def _runs_nothing(tool: str, words: Sequence[str]) -> bool:
    """Whether the words behind `tool` say that it changes no database, or only one of a person's own."""
    options = frozenset(options_of(words))
    if tool == "supabase" and "push" not in plain(words) and options.isdisjoint(_OUTSIDE):
        return True
    if tool == "alembic" and next(iter(plain(words, _OF_ALEMBIC)), "") != "upgrade":
        return True
    return not options.isdisjoint(_RUNS_NOTHING.get(tool, _SHOWS))


def is_elsewhere(address: str) -> bool:
    """Whether an address is that of another kind of database."""
    return address.startswith(_FILE) or _ADDRESS.fullmatch(address) is not None


def is_another_kind(name: str) -> bool:
    """Whether `name` is that of a kind of database, or of its driver, that is no Postgres."""
    return _DRIVER.fullmatch(name) is not None


def _is_of_another_kind(words: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether a command names another kind of database: by an address, or `behind` the tool by a driver.

    A word in a path is none: `services/oracle-feed` may hold a Postgres.
    """
    if any(map(_ADDRESS.fullmatch, words)):
        return True
    if any(_DRIVER.fullmatch(each.rpartition("=")[2]) for each in behind if "://" not in each):
        return True
    options = options_of(behind).items()
    parts = (part for name, value in options if name in _OF_MIGRATIONS for part in value.split("/"))
    return any(map(_DRIVER.fullmatch, parts))


def _stands_in(verb: tuple[str, ...], words: Sequence[str]) -> bool:
    """Whether the words of `verb` follow each other; before them may stand the values of options."""
    return any(tuple(words[at : at + len(verb)]) == verb for at in range(len(words)))
