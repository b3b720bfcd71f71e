-- Of which families the database has anything: to read and plan the query of one that it has nothing of took as long as to
-- run it. A family is a file of `queries`; to name one too many costs its time, to leave one out hides what it tells.
-- 16384 is the first oid of what a user makes. What came with the server, and a superuser moved to a schema of the user's, is
-- not looked for.
with relation as materialized (
    select distinct relkind as kind, relacl is not null as granted from pg_class where oid >= 16384
)
select unnest(array_remove(array[
    'comments',
    'database',
    'extensions',
    'schemas',
    case when exists (select from relation where kind in ('r', 'p', 'f', 'v', 'm', 'c')) then 'columns' end,
    case when exists (select from pg_constraint where oid >= 16384) then 'constraints' end,
    case when exists (select from pg_foreign_data_wrapper) then 'foreign' end,
    case when exists (select from relation where granted)
        or exists (select from pg_attribute where attrelid >= 16384 and attacl is not null)
        or exists (
            select
            from pg_namespace n
            left join pg_init_privs i
                on i.classoid = 'pg_namespace'::regclass and i.objoid = n.oid and i.privtype = 'i'
            where n.nspname <> 'information_schema' and n.nspacl::text is distinct from i.initprivs::text
        )
        or exists (select from pg_proc where oid >= 16384 and proacl is not null)
        or exists (select from pg_type where oid >= 16384 and typacl is not null)
        or exists (select from pg_language where lanacl is not null)
        or exists (select from pg_foreign_data_wrapper where fdwacl is not null)
        or exists (select from pg_foreign_server where srvacl is not null)
        or exists (select from pg_database where datname = current_database() and datacl is not null)
        or exists (select from pg_largeobject_metadata where lomacl is not null)
        or exists (select from pg_default_acl)
    then 'grants' end,
    case when exists (select from relation where kind in ('i', 'I')) then 'indexes' end,
    case when exists (select from pg_collation where oid >= 16384)
        or exists (select from pg_conversion where oid >= 16384)
        or exists (select from pg_ts_config where oid >= 16384)
        or exists (select from pg_ts_dict where oid >= 16384)
        or exists (select from pg_ts_parser where oid >= 16384)
        or exists (select from pg_ts_template where oid >= 16384)
    then 'locale' end,
    case when exists (select from pg_operator where oid >= 16384)
        or exists (select from pg_opfamily where oid >= 16384)
        or exists (select from pg_opclass where oid >= 16384)
        or exists (select from pg_cast where oid >= 16384)
    then 'operators' end,
    case when exists (select from pg_statistic_ext)
        or exists (select from pg_language where oid >= 16384)
        or exists (select from pg_am where oid >= 16384)
        or exists (select from pg_transform)
    then 'others' end,
    case when exists (select from pg_policy) then 'policies' end,
    case when exists (select from pg_publication) or exists (select from pg_subscription) then 'publications' end,
    case when exists (select from pg_proc where oid >= 16384) then 'routines' end,
    case when exists (select from pg_rewrite where oid >= 16384 and rulename <> '_RETURN') then 'rules' end,
    case when exists (select from relation where kind = 'S') then 'sequences' end,
    case when exists (select from relation where kind in ('r', 'p', 'f')) then 'tables' end,
    case when exists (select from pg_trigger where not tgisinternal) or exists (select from pg_event_trigger)
    then 'triggers' end,
    -- A table's row type is of kind c; an array type alone has no array type of its own.
    case when exists (select from relation where kind = 'c')
        or exists (select from pg_type where oid >= 16384 and typtype <> 'c' and (typarray <> 0 or typtype = 'p'))
    then 'types' end,
    case when exists (select from relation where kind in ('v', 'm')) then 'views' end
], null))
