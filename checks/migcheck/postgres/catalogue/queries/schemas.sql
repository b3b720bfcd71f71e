-- What schema public came with is no grant of grants.sql, so it is told that it has come with it.
select
    'schema',
    s.name,
    array_remove(array[case when i.objoid is not null then 'with the grants it came with' end, r.owned], null)
from schema s
join pg_namespace n on n.oid = s.oid
join role r on r.oid = n.nspowner
left join pg_init_privs i on i.classoid = 'pg_namespace'::regclass and i.objoid = n.oid and i.privtype = 'i'
where not exists (select from member m where m.classid = 'pg_namespace'::regclass and m.objid = s.oid)
