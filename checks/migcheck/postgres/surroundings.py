"""What stands around tables at one moment: functions, rights, triggers, policies and views, each by its oid."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from msgspec import Struct, json

if TYPE_CHECKING:
    # Whoever only reads SQL has no server: to load the driver would be a fifth of that time.
    from migcheck.postgres.running.ledger import Connection

ROW_RIGHTS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
"""The rights of which policies decide for each row, where row level security is on."""
OF_TABLES = (*sorted(ROW_RIGHTS), "REFERENCES", "TRIGGER", "TRUNCATE")
"""What ALL means of a table, but for what only keeps it in shape (MAINTAIN)."""


class Thing(Struct, frozen=True):
    """Something by its `kind`, such as `view` or `trigger`. `of` is the oid of what it is in: a table, a schema, or 0.

    `name` is `schema.name`; of what is in a table, and of a schema, the name alone, without quotes. A foreign key is
    of `columns`, by their numbers, and points `to` the table with that oid.
    """

    kind: str
    oid: int
    of: int
    name: str
    columns: tuple[int, ...] = ()
    to: int = 0


class Right(Struct, frozen=True):
    """A right of PUBLIC's on the table, view, sequence or schema `on`, and the column that it is for, if any.

    Where it is of what is `to_come` (each `table`, `sequence` or `schema`), `on` is the schema for which that is
    said, or 0.
    """

    on: int
    right: str
    column: str
    to_come: str = ""


class State(Struct, frozen=True):
    """What is wrong at one moment, whoever did it.

    `definers` are functions that run with their owner's rights and without a search_path of their own, with their
    arguments. `rights` are PUBLIC's, `disabled` the oids of triggers. `gone` are those that were asked for and are not
    there.
    """

    definers: frozenset[str]
    rights: frozenset[Right]
    disabled: frozenset[int]
    gone: frozenset[int]


class Things(Struct, frozen=True):
    """What is there: `things`, and every name that may have been cut. `guarded` are tables with row level security.

    `dropped` are columns that are gone, by the oids of their tables and their numbers.
    """

    things: tuple[Thing, ...]
    names: frozenset[str]
    guarded: frozenset[int]
    dropped: frozenset[tuple[int, int]] = frozenset()


# A name that was cut has 60 bytes or more: no character has more than four.
_THINGS = """
    with classes as materialized (
        select c.oid, c.relnamespace, c.relkind, c.relrowsecurity,
            pg_catalog.format('%%I.%%I', n.nspname, c.relname) as name
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    )
    select pg_catalog.json_build_object(
        'things', coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object(
            'kind', kind, 'oid', oid::bigint, 'of', of::bigint, 'name', name, 'columns', columns,
            'to', points_to::bigint)) from (
                select case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                       else 'table' end, oid, relnamespace, name, '{}'::smallint[], 0::pg_catalog.oid from classes
                union all
                select 'schema', n.oid, 0, n.nspname, '{}', 0 from pg_catalog.pg_namespace n
                where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
                union all
                select 'trigger', t.oid, t.tgrelid, t.tgname, '{}', 0 from pg_catalog.pg_trigger t
                join classes c on c.oid = t.tgrelid where not t.tgisinternal
                union all
                select 'policy', p.oid, p.polrelid, p.polname, '{}', 0 from pg_catalog.pg_policy p
                join classes c on c.oid = p.polrelid
                union all
                select 'foreign key', k.oid, k.conrelid, k.conname, k.conkey, k.confrelid
                from pg_catalog.pg_constraint k join classes c on c.oid = k.conrelid
                where k.contype = 'f' and k.conparentid = 0
            ) each(kind, oid, of, name, columns, points_to)), '[]'),
        'dropped', coalesce((
            select pg_catalog.json_agg(pg_catalog.json_build_array(a.attrelid::bigint, a.attnum))
            from pg_catalog.pg_attribute a join classes c on c.oid = a.attrelid where a.attisdropped), '[]'),
        'guarded', coalesce((
            select pg_catalog.json_agg(oid::bigint) from classes where relrowsecurity), '[]'),
        'names', coalesce((select pg_catalog.json_agg(name) from (
                select relname from pg_catalog.pg_class
                union all select conname from pg_catalog.pg_constraint
                union all select attname from pg_catalog.pg_attribute
                union all select tgname from pg_catalog.pg_trigger
                union all select polname from pg_catalog.pg_policy
                union all select proname from pg_catalog.pg_proc
                union all select typname from pg_catalog.pg_type
                union all select nspname from pg_catalog.pg_namespace
            ) each(name) where pg_catalog.octet_length(name::pg_catalog.text) >= 60), '[]')
    )::pg_catalog.text
"""
# What extensions bring is theirs. A body that was parsed when it was made (BEGIN ATOMIC) looks up nothing any more.
_STATE = """
    select pg_catalog.json_build_object(
        'definers', coalesce((select pg_catalog.json_agg(pg_catalog.format('%%I.%%I(%%s)', n.nspname, p.proname,
                pg_catalog.pg_get_function_identity_arguments(p.oid)))
            from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
            join pg_catalog.pg_language l on l.oid = p.prolang
            where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
              and l.lanname not in ('c', 'internal')
              and not exists (select from pg_catalog.unnest(p.proconfig) s(setting) where s.setting ~ '^search_path=')
              and pg_catalog.to_jsonb(p) ->> 'prosqlbody' is null
              and not exists (select from pg_catalog.pg_depend d
                              where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid
                                and d.deptype = 'e')), '[]'),
        'rights', coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object(
            'on', oid::bigint, 'right', a.privilege_type, 'column', name, 'to_come', to_come)) from (
                select c.oid, c.relacl, '', '' from pg_catalog.pg_class c
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where c.relacl is not null and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
                union all
                select a.attrelid, a.attacl, a.attname, '' from pg_catalog.pg_attribute a
                join pg_catalog.pg_class c on c.oid = a.attrelid
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where a.attacl is not null and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
                union all
                select n.oid, n.nspacl, '', '' from pg_catalog.pg_namespace n
                where n.nspacl is not null and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
                union all
                select d.defaclnamespace, d.defaclacl, '', k.thing from pg_catalog.pg_default_acl d
                join (values ('r', 'table'), ('S', 'sequence'), ('n', 'schema')) k(type, thing)
                  on k.type = d.defaclobjtype::pg_catalog.text
            ) each(oid, acl, name, to_come), pg_catalog.aclexplode(acl) a where a.grantee = 0), '[]'),
        'disabled', coalesce((select pg_catalog.json_agg(t.oid::bigint) from pg_catalog.pg_trigger t
            where t.tgenabled = 'D' and not t.tgisinternal), '[]'),
        'gone', coalesce((select pg_catalog.json_agg(oid) from pg_catalog.unnest(%s::bigint[]) asked(oid)
            where not exists (select from pg_catalog.pg_class c where c.oid = asked.oid::pg_catalog.oid)
              and not exists (select from pg_catalog.pg_trigger t where t.oid = asked.oid::pg_catalog.oid)
              and not exists (select from pg_catalog.pg_policy p where p.oid = asked.oid::pg_catalog.oid)
              and not exists (select from pg_catalog.pg_constraint k where k.oid = asked.oid::pg_catalog.oid)), '[]')
    )::pg_catalog.text
"""
_things = json.Decoder(Things).decode
_state = json.Decoder(State).decode


def read_things(connection: "Connection") -> Things:
    """What is there now."""
    return _things(_one(connection, _THINGS, ()))


def read_state(connection: "Connection", asked: Collection[int]) -> State:
    """What is wrong now, and which of the views, triggers and policies `asked` for are gone."""
    return _state(_one(connection, _STATE, (list(asked),)))


def _one(connection: "Connection", query: str, parameters: tuple[object, ...]) -> str:
    (row,) = connection.execute(query.encode(), parameters, prepare=False)
    return str(row[0])
