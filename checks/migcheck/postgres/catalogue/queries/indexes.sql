-- Indexes that no constraint stands for.
select
    'index',
    t.name,
    array_remove(array[
        pg_get_indexdef(i.indexrelid),
        'partition of ' || (select p.inhparent::regclass::text from pg_inherits p where p.inhrelid = i.indexrelid),
        case when not i.indisvalid then 'invalid' end,
        case when not i.indisready then 'not ready' end,
        case when i.indisclustered then 'clustered' end,
        case when i.indisreplident then 'replica identity' end,
        'tablespace ' || quote_ident(ts.spcname),
        (
            select string_agg('statistics of column ' || a.attnum || ' ' || a.attstattarget, ', ' order by a.attnum)
            from pg_attribute a where a.attrelid = i.indexrelid and a.attstattarget >= 0
        )
    ], null)
from relation t
join pg_index i on i.indexrelid = t.oid
join pg_class c on c.oid = t.oid
left join pg_tablespace ts on ts.oid = c.reltablespace
where t.kind in ('i', 'I')
    and not exists (select from pg_constraint k where k.conindid = t.oid and k.contype in ('p', 'u', 'x'))
