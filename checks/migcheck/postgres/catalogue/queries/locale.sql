-- Collations, conversions and text search.
select
    'collation',
    s.name || '.' || quote_ident(c.collname),
    array_remove(array[
        'provider ' || case c.collprovider
            when 'i' then 'icu' when 'c' then 'libc' when 'b' then 'builtin' else c.collprovider::text
        end,
        case when not c.collisdeterministic then 'nondeterministic' end,
        'encoding ' || pg_encoding_to_char(nullif(c.collencoding, -1)),
        'collate ' || c.collcollate,
        'ctype ' || c.collctype,
        -- Called colliculocale before 17; rules came with 16.
        'locale ' || coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale'),
        'rules ' || quote_literal(to_jsonb(c) ->> 'collicurules'),
        r.owned
    ], null)
from pg_collation c join schema s on s.oid = c.collnamespace join role r on r.oid = c.collowner
where not exists (select from member m where m.classid = 'pg_collation'::regclass and m.objid = c.oid)
union all
select
    'conversion',
    s.name || '.' || quote_ident(c.conname),
    array_remove(array[
        'for ' || pg_encoding_to_char(c.conforencoding) || ' to ' || pg_encoding_to_char(c.contoencoding),
        'from ' || c.conproc::oid::regprocedure,
        case when c.condefault then 'default' end,
        r.owned
    ], null)
from pg_conversion c join schema s on s.oid = c.connamespace join role r on r.oid = c.conowner
where not exists (select from member m where m.classid = 'pg_conversion'::regclass and m.objid = c.oid)
union all
select
    'text search configuration',
    s.name || '.' || quote_ident(c.cfgname),
    array_remove(array['parser ' || (
        select format('%I.%I', n.nspname, p.prsname)
        from pg_ts_parser p join pg_namespace n on n.oid = p.prsnamespace where p.oid = c.cfgparser
    ), r.owned] || array(
        select t.alias || ' with ' || string_agg(w.mapdict::regdictionary::text, ', ' order by w.mapseqno)
        from pg_ts_config_map w join ts_token_type(c.cfgparser) t on t.tokid = w.maptokentype
        where w.mapcfg = c.oid
        group by t.tokid, t.alias order by t.tokid
    ), null)
from pg_ts_config c join schema s on s.oid = c.cfgnamespace join role r on r.oid = c.cfgowner
where not exists (select from member m where m.classid = 'pg_ts_config'::regclass and m.objid = c.oid)
union all
select
    'text search dictionary',
    s.name || '.' || quote_ident(d.dictname),
    array_remove(array['template ' || (
        select format('%I.%I', n.nspname, t.tmplname)
        from pg_ts_template t join pg_namespace n on n.oid = t.tmplnamespace where t.oid = d.dicttemplate
    ), d.dictinitoption, r.owned], null)
from pg_ts_dict d join schema s on s.oid = d.dictnamespace join role r on r.oid = d.dictowner
where not exists (select from member m where m.classid = 'pg_ts_dict'::regclass and m.objid = d.oid)
union all
select
    'text search parser',
    s.name || '.' || quote_ident(p.prsname),
    array[format(
        'start %s, token %s, end %s, headline %s, types %s',
        p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype
    )]
from pg_ts_parser p join schema s on s.oid = p.prsnamespace
where not exists (select from member m where m.classid = 'pg_ts_parser'::regclass and m.objid = p.oid)
union all
select
    'text search template',
    s.name || '.' || quote_ident(t.tmplname),
    array[format('init %s, lexize %s', t.tmplinit, t.tmpllexize)]
from pg_ts_template t join schema s on s.oid = t.tmplnamespace
where not exists (select from member m where m.classid = 'pg_ts_template'::regclass and m.objid = t.oid)
