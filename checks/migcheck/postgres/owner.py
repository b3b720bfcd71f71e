"""The roles of a scratch server: an administrator of ours, and the owner that runs migrations."""

from psycopg import sql

from migcheck.postgres.scratch import Session

# What neon_superuser may read and write (neondatabase/neon, compute_tools/src/migrations). It is a member of
# pg_signal_backend and pg_create_subscription as well; those reach other sessions and other hosts, so not here.
MEMBERSHIPS = ("pg_read_all_data", "pg_write_all_data", "pg_monitor")
ADMIN_OPTION_SINCE = 16


def create_owner(admin: Session, owner: str, password: str, major: int) -> None:
    """Make the login that migrations get: not a superuser, and no way to become one.

    CREATEROLE is withheld below 16: there it may grant itself pg_execute_server_program, which runs programs.
    Membership in the predefined roles is without ADMIN, so that none of them can be passed on.
    """
    role = sql.Identifier(owner)
    makes_roles = sql.SQL("CREATEROLE" if major >= ADMIN_OPTION_SINCE else "NOCREATEROLE")
    admin.execute(
        sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER CREATEDB {} BYPASSRLS PASSWORD {}").format(
            role, makes_roles, sql.Literal(password)
        )
    )
    for membership in MEMBERSHIPS:
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(membership), role))
