"""The roles of a target's server on scratch: their names and what the one that deploys is a member of, and no right."""

import json
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import asdict
from psycopg import sql

# A role that is there already may be somebody's: it is neither changed nor granted to anybody.
_MAKE = """
declare
  made record;
  owner text := (select datdba::regrole from pg_catalog.pg_database where datname = current_database());
begin
  for made in select * from pg_catalog.json_to_recordset({roles}) as told(name text, granted boolean) loop
    begin
      execute pg_catalog.format('create role %I nologin', made.name);
      if made.granted then
        execute pg_catalog.format('grant %I to %s', made.name, owner);
      end if;
    exception when duplicate_object or unique_violation or reserved_name then null;
    end;
  end loop;
end
"""


class Role(Struct, frozen=True):
    """A role of the target's server; `granted`: the role that deploys is a member of it."""

    name: str
    granted: bool


def roles_prelude(roles: Iterable[Role]) -> str:
    """SQL for an administrator that makes `roles`, and the owner of scratch a member of those that are granted."""
    told = json.dumps([asdict(each) for each in roles])
    # Strings, not dollars: a role may be called what ends them.
    body = _MAKE.format(roles=sql.Literal(told).as_string())
    return f"do {sql.Literal(body).as_string()};\n"
