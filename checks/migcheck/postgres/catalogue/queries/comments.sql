-- Comments and security labels of whatever can carry one. 16384 is the first oid of a user; schema public has 2200.
select 'comment on ' || regexp_replace(o.type, '^table (.*)', '\1'), o.identity, array[quote_literal(d.description)]
from pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o
where (
        d.objoid >= 16384
        or d.classoid = 'pg_namespace'::regclass and d.objoid = 2200
        or d.classoid = 'pg_largeobject'::regclass
    )
    -- Nothing is left to identify where somebody dropped it meanwhile.
    and o.identity is not null
    and coalesce(o.schema, '') !~ '^pg_(temp|toast)'
    and not (d.classoid = 'pg_class'::regclass and d.objoid in (select oid from ledger_relation))
    and not exists (select from member m where m.classid = d.classoid and m.objid = d.objoid)
    -- What an extension says of itself comes with it, in the words of its version.
    and not (
        d.classoid = 'pg_extension'::regclass
        and (d.objoid, d.description) in (
            select e.oid, a.comment
            from pg_extension e join pg_available_extensions() a on a.name = e.extname
            where a.comment is not null
        )
    )
union all
select 'comment on database', '', array[quote_literal(d.description)]
from pg_shdescription d
where d.classoid = 'pg_database'::regclass
    and d.objoid = (select oid from pg_database where datname = current_database())
union all
select
    'security label on ' || regexp_replace(o.type, '^table (.*)', '\1'), o.identity,
    array_agg(l.provider || ' ' || quote_literal(l.label) order by l.provider collate "C")
from pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) o
where o.identity is not null
    and not exists (select from member m where m.classid = l.classoid and m.objid = l.objoid)
group by o.type, o.identity
