-- Foreign data wrappers, servers and user mappings. Of a mapping's options the names alone: passwords are among them.
select
    'foreign data wrapper',
    quote_ident(w.fdwname),
    array_remove(array[
        'handler ' || nullif(w.fdwhandler, 0)::regprocedure,
        'validator ' || nullif(w.fdwvalidator, 0)::regprocedure,
        'options (' || array_to_string(w.fdwoptions, ', ') || ')',
        r.owned
    ], null)
from pg_foreign_data_wrapper w join role r on r.oid = w.fdwowner
where not exists (
    select from member m where m.classid = 'pg_foreign_data_wrapper'::regclass and m.objid = w.oid
)
union all
select
    'foreign server',
    quote_ident(f.srvname),
    array_remove(array[
        'wrapper ' || quote_ident(w.fdwname),
        'type ' || quote_literal(f.srvtype),
        'version ' || quote_literal(f.srvversion),
        'options (' || array_to_string(f.srvoptions, ', ') || ')',
        r.owned
    ], null)
from pg_foreign_server f
join pg_foreign_data_wrapper w on w.oid = f.srvfdw
join role r on r.oid = f.srvowner
where not exists (select from member m where m.classid = 'pg_foreign_server'::regclass and m.objid = f.oid)
union all
select
    'user mapping',
    'for ' || r.name || ' server ' || quote_ident(u.srvname),
    array_remove(array['options (' || (
        select string_agg(o.option_name, ', ' order by o.option_name collate "C") from pg_options_to_table(u.umoptions) o
    ) || ')'], null)
from pg_user_mappings u join role r on r.oid = u.umuser
