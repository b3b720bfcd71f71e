"""What a role owns and is granted in a database, as DROP ROLE looks for it.

Source: PostgreSQL's manual, "pg_shdepend"; `DropRole` of user.c, which takes memberships along.
"""

from msgspec import Struct
from psycopg.rows import class_row

from migcheck.postgres.running.ledger import Connection

_NEEDS = """
    select
        case d.deptype
            when 'o' then 'owner of' when 'a' then 'privileges for' when 'r' then 'target of'
            when 'i' then 'initial privileges for' else 'needed by'
        end as how,
        i.type as kind, i.identity as identity
    from pg_catalog.pg_shdepend d
    join pg_catalog.pg_roles r on r.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
    join pg_catalog.pg_database b on b.datname = pg_catalog.current_database(),
    pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) i
    where r.rolname = %(role)s and d.dbid in (0, b.oid) and i.identity is not null
        and d.classid <> 'pg_catalog.pg_auth_members'::pg_catalog.regclass
    union
    select 'objects in', 'database', pg_catalog.quote_ident(b.datname)
    from pg_catalog.pg_shdepend d
    join pg_catalog.pg_roles r on r.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
    join pg_catalog.pg_database b on b.oid = d.dbid
    where r.rolname = %(role)s and b.datname <> pg_catalog.current_database()
    order by 2, 3, 1
"""


class Need(Struct, frozen=True):
    """One thing that needs a role: `privileges for` the `kind` `table` whose `identity` is `public.users`."""

    how: str
    kind: str
    identity: str

    def __str__(self) -> str:
        """Much as the server tells it where it refuses to drop the role."""
        return f"{self.how} {self.kind} {self.identity}"


def needs_of(connection: Connection, role: str) -> list[Need]:
    """What of its database, and of others on its server, needs the role of that name. Raises psycopg.Error."""
    return connection.cursor(row_factory=class_row(Need)).execute(_NEEDS, {"role": role}).fetchall()
