-- Grants beyond what a new thing of its kind comes with, and revokes of that. Default privileges are those of things to be.
(with thing as (
    select
        case c.relkind when 'S' then 'sequence' else 'table' end as kind, t.name, c.relacl as acl,
        acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner) as usual, c.relowner as owner
    from relation t join pg_class c on c.oid = t.oid where c.relacl is not null
    union all
    select 'column', t.name || '.' || quote_ident(a.attname), a.attacl, acldefault('c', t.owner), t.owner
    from relation t join pg_attribute a on a.attrelid = t.oid where a.attacl is not null and not a.attisdropped
    union all
    -- Schema public comes with grants of its own.
    select 'schema', s.name, n.nspacl, coalesce(i.initprivs, acldefault('n', n.nspowner)), n.nspowner
    from schema s
    join pg_namespace n on n.oid = s.oid
    left join pg_init_privs i on i.classoid = 'pg_namespace'::regclass and i.objoid = n.oid and i.privtype = 'i'
    where n.nspacl is not null
    union all
    select
        'function', s.name || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')',
        p.proacl, acldefault('f', p.proowner), p.proowner
    from pg_proc p join schema s on s.oid = p.pronamespace
    where p.proacl is not null
        and not exists (select from member m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)
    union all
    select 'type', s.name || '.' || quote_ident(y.typname), y.typacl, acldefault('T', y.typowner), y.typowner
    from pg_type y join schema s on s.oid = y.typnamespace
    where y.typacl is not null
        and not exists (select from member m where m.classid = 'pg_type'::regclass and m.objid = y.oid)
    union all
    select 'language', quote_ident(l.lanname), l.lanacl, acldefault('l', l.lanowner), l.lanowner
    from pg_language l where l.lanacl is not null
    union all
    select 'foreign data wrapper', quote_ident(w.fdwname), w.fdwacl, acldefault('F', w.fdwowner), w.fdwowner
    from pg_foreign_data_wrapper w where w.fdwacl is not null
    union all
    select 'foreign server', quote_ident(f.srvname), f.srvacl, acldefault('S', f.srvowner), f.srvowner
    from pg_foreign_server f where f.srvacl is not null
    union all
    select 'database', '', d.datacl, acldefault('d', d.datdba), d.datdba
    from pg_database d where d.datname = current_database() and d.datacl is not null
    union all
    select 'large object', b.oid::text, b.lomacl, acldefault('L', b.lomowner), b.lomowner
    from pg_largeobject_metadata b where b.lomacl is not null
    union all
    select
        'future ' || case d.defaclobjtype
            when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
            when 'n' then 'schemas' else 'large objects'
        end,
        'of ' || r.name || coalesce(' in ' || s.name, ''), d.defaclacl,
        case d.defaclnamespace
            when 0 then acldefault(case d.defaclobjtype when 'S' then 's'::"char" else d.defaclobjtype end, d.defaclrole)
            else null::aclitem[]
        end,
        d.defaclrole
    from pg_default_acl d join role r on r.oid = d.defaclrole left join schema s on s.oid = d.defaclnamespace
),
held as (
    select t.kind, t.name, t.owner, e.* from thing t, aclexplode(t.acl) e
),
usual as (
    select t.kind, t.name, t.owner, e.* from thing t, aclexplode(t.usual) e
),
change as (
    select 'grant on ' as verb, ' to ' as preposition, g.* from (table held except table usual) g
    union all
    select 'revoke on ', ' from ', g.* from (table usual except table held) g
)
select
    c.verb || c.kind,
    c.name || c.preposition || r.name,
    array[string_agg(
        lower(c.privilege_type) || case when c.is_grantable then ' with grant option' else '' end
            || case when c.grantor <> c.owner then ' by ' || by.name else '' end,
        ', ' order by c.privilege_type collate "C", by.name collate "C"
    )]
from change c join role r on r.oid = c.grantee join role by on by.oid = c.grantor
group by c.verb, c.kind, c.name, c.preposition, r.name)
