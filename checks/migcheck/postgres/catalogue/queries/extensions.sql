select
    'extension',
    quote_ident(e.extname),
    array_remove(array['version ' || e.extversion, 'in ' || quote_ident(n.nspname), r.owned], null)
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
join role r on r.oid = e.extowner
