-- Constraints of tables and domains. Constraint triggers are told as triggers.
select
    'constraint',
    t.name || '.' || quote_ident(c.conname),
    array_remove(array[
        pg_get_constraintdef(c.oid),
        case when not c.conislocal then 'inherited' end,
        case when not i.indisvalid then 'invalid' end,
        case when i.indisclustered then 'clustered' end,
        case when i.indisreplident then 'replica identity' end,
        'tablespace ' || quote_ident(ts.spcname)
    ], null)
from relation t
join pg_constraint c on c.conrelid = t.oid
join pg_class r on r.oid = c.conrelid
left join pg_index i on i.indexrelid = c.conindid and c.contype in ('p', 'u', 'x')
left join pg_class ic on ic.oid = i.indexrelid
left join pg_tablespace ts on ts.oid = ic.reltablespace
where c.contype <> 't'
    -- From 18 on every NOT NULL is a constraint as well; the column says so already, unless there is more to it.
    and not (c.contype = 'n' and not c.conislocal)
    and not (
        c.contype = 'n' and c.convalidated and not c.connoinherit and c.conname = (
            select left(r.relname || '_' || a.attname || '_not_null', 63)
            from pg_attribute a where a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        )
    )
union all
select
    'domain constraint',
    s.name || '.' || quote_ident(y.typname) || '.' || quote_ident(c.conname),
    array[pg_get_constraintdef(c.oid)]
from pg_constraint c
join pg_type y on y.oid = c.contypid
join schema s on s.oid = y.typnamespace
where c.contype = 'c'
    and not exists (select from member m where m.classid = 'pg_type'::regclass and m.objid = y.oid)
