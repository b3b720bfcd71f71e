"""Living on a server that is not ours: every database and role of a run is found by its name, and dropped."""

import re
from contextlib import suppress

import psycopg
from psycopg import sql

from migcheck.postgres.owner import roles_made_by
from migcheck.postgres.scratch import Session

NAME = re.compile(r"^migcheck_([0-9a-f]{12})_")
LEFT = """
SELECT datname FROM pg_catalog.pg_database WHERE datname ~ '^migcheck_[0-9a-f]{12}_'
UNION SELECT rolname FROM pg_catalog.pg_roles WHERE rolname ~ '^migcheck_[0-9a-f]{12}_'
"""
# By name, and by owner: a migration may make databases of its own.
DATABASES = """
SELECT d.datname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
WHERE pg_catalog.starts_with(d.datname, %(prefix)s) OR r.rolname = ANY(%(roles)s)
"""


def prefix_of(token: str) -> str:
    """What the names of a run's databases and owner begin with. `token` is 12 hexadecimal digits."""
    return f"migcheck_{token}_"


def hold(admin: Session, token: str) -> None:
    """Take the advisory lock that says this run lives, for as long as the session does."""
    admin.execute("SELECT pg_catalog.pg_advisory_lock(%s)", (int(token, 16),))


def sweep(admin: Session) -> None:
    """Drop what killed runs left: those whose lock is free."""
    tokens = {found[1] for (name,) in admin.execute(LEFT).fetchall() if (found := NAME.match(str(name)))}
    for token in sorted(tokens):
        [(free,)] = admin.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", (int(token, 16),)).fetchall()
        if free:
            try:
                drop_run(admin, token)
            finally:
                admin.execute("SELECT pg_catalog.pg_advisory_unlock(%s)", (int(token, 16),))


def drop_run(admin: Session, token: str) -> None:
    """Drop a run's databases, then the roles its migrations made, then its owner."""
    owner = f"{prefix_of(token)}owner"
    roles = [*roles_made_by(admin, owner), owner]
    made = admin.execute(DATABASES, {"prefix": prefix_of(token), "roles": roles}).fetchall()
    for (name,) in made:
        database = sql.Identifier(str(name))
        # A database that its owner closed to connections is dropped all the same; a template is not.
        with suppress(psycopg.errors.InsufficientPrivilege):
            admin.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(database))
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
    for role in roles:
        # Two sweeps may meet.
        with suppress(psycopg.errors.UndefinedObject):
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
