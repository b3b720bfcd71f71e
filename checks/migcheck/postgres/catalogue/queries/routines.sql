-- Functions, procedures, window functions, aggregates. The definition is the one Postgres writes, so that whatever a
-- newer major adds to it is compared as well.
select
    case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
    s.name || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')',
    array_remove(array[
        r.owned,
        case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end
    ] || (
        select array[
            'returns ' || pg_get_function_result(p.oid),
            'arguments ' || pg_get_function_arguments(p.oid),
            case a.aggkind when 'o' then 'ordered set' when 'h' then 'hypothetical set' end,
            case p.proparallel when 's' then 'parallel safe' when 'r' then 'parallel restricted' end,
            'sfunc ' || a.aggtransfn::oid::regprocedure,
            'stype ' || format_type(a.aggtranstype, null),
            'sspace ' || nullif(a.aggtransspace, 0),
            'finalfunc ' || nullif(a.aggfinalfn::oid, 0)::regprocedure,
            case when a.aggfinalextra then 'finalfunc_extra' end,
            case when a.aggfinalfn <> 0 then 'finalfunc_modify ' || a.aggfinalmodify::text end,
            'combinefunc ' || nullif(a.aggcombinefn::oid, 0)::regprocedure,
            'serialfunc ' || nullif(a.aggserialfn::oid, 0)::regprocedure,
            'deserialfunc ' || nullif(a.aggdeserialfn::oid, 0)::regprocedure,
            'initcond ' || quote_literal(a.agginitval),
            'msfunc ' || nullif(a.aggmtransfn::oid, 0)::regprocedure,
            'minvfunc ' || nullif(a.aggminvtransfn::oid, 0)::regprocedure,
            'mfinalfunc ' || nullif(a.aggmfinalfn::oid, 0)::regprocedure,
            'mstype ' || format_type(nullif(a.aggmtranstype, 0), null),
            'msspace ' || nullif(a.aggmtransspace, 0),
            'minitcond ' || quote_literal(a.aggminitval),
            case when a.aggmfinalextra then 'mfinalfunc_extra' end,
            case when a.aggmfinalfn <> 0 then 'mfinalfunc_modify ' || a.aggmfinalmodify::text end,
            'sortop ' || nullif(a.aggsortop, 0)::regoperator
        ]
        from pg_aggregate a where a.aggfnoid = p.oid
    ), null)
from pg_proc p
join schema s on s.oid = p.pronamespace
join role r on r.oid = p.proowner
where not exists (select from member m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)
