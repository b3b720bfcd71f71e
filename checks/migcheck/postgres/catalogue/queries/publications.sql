select
    'publication',
    quote_ident(p.pubname),
    array_remove(array[
        case when p.puballtables then 'for all tables' end,
        'publish ' || concat_ws(
            ', ',
            case when p.pubinsert then 'insert' end,
            case when p.pubupdate then 'update' end,
            case when p.pubdelete then 'delete' end,
            case when p.pubtruncate then 'truncate' end
        ),
        case when p.pubviaroot then 'via partition root' end,
        -- From 18 on; read by name so that older majors read as well.
        'generated columns ' || nullif(to_jsonb(p) ->> 'pubgencols', 'n'),
        r.owned
    ], null)
from pg_publication p join role r on r.oid = p.pubowner
union all
select
    'published table',
    quote_ident(p.pubname) || ' ' || t.name,
    array_remove(array[
        'columns ' || (
            select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
            from pg_attribute a where a.attrelid = t.oid and a.attnum = any (l.prattrs)
        ),
        'where ' || pg_get_expr(l.prqual, l.prrelid)
    ], null)
from pg_publication_rel l join pg_publication p on p.oid = l.prpubid join relation t on t.oid = l.prrelid
union all
select 'published schema', quote_ident(p.pubname) || ' ' || s.name, '{}'::text[]
from pg_publication_namespace l join pg_publication p on p.oid = l.pnpubid join schema s on s.oid = l.pnnspid
union all
-- Where a subscription connects to is a secret, and not for everybody to read.
select
    'subscription',
    quote_ident(u.subname),
    array_remove(array[
        'to ' || array_to_string(u.subpublications, ', '),
        case when not u.subenabled then 'disabled' end,
        r.owned
    ], null)
from pg_subscription u join role r on r.oid = u.subowner
where u.subdbid = (select oid from pg_database where datname = current_database())
