"""The roles of a scratch server: an administrator of ours, and the owner that runs migrations."""

from collections.abc import Iterable

import psycopg
from psycopg import sql

from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.login import Login

# What neon_superuser may read and write (neondatabase/neon, compute_tools/src/migrations). It is a member of
# pg_signal_backend and pg_create_subscription as well; those reach other sessions and other hosts, so not here.
MEMBERSHIPS = ("pg_read_all_data", "pg_write_all_data", "pg_monitor")
# Since then only a role with the ADMIN option on a role can grant it.
ADMIN_OPTION_SINCE = 16
# Roles that `owner` made, and those that they made: since 16 the maker holds the ADMIN option.
MADE_BY = """
WITH RECURSIVE made(oid) AS (
  SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles o ON o.oid = m.member
  WHERE o.rolname = %s AND m.admin_option
  UNION SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN made ON made.oid = m.member WHERE m.admin_option
) SELECT rolname FROM pg_catalog.pg_roles JOIN made USING (oid) WHERE rolname !~ '^pg_' ORDER BY rolname
"""


def create_owner(admin: Connection, owner: Login, *, shared: bool = False) -> None:
    """Make the login that migrations get: not a superuser, and no way to become one.

    CREATEROLE is withheld below 16: there it may grant itself pg_execute_server_program, which runs programs.
    Membership in the predefined roles is without ADMIN, so that none of them can be passed on; on a server that is
    `shared` with others there is none, because pg_monitor sees what they run.
    """
    role = sql.Identifier(owner.role)
    makes_roles = admin.info.server_version // 10_000 >= ADMIN_OPTION_SINCE
    options = ["LOGIN", "NOSUPERUSER", "CREATEDB", "CREATEROLE" if makes_roles else "NOCREATEROLE"]
    if is_superuser(admin):
        options.append("BYPASSRLS")
    words = sql.SQL(" ").join(map(sql.SQL, options))
    admin.execute(sql.SQL("CREATE ROLE {} {} PASSWORD {}").format(role, words, sql.Literal(owner.given)))
    if shared and not is_superuser(admin):
        # Making a database for another role takes the right to become it.
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    for membership in () if shared else MEMBERSHIPS:
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(membership), role))


def reset_owner(admin: Connection, owner: Login) -> None:
    """Take back what migrations in another database may have set for the owner: it would hold in the next as well."""
    role = sql.Identifier(owner.role)
    admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(owner.given)))
    admin.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(role))


def is_superuser(session: Connection) -> bool:
    """Whether the session's role is one."""
    return session.info.parameter_status("is_superuser") == "on"


def roles_made_by(admin: Connection, owner: str) -> list[str]:
    """The roles that migrations made, directly or through roles they made."""
    return [str(name) for (name,) in admin.execute(MADE_BY, (owner,)).fetchall()]


def disown(admin: Connection, role: str, owner: str) -> None:
    """Give what `role` owns in the database to `owner`, and revoke what it is granted there."""
    names = sql.Identifier(role), sql.Identifier(owner)
    admin.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(*names))
    admin.execute(sql.SQL("DROP OWNED BY {}").format(names[0]))


def drop_roles(admin: Connection, roles: Iterable[str]) -> None:
    """Drop `roles` in whatever order that goes: since 16 none can go before a role in which it made others members.

    Raises psycopg.errors.DependentObjectsStillExist where something else knows one of them.
    """
    left = list(roles)
    while left:
        kept = {role: refused for role in left if (refused := _dependents(admin, role))}
        if len(kept) == len(left):
            raise next(iter(kept.values()))
        left = list(kept)


def _dependents(admin: Connection, role: str) -> psycopg.errors.DependentObjectsStillExist | None:
    """Drop `role`; the refusal where something depends on it."""
    try:
        # Two sweeps may meet.
        admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
    except psycopg.errors.DependentObjectsStillExist as refused:
        return refused
    return None
