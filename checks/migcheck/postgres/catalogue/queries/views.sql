select
    case c.relkind when 'm' then 'materialized view' else 'view' end,
    t.name,
    array_remove(array[
        'using ' || nullif(am.amname, 'heap'),
        'with (' || array_to_string(c.reloptions, ', ') || ')',
        'tablespace ' || quote_ident(ts.spcname),
        case when not c.relispopulated then 'not populated' end,
        r.owned,
        'as ' || pg_get_viewdef(c.oid)
    ], null)
from relation t
join pg_class c on c.oid = t.oid
join role r on r.oid = c.relowner
left join pg_am am on am.oid = c.relam
left join pg_tablespace ts on ts.oid = c.reltablespace
where t.kind in ('v', 'm')
