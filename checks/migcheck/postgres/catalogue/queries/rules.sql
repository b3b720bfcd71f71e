-- Rewrite rules; the one that makes a view a view is told as its definition.
select
    'rule',
    t.name || '.' || quote_ident(w.rulename),
    array_remove(array[
        pg_get_ruledef(w.oid),
        case w.ev_enabled when 'D' then 'disabled' when 'R' then 'enabled replica' when 'A' then 'enabled always' end
    ], null)
from relation t join pg_rewrite w on w.ev_class = t.oid
where w.rulename <> '_RETURN'
