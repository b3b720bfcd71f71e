"""Living on a server that is not ours: every database and role of a run is found by its name, and dropped."""

import re
from contextlib import suppress

import psycopg
from psycopg import sql

from migcheck.postgres.owner import drop_roles, roles_made_by
from migcheck.postgres.scratch import Session

NAME = re.compile(r"^migcheck_([0-9a-f]{12})_")
LEFT = """
SELECT datname FROM pg_catalog.pg_database WHERE datname ~ '^migcheck_[0-9a-f]{12}_'
UNION SELECT rolname FROM pg_catalog.pg_roles WHERE rolname ~ '^migcheck_[0-9a-f]{12}_'
"""
APPLICATIONS = "SELECT application_name FROM pg_catalog.pg_stat_activity WHERE application_name LIKE 'migcheck %'"
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


def sweep(admin: Session) -> None:
    """Drop what killed runs left: those whose session is gone.

    Sessions are seen from every database and by every role, advisory locks only from the database they are taken in.
    The lock keeps two sweeps from dropping the same run.
    """
    tokens = {found[1] for (name,) in admin.execute(LEFT).fetchall() if (found := NAME.match(str(name)))}
    alive = {str(name) for (name,) in admin.execute(APPLICATIONS).fetchall()}
    for token in sorted(tokens):
        if application_of(token) not in alive and _locked(admin, token):
            drop_run(admin, token)
            admin.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (int(token, 16),))


def _locked(admin: Session, token: str) -> bool:
    [(locked,)] = admin.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", (int(token, 16),)).fetchall()
    return bool(locked)


def drop_run(admin: Session, token: str) -> None:
    """Drop a run's databases, then the roles that its migrations and its prelude made, then its owner."""
    owner = f"{prefix_of(token)}owner"
    marked = admin.execute(MARKED, (prefix_of(token),)).fetchall()
    roles = [*roles_made_by(admin, owner), *(str(name) for (name,) in marked), owner]
    databases = admin.execute(DATABASES, {"prefix": prefix_of(token), "roles": roles}).fetchall()
    for (name,) in databases:
        database = sql.Identifier(str(name))
        # What its owner made a template of would stay.
        with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidCatalogName):
            admin.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(database))
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
    # A role that somebody else's database knows by now is no longer ours alone.
    with suppress(psycopg.errors.DependentObjectsStillExist):
        drop_roles(admin, roles)
