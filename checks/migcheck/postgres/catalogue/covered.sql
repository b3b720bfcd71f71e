-- What the fingerprint covers, shared by every query of this folder, which become one statement.
-- Filled in are schema and table of the ledger (null: there is none to leave out), and the role shown as $owner (null: who
-- is connected). Not named here: this comment would be filled in as well.
with ledger as materialized (
    select c.oid
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = {schema}::text and c.relname = {table}::text
),
ledger_relation as materialized (
    select oid from ledger
    union all select indexrelid from pg_index where indrelid in (select oid from ledger)
    union all
    select objid
    from pg_depend
    where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass
        and refobjid in (select oid from ledger) and deptype in ('a', 'i')
),
-- What belongs to an extension comes with it, and the extension's version stands for all of it. Likewise the functions and
-- casts that every range type brings along.
member as materialized (
    select classid, objid
    from pg_depend
    where deptype = 'e' or deptype = 'i' and classid in ('pg_proc'::regclass, 'pg_cast'::regclass)
),
-- Every schema of a user. The ledger's is left out where Drizzle made it (16384 is the first oid of a user) and nothing
-- else is in it.
schema as materialized (
    select n.oid, quote_ident(n.nspname) as name
    from pg_namespace n
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not (
            n.nspname = coalesce({schema}::text, '') and n.oid >= 16384
            and not exists (
                select
                from pg_depend d
                where d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid
                    and not (d.classid = 'pg_class'::regclass and d.objid in (select oid from ledger_relation))
            )
        )
),
relation as materialized (
    select c.oid, s.name || '.' || quote_ident(c.relname) as name, c.relkind as kind, c.relowner as owner
    from pg_class c join schema s on s.oid = c.relnamespace
    where c.relkind <> 't'
        and c.oid not in (select oid from ledger_relation)
        and not exists (select from member m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
        -- Of a composite type the type is the member, not the relation behind it.
        and not exists (select from member m where m.classid = 'pg_type'::regclass and m.objid = c.reltype)
),
-- `owned` is what a thing says of its owner: nothing where that is the owner of the database.
role as materialized (
    select
        oid,
        case rolname when coalesce({owner}::text, current_user) then '$owner' else quote_ident(rolname) end as name,
        case when rolname <> coalesce({owner}::text, current_user) then 'owner ' || quote_ident(rolname) end as owned
    from pg_roles
    union all select 0, 'public', null
)
