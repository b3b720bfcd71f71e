"""Living on a server that is not ours: every database and role of a run is found by its name, and dropped."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.dropping import drop_database
from migcheck.postgres.scratch.owner import drop_roles, roles_made_by
from migcheck.regex import regex

NAME = regex(r"^migcheck_([0-9a-f]{12})_")
LEFT = """
SELECT datname FROM pg_catalog.pg_database WHERE datname ~ '^migcheck_[0-9a-f]{12}_'
UNION SELECT rolname FROM pg_catalog.pg_roles WHERE rolname ~ '^migcheck_[0-9a-f]{12}_'
UNION SELECT pg_catalog.shobj_description(oid, 'pg_authid') FROM pg_catalog.pg_roles
WHERE pg_catalog.shobj_description(oid, 'pg_authid') ~ '^migcheck_[0-9a-f]{12}_$'
"""
APPLICATION = regex(r"^migcheck ([0-9a-f]{12})$")
APPLICATIONS = "SELECT application_name FROM pg_catalog.pg_stat_activity WHERE application_name LIKE 'migcheck %'"
ROLES = "SELECT rolname FROM pg_catalog.pg_roles"
# The key of an advisory lock; those of runs are their tokens.
_PRELUDES = -1
MARKED = "SELECT rolname FROM pg_catalog.pg_roles WHERE pg_catalog.shobj_description(oid, 'pg_authid') = %s"
# By name, and by owner: a migration may make databases of its own.
DATABASES = """
SELECT d.datname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
WHERE pg_catalog.starts_with(d.datname, %(prefix)s) OR r.rolname = ANY(%(roles)s)
"""


def prefix_of(token: str) -> str:
    """What the names of a run's databases and owner begin with. `token` is 12 hexadecimal digits."""
    return f"migcheck_{token}_"


def application_of(token: str) -> str:
    """The application name of the administrator's session that says this run lives."""
    return f"migcheck {token}"


def sweep(admin: Connection) -> None:
    """Drop what killed runs left: those whose session is gone.

    Sessions are seen from every database and by every role, advisory locks only from the database they are taken in.
    The lock keeps two sweeps from dropping the same run.
    """
    tokens = {found[1] for (name,) in admin.execute(LEFT).fetchall() if (found := NAME.match(str(name)))}
    for token in sorted(tokens - _alive(admin)):
        if _locked(admin, token):
            drop_run(admin, token)
            admin.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (int(token, 16),))


def run_marked(admin: Connection, session: Connection, prelude: str, mark: str) -> None:
    """Run `prelude` in `session`, and mark the roles it makes by a comment: whoever sweeps knows whose they were.

    Others make roles meanwhile. What `session` sees before its transaction is committed, and `admin` does not, is its
    own; a prelude that commits by itself has made what is new and what it names.
    """
    with _preludes_locked(admin):
        before = _roles(admin)
        with session.transaction():
            session.execute(prelude.encode())
            seen, open_yet = _roles(session), session.info.transaction_status is TransactionStatus.INTRANS
            made = seen - _roles(admin) if open_yet else {each for each in seen - before if each in prelude}
        for role in sorted(made):
            # Not by `session`: a prelude may end as another role.
            _mark(admin, role, mark)


def _roles(session: Connection) -> set[str]:
    return {str(name) for (name,) in session.execute(ROLES).fetchall()}


def _mark(session: Connection, role: str, mark: str) -> None:
    session.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(sql.Identifier(role), sql.Literal(mark)))


@contextmanager
def _preludes_locked(admin: Connection) -> Iterator[None]:
    """No run takes the roles of preludes away while another one's prelude finds them there."""
    admin.execute("SELECT pg_catalog.pg_advisory_lock(%s)", (_PRELUDES,))
    try:
        yield
    finally:
        admin.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (_PRELUDES,))


def _alive(admin: Connection) -> set[str]:
    """The tokens of the runs that live."""
    names = (str(name) for (name,) in admin.execute(APPLICATIONS).fetchall())
    return {found[1] for name in names if (found := APPLICATION.match(name))}


def _locked(admin: Connection, token: str) -> bool:
    [(locked,)] = admin.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", (int(token, 16),)).fetchall()
    return bool(locked)


def drop_run(admin: Connection, token: str) -> None:
    """Drop a run's databases, then the roles that its migrations and its prelude made, then its owner.

    The roles of its prelude go to another run that lives: it may have found them there, and drops them in its turn.
    """
    with _preludes_locked(admin):
        if admin.info.parameter_status("application_name") == application_of(token):
            # Of two runs that end at once, neither may leave its roles to the other.
            admin.execute("SET application_name = 'migcheck ends'")
        marked = [str(name) for (name,) in admin.execute(MARKED, (prefix_of(token),)).fetchall()]
        heirs = sorted(_alive(admin) - {token})
        for role in marked if heirs else ():
            _mark(admin, role, prefix_of(heirs[0]))
        _drop(admin, token, () if heirs else marked)


def _drop(admin: Connection, token: str, marked: Iterable[str]) -> None:
    owner = f"{prefix_of(token)}owner"
    roles = [*roles_made_by(admin, owner), *marked, owner]
    databases = admin.execute(DATABASES, {"prefix": prefix_of(token), "roles": roles}).fetchall()
    for (name,) in databases:
        database = sql.Identifier(str(name))
        # What its owner made a template of would stay.
        with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidCatalogName):
            admin.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(database))
        drop_database(admin, str(name))
    # A role that somebody else's database knows by now is no longer ours alone.
    with suppress(psycopg.errors.DependentObjectsStillExist):
        drop_roles(admin, roles)
