"""What scratch lacks is not the migration's fault: telling the two apart, and the one remedy for each lack."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import decode
from migcheck.drizzle.text import CUSTOM, has_statement
from migcheck.errors import UndecidableError
from migcheck.facts.replay.made_by_files import extension_schema, is_made
from migcheck.postgres.running.failure import Namesake, SqlFailure
from migcheck.postgres.scratch.extensions import EXTENSION_OF, absent_extension, image_with
from migcheck.postgres.scratch.provider import providers_of
from migcheck.regex import regex

ONCE_LANDED = "; a first one is used once it has landed, or at once with --trust-prelude"
_TAKEN_FROM_BASE = ("prelude", "image", "extensions")


class There(Enum):
    """Which server may have what one lacks: any other, only one of a newer major, or only one that somebody chose."""

    OTHER = auto()
    NEWER = auto()
    CHOSEN = auto()


class Lack(Struct, frozen=True):
    """What scratch has not got, and the setting (of [scratch]) that mends it.

    `there` is the kind of server that may have it.
    """

    what: str
    remedy: str
    setting: str
    there: There = There.OTHER


class LackingError(UndecidableError):
    """Every server that could be had lacks something. `setting` of [scratch] would give it."""

    def __init__(self, problem: str, lack: Lack) -> None:
        """Tell `problem` with the remedy of `lack`."""
        super().__init__(problem, lack.remedy + (ONCE_LANDED if lack.setting in _TAKEN_FROM_BASE else ""))
        self.setting = lack.setting


_EXTENSION_REFUSED = regex(r'permission denied to create extension "(?P<name>[^"]+)"')
_TOO_NEW = regex(r"^(0A000 .*not supported|(42704|22023) unrecognized (configuration )?parameter)")
_DATABASE_ABSENT = regex(r'database "(?P<name>[^"]+)" does not exist')
_OF_ROLES = regex(
    r"permission denied to (?:(?:alter|create|grant|set) role|(?:drop|reassign) objects)"
    r"|must be (?:member of|able to SET ROLE) "
    r"|must be superuser to (?:alter|change|create) (?:bypassrls|(?P<anywhere>replication|superuser))"
)
_OWNERS_MAKE_ROLES_SINCE = 16
_PROVIDER_ALLOWS = regex(
    r"permission denied to create (?P<what>database|event trigger|foreign-data wrapper|publication|subscription"
    r"|tablespace)"
    r"|must be superuser to create (?:FOR .* publication|subscriptions)"
)
_ABSENT = regex(
    r"(?P<kind>role|schema|type|collation|text search (?:configuration|dictionary)|extension|language|operator class"
    r"|access method|publication|foreign-data wrapper|server|tablespace|relation"
    r'|function|procedure) (?:"(?P<quoted>[^"]+)"|(?P<plain>[^"()\s]+))'
    r'(?:\(.*\))?(?: for (?:access method|encoding) "[^"]+")? does not exist'
)
# What somebody makes by hand, or a provider, where no schema says so.
_BROUGHT = frozenset({"role", "schema", "publication", "foreign-data wrapper", "server", "tablespace"})
_CLASS_ABSENT = regex(r'data type (?P<type>.+) has no default operator class for access method "(?P<method>gin|gist)"')
# What btree_gin and btree_gist know nothing of either: the manual's "F.8. btree_gin".
_CLASSLESS = frozenset({"json", "xml"})
_NOT_ITS_OWN = regex(
    r"(?P<how>permission denied for|must be owner of) "
    r"(?P<kind>schema|table|relation|function|sequence|view|type|publication|foreign server|tablespace"
    r'|(?<=denied for )foreign-data wrapper) "?(?P<name>[^"\s]+)"?'
)
# What one may use that another has made needs a right to it, by the server's words for it and by those of GRANT.
_USED = {"server": "foreign server", "foreign-data wrapper": "foreign data wrapper", "tablespace": "tablespace"}
_OF_BASELINE = regex(r'(?P<kind>relation|table|view|sequence) "(?P<name>[^"]+)" does not exist')
PRELUDE = 'a file of SQL that scratch runs first, named by `prelude = "prelude.sql"` under [scratch] in migcheck.toml'
"""What a prelude is, behind a remedy that asks for one."""


def lack_of(
    failure: SqlFailure, migrations: Sequence[Migration], major: int, ledger: LedgerName, *, wanted: int = 0
) -> Lack | None:
    """What scratch lacks where that is why `failure` happened; None where it is the migration's own.

    `major` is the server's, `wanted` the target's where it is known. `ledger` is there before any migration runs: where
    it is missed, a migration took it away.
    """
    if failure.misses(ledger):
        return None
    if failure.namesake is not None:
        return _of_namesake(failure.namesake, major)
    return _lack_of(failure, migrations, major, wanted or major)


def _of_namesake(namesake: Namesake, major: int) -> Lack | None:
    """A function that may have come since one of its name; None where that is called wrongly."""
    if namesake.extension:
        return Lack(
            f"a function of this name for these arguments in its version of the extension {namesake.extension}",
            f"set `image` under [scratch] in migcheck.toml to one with the version of {namesake.extension} that the "
            "target has; where it is called wrongly, correct the call",
            "image",
        )
    own = namesake.schema == "pg_catalog"
    return _of_age(f"PostgreSQL {major} has no function of this name for these arguments") if own else None


def _lack_of(failure: SqlFailure, migrations: Sequence[Migration], major: int, wanted: int) -> Lack | None:
    match failure.sqlstate:
        case "0A000" | "58P01":
            name = absent_extension(failure.message) or absent_extension(failure.detail)
            return lack_of_extension(name, wanted) if name else None
        case "42501":
            return _refused(failure, migrations, major)
        case "42704" | "3F000" | "42883" | "42P01":
            looked_for = (_absent, _stood_for, _without_class)
            return next(filter(None, (each(failure, migrations) for each in looked_for)), None)
        case "3D000":
            return _other_database(failure)
        case "42601":
            return _of_age(f"PostgreSQL {major} does not know this syntax")
        case _:
            return None


def _other_database(failure: SqlFailure) -> Lack | None:
    """A database that a statement names, most often its own as the target calls it: scratch's has another name."""
    if (found := _DATABASE_ABSENT.search(failure.message)) is None:
        return None
    return Lack(
        f"a database of the name {found['name']}",
        f"make one in a prelude.sql (`create database {found['name']} owner pg_database_owner`): {PRELUDE}, or by "
        "hand on a server given by URL; in a new migration, name it by `current_database()` in a DO block",
        "prelude",
        There.CHOSEN,
    )


def lack_of_age(failure: SqlFailure, major: int) -> Lack | None:
    """What may be too new for a server of `major`, where a newer one was passed over; None where age is not why."""
    if _TOO_NEW.search(failure.said) is None:
        return None
    return _of_age(f"PostgreSQL {major} does not support this")


def _of_age(what: str) -> Lack:
    """Only a newer major may have it: what none of them takes either is the migration's own fault."""
    return Lack(what, "set `major` under [scratch]", "major", There.NEWER)


def lack_of_extension(name: str, major: int) -> Lack:
    """The lack of the extension `name`, with the image of `major` that has it where one is known."""
    image, place = image_with(name, major), "under [scratch] in migcheck.toml"
    remedy = f'set `image = "{image}"` {place}' if image else f"set `image` {place} to one that carries {name}"
    return Lack(f"the extension {name}", remedy, "image")


def _refused(failure: SqlFailure, migrations: Sequence[Migration], major: int) -> Lack | None:
    if found := _EXTENSION_REFUSED.search(failure.message):
        name = found["name"]
        return Lack(
            f"leave for an owner to create the extension {name}",
            f'set `extensions = ["{name}"]` under [scratch] in migcheck.toml, if your provider lets you create it',
            "extensions",
        )
    right = f"a right that your provider may give ({failure.message})"
    # The server refuses the statement before it looks whether that has anything to do.
    looks = "let the migration look first whether it is there (IF in a DO block)"
    if found := _OF_ROLES.search(failure.message):
        newer = "set `image` or `major` (16 and newer let an owner create roles) under [scratch] in migcheck.toml, or "
        older = newer if major < _OWNERS_MAKE_ROLES_SINCE and not found["anywhere"] else ""
        return Lack(right, f"{older}do it in a prelude.sql, and {looks}: {PRELUDE}", "prelude")
    if found := _PROVIDER_ALLOWS.search(failure.message):
        then = "take it out of the migration" if found["what"] in {"database", "tablespace"} else looks
        return Lack(right, f"make it in a prelude.sql, and {then}: {PRELUDE}", "prelude", There.CHOSEN)
    found = _NOT_ITS_OWN.search(failure.message)
    return _foreign(found["how"], found["kind"], found["name"], failure, migrations) if found else None


def _foreign(how: str, kind: str, name: str, failure: SqlFailure, migrations: Sequence[Migration]) -> Lack | None:
    """What belongs to somebody else; None where a migration makes it."""
    alone = kind == "schema" or kind in {*_USED, *_USED.values()}
    schema = "" if alone else _foreign_schema(name, failure, migrations)
    if not schema and is_made(name, migrations, kind):
        return None
    grantable = "table" if kind in {"relation", "view"} else _USED.get(kind, kind)
    place = f"{schema}.{name}" if schema else name
    # Whoever owns the database is a member of pg_database_owner, and the name of scratch's owner is not known before.
    if how.startswith("must"):
        what = f"the ownership of {kind} {place}"
        order = f"alter {grantable.removeprefix('foreign ')} {place} owner to pg_database_owner"
    else:
        what, order = f"rights on {kind} {place}", f"grant all on {grantable} {place} to pg_database_owner"
    there = There.CHOSEN if alone or schema else There.OTHER
    return Lack(what, f"grant them in a prelude.sql (`{order}`): {PRELUDE}", "prelude", there)


def _foreign_schema(name: str, failure: SqlFailure, migrations: Sequence[Migration]) -> str:
    """The schema of `name` that no file makes, as the statement has it; empty where there is none.

    The server's message names no schema: `users` may be the folder's own, or that of a prelude in `auth`.
    """
    qualified = re.compile(rf'(?<![\w$])([\w$]+)"?\s*\.\s*"?{re.escape(name)}(?![\w$])', re.IGNORECASE)
    schemas = qualified.findall(failure.statement)
    if not schemas or failure.statement.endswith("…"):
        schemas = [schema for each in migrations for schema in qualified.findall(decode(each.sql))]
    return next((each for each in schemas if each.lower() != "public" and not is_made(each, migrations)), "")


def _stood_for(failure: SqlFailure, migrations: Sequence[Migration]) -> Lack | None:
    """What a baseline stands for, a first file of comments alone, and no file makes; None where that is not it."""
    baseline, found = next(iter(migrations), None), _OF_BASELINE.search(failure.message)
    if baseline is None or found is None or is_made(found["name"].rpartition(".")[2], migrations):
        return None
    if baseline.sql.strip() == CUSTOM or has_statement(baseline.sql):
        return None
    return Lack(
        f"the {found['kind']} {found['name']}, which no file makes ({baseline.tag} is all comment and stands for a "
        "schema that exists)",
        f"write the schema that {baseline.tag} stands for, after the line `set role pg_database_owner;`, into a "
        f"prelude.sql: {PRELUDE}",
        "prelude",
        There.CHOSEN,
    )


def _absent(failure: SqlFailure, migrations: Sequence[Migration]) -> Lack | None:
    found = _ABSENT.search(failure.message)
    if found is None or failure.lacks_search_path:
        # An earlier file emptied the search_path, as the header of a pg_dump does.
        return None
    kind, name = found["kind"], found["quoted"] or found["plain"]
    schema, _, plain = name.rpartition(".")
    if kind == "relation" and (schema in {"", "public"} or is_made(schema, migrations)):
        # A table nobody makes, in a schema of the folder's own: a migration is missing or out of order.
        return None
    what = f"the {kind} {name}"
    extension = EXTENSION_OF.get(plain)
    # Access methods have no schema, and so no search_path leads to them.
    in_place = schema or kind == "access method"
    if extension and not in_place and (elsewhere := extension_schema(extension, migrations)):
        return Lack(
            f"{what} on its search_path",
            f'set `search_path = "public, {elsewhere}"` under [scratch] in migcheck.toml',
            "search_path",
        )
    # A function of an extension that a file makes is there, and takes other arguments.
    by_extension = kind == "access method" or (kind == "function" and "()" not in failure.message)
    maker, makes = (extension, "extension") if extension and by_extension else (plain, kind)
    if is_made(schema, migrations) if schema not in {"", "public"} else is_made(maker, migrations, makes):
        return None
    if extension:
        return Lack(what, f'make it in a prelude.sql (`create extension "{extension}"`): {PRELUDE}', "prelude")
    # A plain function, type or collation may be that of another major or build, and so may a role called pg_….
    brought = (schema or kind in _BROUGHT) and not name.startswith("pg_")
    return Lack(what, _of_provider(kind, name), "prelude", There.CHOSEN if brought else There.OTHER)


def _without_class(failure: SqlFailure, migrations: Sequence[Migration]) -> Lack | None:
    """A class of operators that an extension brings, which no file makes: for what a B-tree takes by itself."""
    found = _CLASS_ABSENT.search(failure.message)
    if (
        found is None
        or found["type"] in _CLASSLESS
        or is_made(extension := f"btree_{found['method']}", migrations, "extension")
    ):
        return None
    return Lack(
        f"an operator class of {found['method']} for {found['type']}",
        f'name the one that is meant (`.op("…")` in the schema); where it is that of {extension}, make it in a '
        f'prelude.sql (`create extension "{extension}"`): {PRELUDE}',
        "prelude",
    )


def _of_provider(kind: str, name: str) -> str:
    providers = " or ".join(f'`provider = "{each}"`' for each in providers_of(name))
    known = f"set {providers} under [[folder]] in migcheck.toml where that is yours; else " if providers else ""
    orders = []
    if kind == "tablespace":
        # Within the server's own directory: scratch has no other.
        orders = ["set allow_in_place_tablespaces = on", f"create tablespace {name} location ''"]
    if kind in _USED:
        orders += [f"grant all on {_USED[kind]} {name} to pg_database_owner"]
    how = (
        f" ({'on 15 and newer' if kind == 'tablespace' else 'behind what makes it,'} `{'; '.join(orders)};`)"
        if orders
        else ""
    )
    return f"{known}make it in a prelude.sql{how}: {PRELUDE}; where it is a slip of the pen, correct the name"
