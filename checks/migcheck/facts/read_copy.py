"""Copying a target's schema: `pg_dump` and the ledger's rows, of one moment, by a session that writes nothing."""

import os
from collections.abc import Mapping, Sequence

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row

from migcheck.drizzle.ledger import Ledger
from migcheck.errors import UndecidableError
from migcheck.facts.copy import Copy
from migcheck.postgres.running.ledger import Connection, read_ledger
from migcheck.postgres.scratch.copied_roles import Role, roles_prelude
from migcheck.postgres.target.address import Address
from migcheck.postgres.target.connecting import connect, reachable
from migcheck.postgres.target.dump_programs import DumpProgram, dump_programs, no_program
from migcheck.postgres.target.pg_dump import NO_TLS, DumpError, Dumping, dump_schema
from migcheck.postgres.target.timeouts import patience, send, timeout
from migcheck.redact import said_by

FILES_INSTEAD = "or rehearse from the files: --start-from files"
_VERIFIED = {"require", "verify-ca", "verify-full"}
_TRANSACTION_TIMEOUT_SINCE = 170_000


class _Session(Struct, frozen=True):
    """What a deploy's session is on the target."""

    snapshot: str
    version: int
    role: str
    search_path: str
    has_public: bool


class _Members(Struct, frozen=True):
    extension: str
    names: list[str | None]


def read_copy(address: Address, ledger: Ledger, *, seconds: float, lock_seconds: float) -> Copy:
    """A copy of the database at `address`, whose ledger was read as `ledger`; within `seconds`.

    `lock_seconds` is how long to wait for a table that somebody has locked. Raises UndecidableError where it cannot be
    had, or the ledger is another by now; it holds no password.
    """
    try:
        with connect(address, "migcheck") as connection:
            return _read(connection, address, ledger, Dumping("", seconds, lock_seconds))
    except psycopg.errors.LockNotAvailable as error:
        raise UndecidableError(
            f"{ledger.name} on {address.name} is locked, most likely by a deploy", "wait for it to end, then run again"
        ) from error
    except psycopg.Error as error:
        raise UndecidableError(
            f"{address.name} was lost while its schema was copied: {said_by(error)}", "try again"
        ) from error


def _read(connection: Connection, address: Address, ledger: Ledger, asked: Dumping) -> Copy:
    connection.execute("begin isolation level repeatable read read only")
    _be_patient(connection, asked.lock_seconds)
    session = _session(connection)
    if read_ledger(connection, ledger.name) != ledger:
        raise UndecidableError(
            f"{ledger.name} on {address.name} has changed since it was read, most likely by a deploy", "run again"
        )
    rows, last = _ledger_rows(connection, ledger) if ledger.exists else ("[]", None)
    with reachable(address, "migcheck") as conninfo:
        parameters = _as_safe(conninfo, connection)
        dumping = Dumping(session.snapshot, asked.seconds, asked.lock_seconds)
        program, dump = _dump(address, parameters, dumping, session.version // 10_000)
    return Copy(
        name=address.name,
        version=session.version,
        role=session.role,
        sql=dump if session.has_public else f"drop schema public;\n{dump}",
        ledger=rows,
        rows=len(ledger.rows),
        sequence=last,
        prelude=roles_prelude(_roles(connection)),
        search_path=session.search_path,
        members=_members(connection),
        program=str(program),
    )


def _be_patient(connection: Connection, seconds: float) -> None:
    """Bound the waits for locks, and let nothing end the transaction while the program works on its snapshot."""
    endless = ["idle_in_transaction_session_timeout"]
    if connection.info.server_version >= _TRANSACTION_TIMEOUT_SINCE:
        endless.append("transaction_timeout")
    send(connection, *patience(seconds, local=True), *(timeout(each, 0, local=True) for each in endless))


def _session(connection: Connection) -> _Session:
    query = """
        select pg_catalog.pg_export_snapshot() as snapshot, current_setting('server_version_num')::int as version,
               current_user::text as role,
               pg_catalog.replace(current_setting('search_path'), '"$user"', pg_catalog.quote_ident(current_user))
                   as search_path,
               exists (select from pg_catalog.pg_namespace where nspname = 'public') as has_public
    """
    with connection.cursor(row_factory=class_row(_Session)) as cursor:
        session = cursor.execute(query).fetchone()
    assert session is not None, "one row, whatever exists"
    return session


def _ledger_rows(connection: Connection, ledger: Ledger) -> tuple[str, int | None]:
    """Every row with all its columns, and where the sequence of `id` stands, as far as the role may know."""
    table = sql.Identifier(ledger.name.schema, ledger.name.table)
    query = sql.SQL("""
        select coalesce(jsonb_agg(to_jsonb(held) order by id), '[]')::text,
               coalesce((select s.last_value from pg_catalog.pg_sequences s
                         where pg_catalog.format('%I.%I', s.schemaname, s.sequencename)
                               = pg_catalog.pg_get_serial_sequence({name}, 'id')),
                        case when not has_sequence_privilege(pg_catalog.pg_get_serial_sequence({name}, 'id'),
                                                             'USAGE, SELECT') then max(id) end)
        from {table} held
    """).format(name=table.as_string(), table=table)
    [(rows, last)] = connection.execute(query).fetchall()
    return str(rows), None if last is None else int(str(last))


def _roles(connection: Connection) -> tuple[Role, ...]:
    query = """
        select rolname::text as name, pg_catalog.pg_has_role(oid, 'MEMBER') and rolname <> current_user as granted
        from pg_catalog.pg_roles where rolname !~ '^pg_' order by 1
    """
    with connection.cursor(row_factory=class_row(Role)) as cursor:
        return tuple(cursor.execute(query))


def _members(connection: Connection) -> dict[str, frozenset[str]]:
    query = """
        select e.extname::text as extension,
               array_agg(distinct coalesce(p.proname, t.typname, c.relname, n.nspname, o.opcname)::text) as names
        from pg_catalog.pg_extension e
        join pg_catalog.pg_depend d
            on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
        left join pg_catalog.pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
        left join pg_catalog.pg_type t on d.classid = 'pg_type'::regclass and t.oid = d.objid
        left join pg_catalog.pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
        left join pg_catalog.pg_namespace n on d.classid = 'pg_namespace'::regclass and n.oid = d.objid
        left join pg_catalog.pg_opclass o on d.classid = 'pg_opclass'::regclass and o.oid = d.objid
        group by 1
    """
    with connection.cursor(row_factory=class_row(_Members)) as cursor:
        return {each.extension: frozenset(filter(None, each.names)) for each in cursor.execute(query)}


def _as_safe(conninfo: str, connection: Connection) -> dict[str, str]:
    """How the program connects: over TLS where this session is. A libpq without it would go on in the clear."""
    parameters = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    if connection.pgconn.ssl_in_use and parameters.get("sslmode", "") not in _VERIFIED:
        parameters["sslmode"] = "require"
    return parameters


def _dump(address: Address, parameters: Mapping[str, str], asked: Dumping, major: int) -> tuple[DumpProgram, str]:
    """What the first program that can reach the target writes."""
    without_tls: list[DumpProgram] = []
    for program in dump_programs(major, os.environ):
        try:
            return program, dump_schema(program, parameters, asked)
        except TimeoutError:
            raise UndecidableError(
                f"the schema of {address.name} was not copied within {asked.seconds:g} s",
                f"raise `timeout` under [scratch] in migcheck.toml, {FILES_INSTEAD}",
            ) from None
        except OSError as error:
            raise UndecidableError(f"{program} cannot be run: {error}", "see to it, or set MIGCHECK_PG_BIN") from error
        except DumpError as error:
            if not NO_TLS.search(str(error)):
                raise _refused(address, program, error, asked) from error
            without_tls.append(program)
    raise _no_tls(without_tls, major)


def _no_tls(programs: Sequence[DumpProgram], major: int) -> UndecidableError:
    speak = "speaks no TLS" if len(programs) == 1 else "speak no TLS"
    return no_program(major, f"{', '.join(map(str, programs))} {speak}, which the target asks for")


def _refused(address: Address, program: DumpProgram, error: DumpError, asked: Dumping) -> UndecidableError:
    said = said_by(error)
    problem = f"{program} cannot copy the schema of {address.name}: {said}"
    if "LOCK TABLE" in said and ("timeout" in said or "could not obtain lock" in said):
        return UndecidableError(
            f"a table of {address.name} is locked, and was for {asked.lock_seconds:g} s: {said}",
            "wait until whoever holds it is done, then run again",
        )
    if "permission denied" in said:
        return UndecidableError(
            problem, f"let the role of the URL read every table (`grant pg_read_all_data to …`), {FILES_INSTEAD}"
        )
    return UndecidableError(problem, f"see what it says, {FILES_INSTEAD}")
