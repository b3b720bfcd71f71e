"""Which environment variables a source file takes the address of a Postgres from, and whether two are of one database.

Facts: knexjs.org "Configuration options" (`connection`), sequelize.org "Getting Started" (`new Sequelize(url)`),
sequelize-cli README (`use_env_variable`), typeorm.io "DataSource Options" (`url`), prisma.io "Connection URLs" (`env`).
Vercel's and Neon's integrations have several names for one database: POSTGRES_URL, DATABASE_URL_UNPOOLED.
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from posixpath import basename, dirname, join, normpath, splitext

from migcheck.regex import regex
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.other_tools import is_another_kind
from migcheck.typescript.syntax import SUFFIXES

_COMMENT = regex(r"^[ \t]*+[*#].*$|(?:^|(?<=\s))//.*$", re.MULTILINE)
_READ = regex(
    r"(?P<before>(?:\b(?:connection|connectionString|url)[\"']?\s{0,20}:\s{0,20}(?:\{\s{0,20}\w{1,30}:\s{0,20})?"
    r"|\bnew (?:Sequelize|Pool|Client)\(\s{0,20})?)"
    r"\b(?:[\w.]{1,40}\.)?env(?:\.|\?\.|\[[\"'`]|\([\"']|\.get\([\"'])(?P<name>[A-Z][A-Z0-9_]{1,80})\b",
    re.ASCII,
)
_NAMED = regex(r"\buse_env_variable[\"']?\s{0,20}:\s{0,20}[\"'](?P<name>[A-Z][A-Z0-9_]{1,80})\b", re.ASCII)
_WORD = regex(r"[A-Z]+|[0-9]+")
_PLAIN = frozenset(
    re.findall(
        r"\w+",
        "DATABASE POSTGRES POSTGRESQL PG PSQL DB SQL URL URI DSN HOST HOSTNAME PORT USER PASSWORD NAME "
        "CONNECTION STRING DIRECT POOL POOLED POOLER POOLING UNPOOLED NON NO SSL PRISMA DRIZZLE KNEX TYPEORM SEQUELIZE "
        "NEON SUPABASE VERCEL MIGRATION MIGRATIONS MIGRATE MIGRATOR ADMIN OWNER ROOT WRITE WRITER PRIMARY MAIN MASTER "
        "PROD PRODUCTION DEV DEVELOPMENT STAGING TEST LOCAL APP SERVER PRIVATE PUBLIC INTERNAL EXTERNAL AWS RDS",
    )
)
"""What says of a variable that it holds an address, and which end of one database that is, but not which database."""
_KIND = regex(
    r"\b(?:client|dialect|type|provider)[\"']?\s{0,20}[:=]\s{0,20}[\"'](?P<kind>[\w-]{1,40})[\"']",
    re.ASCII | re.IGNORECASE,
)
_POSTGRES = regex(r"pg|pg-?native|postgres(?:ql)?|cockroach(?:db)?|redshift|aurora-postgres", re.IGNORECASE)
_RELATIVE = regex(rb"(?:from|require\(|import\()\s{0,5}[\"'](?P<path>\.{1,2}/[^\"'\n]{1,200})[\"']")
_MOST_IMPORTS = 20
_OF_TOOLS: Mapping[str, tuple[str, ...]] = {
    "knex": ("knexfile.*",),
    "typeorm": ("ormconfig.*", "*data-source.*", "*dataSource.*", "*datasource.*", "*DataSource.*"),
    "prisma": ("schema.prisma", "prisma.config.*"),
    "sequelize": ("config.json", "config.js", "config.cjs", "database.json", "database.js"),
}
CONFIGURED = tuple(_OF_TOOLS)
"""The tools whose configurations tell of their database."""
CONFIGURATIONS = tuple(f"**/{each}" for names in _OF_TOOLS.values() for each in names)
"""What the configurations of tools are called, as git's globs."""


def variables_in(content: bytes) -> frozenset[str]:
    """The environment variables that a file reads and that hold a database's address, by their name or their use."""
    text = _COMMENT.sub("", content.decode("utf-8", "replace"))
    found = [each for each in _READ.finditer(text) if each["before"] or names_a_database(each["name"])]
    return frozenset(each["name"] for each in (*found, *_NAMED.finditer(text)))


def names_another_kind(content: bytes) -> bool | None:
    """Whether a tool's configuration names kinds of databases, and Postgres not among them; None where it names none.

    One for development beside Postgres for production, as knexfiles have it, says nothing against Postgres.
    """
    text = _COMMENT.sub("", content.decode("utf-8", "replace"))
    kinds = [each["kind"] for each in _KIND.finditer(text)]
    if any(map(_POSTGRES.fullmatch, kinds)):
        return False
    return True if any(map(is_another_kind, kinds)) else None


def is_another(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether variables are plainly of another database than others: LEGACY_DATABASE_URL beside DATABASE_URL.

    Some of a database's variables have no other name than those of any: DIRECT_URL may be of it, too.
    """
    meant, others = {_meant(each) for each in one}, {_meant(each) for each in other}
    return bool(meant) and bool(others) and meant.isdisjoint(others)


def configures(tool: str, path: str) -> bool:
    """Whether the file at `path` is called as the configuration of a tool is."""
    names = _OF_TOOLS.get(tool.partition("-")[0], ())
    return any(fnmatchcase(basename(path), each) for each in names)


def names_none(variables: Iterable[str]) -> bool:
    """Whether variables say of no database which one it is."""
    return frozenset() in {_meant(each) for each in variables}


def imported_by(path: str, content: bytes) -> list[str]:
    """The paths that the file at `path` may mean by what it imports of its own package."""
    found = [each["path"].decode("utf-8", "replace") for each in _RELATIVE.finditer(content)][:_MOST_IMPORTS]
    stems = [normpath(join(dirname(path), each)) for each in found]
    named = [splitext(each)[0] if splitext(each)[1][1:] in SUFFIXES else each for each in stems]
    return [f"{stem}{end}.{suffix}" for stem in named for end in ("", "/index") for suffix in SUFFIXES]


def _meant(variable: str) -> frozenset[str]:
    """The words of a variable's name that tell which database it is of."""
    return frozenset(_WORD.findall(variable)) - _PLAIN
