select
    'policy',
    t.name || '.' || quote_ident(p.polname),
    array_remove(array[
        case when not p.polpermissive then 'restrictive' end,
        'for ' || case p.polcmd
            when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all'
        end,
        'to ' || (
            select string_agg(r.name, ', ' order by r.name collate "C") from role r where r.oid = any (p.polroles)
        ),
        'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
    ], null)
from relation t join pg_policy p on p.polrelid = t.oid
