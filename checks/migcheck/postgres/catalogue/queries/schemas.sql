select 'schema' as kind, s.name as identity, array_remove(array[r.owned], null) as parts
from schema s join pg_namespace n on n.oid = s.oid join role r on r.oid = n.nspowner
where not exists (select from member m where m.classid = 'pg_namespace'::regclass and m.objid = s.oid)
