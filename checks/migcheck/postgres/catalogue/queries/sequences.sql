-- What a sequence is; where it stands is not part of the schema.
select
    'sequence',
    t.name,
    array_remove(array[
        case c.relpersistence when 'u' then 'unlogged' end,
        'as ' || format_type(q.seqtypid, null),
        'start ' || q.seqstart,
        'increment ' || q.seqincrement,
        'minvalue ' || q.seqmin,
        'maxvalue ' || q.seqmax,
        'cache ' || q.seqcache,
        case when q.seqcycle then 'cycle' end,
        (
            select case d.deptype when 'i' then 'identity of ' else 'owned by ' end
                || d.refobjid::regclass || '.' || quote_ident(a.attname)
            from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
            where d.classid = 'pg_class'::regclass and d.objid = t.oid
                and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
        ),
        r.owned
    ], null)
from relation t
join pg_sequence q on q.seqrelid = t.oid
join pg_class c on c.oid = t.oid
join role r on r.oid = c.relowner
