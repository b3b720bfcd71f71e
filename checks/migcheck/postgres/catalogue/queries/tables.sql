-- Tables, partitioned and foreign ones too; for their columns see columns.sql.
select
    case c.relkind when 'f' then 'foreign table' else 'table' end,
    t.name,
    array_remove(array[
        case c.relpersistence when 'u' then 'unlogged' end,
        case when c.relispartition then 'partition of ' else 'inherits ' end || (
            select string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno)
            from pg_inherits i where i.inhrelid = c.oid
        ) || coalesce(' ' || pg_get_expr(c.relpartbound, c.oid), ''),
        case c.relkind when 'p' then 'partition by ' || pg_get_partkeydef(c.oid) end,
        'of ' || nullif(c.reloftype, 0)::regtype,
        'using ' || nullif(am.amname, 'heap'),
        'with (' || array_to_string(c.reloptions, ', ') || ')',
        'toast with (' || array_to_string(toast.reloptions, ', ') || ')',
        'tablespace ' || quote_ident(ts.spcname),
        case when c.relrowsecurity then 'row level security' end,
        case when c.relforcerowsecurity then 'forced row level security' end,
        case when c.relkind <> 'f' then
            case c.relreplident when 'n' then 'replica identity nothing' when 'f' then 'replica identity full' end
        end,
        'server ' || quote_ident(fs.srvname),
        'options (' || array_to_string(f.ftoptions, ', ') || ')',
        r.owned
    ], null)
from relation t
join pg_class c on c.oid = t.oid
join role r on r.oid = c.relowner
left join pg_class toast on toast.oid = c.reltoastrelid
left join pg_am am on am.oid = c.relam
left join pg_tablespace ts on ts.oid = c.reltablespace
left join pg_foreign_table f on f.ftrelid = c.oid
left join pg_foreign_server fs on fs.oid = f.ftserver
where t.kind in ('r', 'p', 'f')
