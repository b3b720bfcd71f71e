"""Reading a target: one read-only transaction that sees one moment, and every fault told without a secret."""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic

import psycopg
from msgspec import Struct, convert
from msgspec.structs import replace
from psycopg import sql
from psycopg.rows import class_row, scalar_row

from migcheck.drizzle.ledger import Ledger, LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.target.judged import PATIENCE, Target
from migcheck.facts.target.read_tables import Name, Table, read_names, read_other_ledgers, read_tables
from migcheck.postgres.running.ledger import Connection, ledger_columns, read_ledger
from migcheck.postgres.target.address import Address
from migcheck.postgres.target.database import DatabaseIdentity
from migcheck.postgres.target.holders import HOLDER, Holder, lock_key, relation_holder
from migcheck.postgres.target.identity import system_identifier
from migcheck.postgres.target.timeouts import NAMES_AS_EVER, patience, send
from migcheck.postgres.target.waiting import connect_when_ready
from migcheck.postgres.target.way import told_way
from migcheck.redact import said_by

_MOMENT_SECONDS = 2.0
_WAIT = "wait for it to end, then run again"
_FORBIDDEN = "42501"
# PgBouncer with pool_mode = statement.
_BY_STATEMENT = "transaction blocks not allowed in statement pooling mode"


class _Place(Struct, frozen=True):
    """The session, and what its role may do where the ledger is or will be.

    `closed` are the schemas, as SQL writes them, in which it may not make things or look, each with what it lacks.
    """

    database: str
    oid: int
    timeline: str
    role: str
    superuser: bool
    version: int
    read_only: bool
    create_in_database: bool
    create_in_current: bool
    current: str
    search_path: str
    schema_exists: bool
    create_in_schema: bool
    use_schema: bool
    closed: dict[str, list[str]]
    holder: dict[str, object] | None


class _Relation(Struct, frozen=True):
    """What has the ledger's name, and what the role may do with it; `sequence` is its, as SQL writes it."""

    kind: str
    read: bool
    insert: bool
    lock: bool
    sequence: str
    count: bool
    hidden: bool


class _Withheld(Struct, frozen=True):
    """A ledger that `role` may not read whole: it may not `use` the schema or `read` the table, or rows are hidden."""

    role: str
    use: bool
    read: bool
    hidden: bool

    def told(self, target: str, name: LedgerName) -> UndecidableError:
        """What is missing, and what cures it; what a deploy takes besides, MC510 tells then."""
        problem = f"role {self.role} may not read every row of {name} on {target}"
        if self.hidden and self.use and self.read:
            return UndecidableError(
                f"{problem}: row-level security may hide some",
                remedy="use a role with BYPASSRLS, or the owner where it is not forced",
            )
        schema, table = sql.Identifier(name.schema).as_string(), sql.Identifier(name.schema, name.table).as_string()
        lacking = [
            (f"USAGE on schema {name.schema}", _granting("usage", f"schema {schema}", self.role), self.use),
            (f"SELECT on {name}", _granting("select", table, self.role), self.read),
        ]
        return UndecidableError(
            f"{problem}: it lacks {' and '.join(right for right, _, held in lacking if not held)}",
            remedy=f"as the ledger's owner, `{' '.join(cure for _, cure, held in lacking if not held)}`",
        )


def read_target(
    address: Address,
    name: LedgerName,
    *,
    patience: float = PATIENCE,
    tell: Callable[[str], None] = lambda _line: None,
) -> Target:
    """Read all that the gate and `status` need, in one read-only transaction that sees one moment.

    `patience` is how many seconds to wait for a ledger that a running deploy holds; `tell` hears of a database that is
    waited for. Raises UndecidableError where the database cannot be reached or read; it holds no password.
    """
    try:
        # Leaving the context ends the transaction, and may find the connection lost.
        with connect_when_ready(address, "migcheck", tell) as connection:
            seen = _read_patiently(connection, address.name, name, patience, tell)
    except psycopg.Error as error:
        raise _undecidable(error, address.name, name) from error
    if isinstance(seen, _Withheld):
        raise seen.told(address.name, name)
    return replace(seen, way=told_way(address))


def _read_patiently(
    connection: Connection, target: str, name: LedgerName, seconds: float, tell: Callable[[str], None]
) -> Target | _Withheld:
    """Read, and where somebody holds the ledger for longer than a moment, tell who, up to `seconds`."""
    end, told = monotonic() + seconds, ""
    while True:
        try:
            return _read(connection, target, name, min(_MOMENT_SECONDS, max(0.0, end - monotonic())))
        except psycopg.errors.LockNotAvailable as error:
            connection.execute("rollback")
            who = f" by {holder}" if (holder := relation_holder(connection, name)) else ", most likely by a deploy"
            if monotonic() >= end:
                raise UndecidableError(f"{name} on {target} is locked{who}", _WAIT) from error
            if who != told:
                told = who
                tell(f"waiting for {name}, locked{who}")


def _read(connection: Connection, target: str, name: LedgerName, seconds: float) -> Target | _Withheld:
    system = system_identifier(connection)
    connection.execute("begin isolation level repeatable read read only")
    # A pooler may give the session to the application next: nothing is set that would outlive the transaction.
    send(connection, *patience(seconds, local=True), NAMES_AS_EVER)
    # Within it, or a deploy that begins the ledger between the two looks leaves one that nobody seems to may use.
    place = _place(connection, name)
    relation, tables = _relation(connection, name), read_tables(connection, name)
    names = read_names(connection)
    # An index and an enum may have one name.
    own = {each.shown for each in names if not each.owner}
    all_named: list[Table | Name] = [*tables, *names]
    others = {each.shown: each for each in all_named if each.owner and each.shown not in own}
    seen = Target(
        name=target,
        version=place.version,
        ledger=Ledger(name, exists=relation is not None),
        ledger_kind=relation.kind if relation else "",
        ledger_columns=ledger_columns(connection, name),
        read_only=place.read_only,
        may_create=place.create_in_database or place.create_in_current,
        lacking={told: _granting(right, on, place.role) for told, right, on in _lacking(place, relation, name)},
        schema=place.current,
        search_path=place.search_path,
        closed={schema: tuple(lacks) for schema, lacks in place.closed.items()},
        unreferable=frozenset(each.shown for each in tables if not each.referable),
        owners={shown: each.owner for shown, each in others.items()},
        droppable=frozenset(shown for shown, each in others.items() if each.droppable),
        extensions=_extensions(connection),
        role=place.role,
        superuser=place.superuser,
        deploying="" if place.holder is None else str(convert(place.holder, Holder)),
        tables=tuple(each.shown for each in tables),
        relations={each.shown: each.kind for each in names if each.relation},
        types=tuple(each.shown for each in names if not each.relation and each.kind == "type"),
        identity=DatabaseIdentity(system, place.oid, place.database, place.timeline),
    )
    if seen.ledger_fault:
        return seen
    if relation is None:
        return _beside(connection, seen, tables)
    withheld = _Withheld(place.role, use=place.use_schema, read=relation.read, hidden=relation.hidden)
    if withheld.hidden or not (withheld.use and withheld.read):
        return withheld
    ledger = read_ledger(connection, name)
    return _beside(connection, replace(seen, ledger=ledger), tables)


def _beside(connection: Connection, seen: Target, tables: Sequence[Table]) -> Target:
    """With what other ledgers hold."""
    others, unread = read_other_ledgers(connection, tables)
    return replace(seen, other_ledgers=others, unread_ledgers=unread)


def _place(connection: Connection, name: LedgerName) -> _Place:
    query = f"""
        select current_database()::text as database, current_user::text as role,
               current_setting('is_superuser')::bool as superuser,
               coalesce((select oid from pg_catalog.pg_database where datname = current_database()), 0)::bigint as oid,
               coalesce(current_setting('neon.timeline_id', true), '') as timeline,
               current_setting('server_version_num')::int as version,
               -- What a transaction of a deploy's would be: this one is read only whatever the server says.
               pg_catalog.pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as read_only,
               has_database_privilege(current_database(), 'CREATE') as create_in_database,
               coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as create_in_current,
               coalesce(current_schema()::text, '') as current,
               coalesce(nullif(current_setting('search_path'), ''), '""') as search_path,
               n.oid is not null as schema_exists,
               coalesce(has_schema_privilege(n.oid, 'CREATE'), false) as create_in_schema,
               coalesce(has_schema_privilege(n.oid, 'USAGE'), false) as use_schema,
               coalesce((
                   select pg_catalog.json_object_agg(pg_catalog.quote_ident(s.nspname), array_remove(array[
                       case when not has_schema_privilege(s.oid, 'USAGE') then 'USAGE' end,
                       case when not has_schema_privilege(s.oid, 'CREATE') then 'CREATE' end], null))
                   from pg_catalog.pg_namespace s
                   where s.nspname !~ '^pg_' and s.nspname <> 'information_schema' and not (
                       has_schema_privilege(s.oid, 'USAGE') and has_schema_privilege(s.oid, 'CREATE'))
               ), '{{}}') as closed,
               (select pg_catalog.to_json(h) from ({HOLDER}) h) as holder
        from (select) as one left join pg_catalog.pg_namespace n on n.nspname = %s
    """  # noqa: S608 - constants
    with connection.cursor(row_factory=class_row(_Place)) as cursor:
        place = cursor.execute(query, (lock_key(name), name.schema)).fetchone()
    assert place is not None, "one row, whatever exists"
    return place


def _relation(connection: Connection, name: LedgerName) -> _Relation | None:
    # UPDATE or more is what LOCK TABLE in ACCESS EXCLUSIVE MODE asks for.
    query = """
        select c.relkind::text as kind,
               has_table_privilege(c.oid, 'SELECT') as read,
               has_table_privilege(c.oid, 'INSERT') as insert,
               has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') as lock,
               coalesce(q.name, '') as sequence, coalesce(q.count, true) as count,
               row_security_active(c.oid) as hidden
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join lateral (
            select pg_catalog.format('%%I.%%I', m.nspname, s.relname) as name,
                   has_sequence_privilege(s.oid, 'USAGE, UPDATE') as count
            -- That of an identity (deptype 'i') takes no right of its own.
            from pg_catalog.pg_depend d join pg_catalog.pg_class s on s.oid = d.objid
            join pg_catalog.pg_namespace m on m.oid = s.relnamespace
            where d.refobjid = c.oid and d.classid = 'pg_catalog.pg_class'::regclass
              and s.relkind = 'S' and d.deptype = 'a' limit 1) q on true
        where n.nspname = %s and c.relname = %s
    """
    with connection.cursor(row_factory=class_row(_Relation)) as cursor:
        return cursor.execute(query, (name.schema, name.table)).fetchone()


def _extensions(connection: Connection) -> tuple[str, ...]:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return tuple(cursor.execute("select extname::text from pg_catalog.pg_extension order by 1"))


def _lacking(place: _Place, relation: _Relation | None, name: LedgerName) -> Iterator[tuple[str, str, str]]:
    """Each privilege that is missing: in words, and as SQL has the right and what it is on."""
    schema, table = sql.Identifier(name.schema).as_string(), sql.Identifier(name.schema, name.table).as_string()
    if relation is None and not place.schema_exists:
        database = sql.Identifier(place.database).as_string()
        needs = [(f"CREATE on database {place.database}", "create", f"database {database}", place.create_in_database)]
    elif relation is None:
        needs = [
            (f"USAGE on schema {name.schema}", "usage", f"schema {schema}", place.use_schema),
            (f"CREATE on schema {name.schema}", "create", f"schema {schema}", place.create_in_schema),
        ]
    else:
        needs = [
            (f"USAGE on schema {name.schema}", "usage", f"schema {schema}", place.use_schema),
            (f"INSERT on {name}", "insert", table, relation.insert),
            (f"UPDATE on {name}", "update", table, relation.lock),
            (f"USAGE on the sequence of {name}", "usage", f"sequence {relation.sequence}", relation.count),
        ]
    return ((told, right, on) for told, right, on, held in needs if not held)


def _granting(right: str, on: str, role: str) -> str:
    return f"grant {right} on {on} to {sql.Identifier(role).as_string()};"


def _undecidable(error: psycopg.Error, target: str, name: LedgerName) -> UndecidableError:
    said = said_by(error)
    if _BY_STATEMENT in said:
        return UndecidableError(f"{target} is behind a pooler by statement", "give the direct host and port")
    if error.sqlstate == _FORBIDDEN:
        return UndecidableError(f"{name} on {target} may not be read: {said}", remedy=f"connect as the owner of {name}")
    return UndecidableError(f"{target} was lost while it was read: {said}", remedy="try again")
