-- Extended statistics, languages, transforms, access methods.
select
    'statistics',
    s.name || '.' || quote_ident(x.stxname),
    array_remove(array[
        pg_get_statisticsobjdef(x.oid),
        case when x.stxstattarget >= 0 then 'statistics ' || x.stxstattarget end,
        r.owned
    ], null)
from pg_statistic_ext x join schema s on s.oid = x.stxnamespace join role r on r.oid = x.stxowner
union all
select
    'language',
    quote_ident(l.lanname),
    array_remove(array[
        case when l.lanpltrusted then 'trusted' end,
        'handler ' || nullif(l.lanplcallfoid, 0)::regprocedure,
        'inline ' || nullif(l.laninline, 0)::regprocedure,
        'validator ' || nullif(l.lanvalidator, 0)::regprocedure,
        r.owned
    ], null)
from pg_language l join role r on r.oid = l.lanowner
where l.oid >= 16384
    and not exists (select from member m where m.classid = 'pg_language'::regclass and m.objid = l.oid)
union all
select
    'access method',
    quote_ident(a.amname),
    array[case a.amtype when 't' then 'for tables' else 'for indexes' end, 'handler ' || a.amhandler::oid::regprocedure]
from pg_am a
where a.oid >= 16384
    and not exists (select from member m where m.classid = 'pg_am'::regclass and m.objid = a.oid)
union all
select
    'transform',
    'for ' || format_type(t.trftype, null) || ' language ' || quote_ident(l.lanname),
    array_remove(array[
        'from sql ' || nullif(t.trffromsql::oid, 0)::regprocedure,
        'to sql ' || nullif(t.trftosql::oid, 0)::regprocedure
    ], null)
from pg_transform t join pg_language l on l.oid = t.trflang
where not exists (select from member m where m.classid = 'pg_transform'::regclass and m.objid = t.oid)
