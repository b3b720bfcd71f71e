-- Triggers of tables and of the whole database.
select
    'trigger',
    t.name || '.' || quote_ident(g.tgname),
    array_remove(array[
        pg_get_triggerdef(g.oid),
        case g.tgenabled when 'D' then 'disabled' when 'R' then 'enabled replica' when 'A' then 'enabled always' end,
        case when g.tgparentid <> 0 then 'inherited' end
    ], null)
from relation t join pg_trigger g on g.tgrelid = t.oid
where not g.tgisinternal
union all
select
    'event trigger',
    quote_ident(g.evtname),
    array_remove(array[
        'on ' || g.evtevent,
        'when tag in (' || array_to_string(g.evttags, ', ') || ')',
        'execute ' || g.evtfoid::oid::regprocedure,
        case g.evtenabled when 'D' then 'disabled' when 'R' then 'enabled replica' when 'A' then 'enabled always' end,
        r.owned
    ], null)
from pg_event_trigger g join role r on r.oid = g.evtowner
where not exists (select from member m where m.classid = 'pg_event_trigger'::regclass and m.objid = g.oid)
