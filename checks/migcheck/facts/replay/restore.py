"""Making a target's schema on scratch from its dump: statement by statement, as the owner, and never through psql.

What an owner may not make, or the server has not, is left out and told; whatever then needs it is refused.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct
from psycopg import sql
from psycopg.rows import scalar_row

from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.copy import Copy, LeftOut
from migcheck.facts.replay.lacking import Lack, LackingError
from migcheck.facts.replay.lacking_there import NOT_IN_COPY, lack_of_left_out
from migcheck.facts.replay.stage import Stage
from migcheck.postgres.running.failure import Refusal, shorten
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.simple_query import send_raw
from migcheck.postgres.running.statements import statement_starts
from migcheck.regex import regex
from migcheck.sql_names import bare
from migcheck.wording import listed

_EXTENSION = regex(r'CREATE EXTENSION (?:IF NOT EXISTS )?"?(?P<name>[\w-]+)')
# Only a superuser makes these, or they lead to other hosts: a user mapping holds a password of one.
_OUTSIDE = regex(
    r"CREATE (?P<kind>EVENT TRIGGER|FOREIGN DATA WRAPPER|FOREIGN TABLE|SERVER|USER MAPPING) (?P<name>[^\s(;]+)"
)
_OF_OUTSIDE = regex(r"ALTER (?:EVENT TRIGGER|FOREIGN DATA WRAPPER|FOREIGN TABLE|SERVER|USER MAPPING)\b")
_RIGHT = regex(r"(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|SET SESSION AUTHORIZATION)\b")
_COMMENT = regex(r"COMMENT ON (?:EXTENSION|EVENT TRIGGER|FOREIGN|SERVER|SCHEMA)\b")
_SETTING = regex(r"SET \w+ =")
_DEFAULT_PRIVILEGES = regex(r'ALTER DEFAULT PRIVILEGES FOR ROLE (?P<role>"(?:[^"]|"")+"|[^\s]+) ')
_MATERIALIZED = regex(
    r"CREATE MATERIALIZED VIEW (?P<name>(?:\"(?:[^\"]|\"\")+\"|[^\s\".]+)(?:\.(?:\"(?:[^\"]|\"\")+\"|[^\s\".]+))?)"
)
# Not the owner's to say, or of something that was left out.
_NOT_HERE = frozenset({"42501", "42704", "42P01", "42883", "3F000", "0LP01"})
_UNKNOWN_SETTING = "42704"
_BEHIND = regex(r"(?:\s*^--[^\n]*$)*\s*\Z", re.MULTILINE)
_NOTHING = LeftOut("")
"""What nobody misses."""


class CopyError(LackingError):
    """The server cannot hold the copy; another one may."""


def restore(stage: Stage, database: str, copy: Copy) -> tuple[LeftOut, ...]:
    """Make what `copy` is of in the empty `database`; what was left out of it, each once.

    Raises CopyError where the server refuses what the rest of the schema may need, UndecidableError where it is older
    than the target or at fault.
    """
    server = stage.server.description
    if server.major < copy.major:
        raise UndecidableError(
            f"PostgreSQL {server.major} is older than the target's {copy.major}, and cannot hold a copy of its schema",
            f"give scratch a server of PostgreSQL {copy.major}: `major` or `image` under [scratch], or "
            "`pip install 'drizzle-migcheck[majors]'`",
        )
    with stage.session(database) as connection:
        left_out = dict.fromkeys(_Restoring(connection, copy, server.major).run())
        _fill_views(connection, copy.sql)
        _copy_ledger(connection, stage.name, copy)
    return tuple(left_out)


class _Restoring(Struct, frozen=True):
    connection: Connection
    copy: Copy
    major: int

    def run(self) -> Iterator[LeftOut]:
        left_out: list[LeftOut] = []
        for statement in statements(self.copy.sql):
            found = _outside(statement)
            if found is None:
                refusal = send_raw(self.connection, self._as_owner(statement))
                found = None if refusal is None else self._without(statement, refusal, left_out)
            if found is not None and found.kind:
                left_out.append(found)
                yield found

    def _as_owner(self, statement: str) -> str:
        """`statement`, of whoever deploys: what holds for what that role makes holds here for what the owner makes."""
        found = _DEFAULT_PRIVILEGES.match(statement)
        if found is None or found["role"].strip('"').replace('""', '"') != self.copy.role:
            return statement
        return f"ALTER DEFAULT PRIVILEGES {statement[found.end() :]}"

    def _without(self, statement: str, refusal: Refusal, left_out: Sequence[LeftOut]) -> LeftOut:
        """What the copy has not because of `refusal`; of no kind where nobody misses it."""
        if found := _EXTENSION.match(statement):
            return LeftOut("extension", found["name"], self.copy.members.get(found["name"], frozenset()))
        if _RIGHT.match(statement) and refusal.sqlstate in _NOT_HERE:
            return LeftOut("some grants")
        if _COMMENT.match(statement) and refusal.sqlstate in _NOT_HERE:
            return _NOTHING
        if _SETTING.match(statement) and refusal.sqlstate == _UNKNOWN_SETTING:
            return _NOTHING
        raise self._error(statement, refusal, left_out)

    def _error(self, statement: str, refusal: Refusal, left_out: Sequence[LeftOut]) -> CopyError:
        without = f" without its {listed([str(each) for each in left_out])}" if left_out else ""
        lack = lack_of_left_out(refusal.message, left_out, self.major)
        return CopyError(
            f"the schema of {self.copy.name} cannot be made on PostgreSQL {self.major}{without}: {refusal.sqlstate} "
            f"{refusal.message}: {shorten(_BEHIND.sub('', statement))}",
            lack or Lack("a part of the schema", NOT_IN_COPY, ""),
        )


def statements(text: str) -> Iterator[str]:
    """Each statement of `text`, with the comments that are behind it."""
    starts = [*statement_starts(text), len(text)]
    return (text[begin:end] for begin, end in pairwise(starts))


def _outside(statement: str) -> LeftOut | None:
    if found := _OUTSIDE.match(statement):
        if found["kind"] == "USER MAPPING":
            return _NOTHING
        return LeftOut(found["kind"].lower(), found["name"], frozenset({bare(found["name"])}))
    return _NOTHING if _OF_OUTSIDE.match(statement) else None


def _fill_views(connection: Connection, text: str) -> None:
    """Fill the materialized views: of tables without rows, so that one can be refreshed concurrently."""
    for statement in statements(text):
        if found := _MATERIALIZED.match(statement):
            send_raw(connection, f"REFRESH MATERIALIZED VIEW {found['name']}")


def _copy_ledger(connection: Connection, name: LedgerName, copy: Copy) -> None:
    if not copy.rows and copy.sequence is None:
        return
    table = sql.Identifier(name.schema, name.table)
    query = """
        select attname::text from pg_catalog.pg_attribute
        where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum
    """
    with connection.cursor(row_factory=scalar_row) as cursor:
        names = cursor.execute(query, (table.as_string(),)).fetchall()
    columns = sql.SQL(", ").join(sql.Identifier(str(each)) for each in names)
    connection.execute(
        sql.SQL(
            "insert into {table} ({columns}) overriding system value "
            "select {columns} from pg_catalog.jsonb_populate_recordset(null::{table}, {rows}::jsonb) order by id"
        ).format(table=table, columns=columns, rows=copy.ledger)
    )
    if copy.sequence is not None:
        connection.execute(
            "select pg_catalog.setval(pg_catalog.pg_get_serial_sequence(%s, 'id'), %s)",
            (table.as_string(), copy.sequence),
        )
