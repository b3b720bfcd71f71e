-- Operators, operator families and classes, casts.
select
    'operator',
    o.oid::regoperator::text,
    array_remove(array[
        'returns ' || format_type(nullif(o.oprresult, 0), null),
        'function ' || nullif(o.oprcode::oid, 0)::regprocedure,
        'commutator ' || nullif(o.oprcom, 0)::regoperator,
        'negator ' || nullif(o.oprnegate, 0)::regoperator,
        'restrict ' || nullif(o.oprrest::oid, 0)::regprocedure,
        'join ' || nullif(o.oprjoin::oid, 0)::regprocedure,
        case when o.oprcanhash then 'hashes' end,
        case when o.oprcanmerge then 'merges' end,
        r.owned
    ], null)
from pg_operator o join schema s on s.oid = o.oprnamespace join role r on r.oid = o.oprowner
where not exists (select from member m where m.classid = 'pg_operator'::regclass and m.objid = o.oid)
union all
select
    'operator family',
    s.name || '.' || quote_ident(f.opfname) || ' using ' || am.amname,
    array_remove(array[r.owned] || array(
        select format(
            'operator %s %s%s', a.amopstrategy, a.amopopr::regoperator,
            ' for order by ' || (
                select format('%I.%I', n.nspname, b.opfname)
                from pg_opfamily b join pg_namespace n on n.oid = b.opfnamespace where b.oid = a.amopsortfamily
            )
        )
        from pg_amop a where a.amopfamily = f.oid
        order by a.amopstrategy, a.amopopr::regoperator::text collate "C"
    ) || array(
        select format(
            'function %s (%s, %s) %s', a.amprocnum,
            a.amproclefttype::regtype, a.amprocrighttype::regtype, a.amproc::oid::regprocedure
        )
        from pg_amproc a where a.amprocfamily = f.oid
        order by a.amprocnum, a.amproclefttype::regtype::text collate "C", a.amprocrighttype::regtype::text collate "C"
    ), null)
from pg_opfamily f
join schema s on s.oid = f.opfnamespace
join pg_am am on am.oid = f.opfmethod
join role r on r.oid = f.opfowner
where not exists (select from member m where m.classid = 'pg_opfamily'::regclass and m.objid = f.oid)
union all
select
    'operator class',
    s.name || '.' || quote_ident(o.opcname) || ' using ' || am.amname,
    array_remove(array[
        'for type ' || format_type(o.opcintype, null),
        case when o.opcdefault then 'default' end,
        'family ' || (
            select format('%I.%I', n.nspname, f.opfname)
            from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace where f.oid = o.opcfamily
        ),
        'storage ' || format_type(nullif(o.opckeytype, 0), null),
        r.owned
    ], null)
from pg_opclass o
join schema s on s.oid = o.opcnamespace
join pg_am am on am.oid = o.opcmethod
join role r on r.oid = o.opcowner
where not exists (select from member m where m.classid = 'pg_opclass'::regclass and m.objid = o.oid)
union all
select
    'cast',
    '(' || format_type(c.castsource, null) || ' as ' || format_type(c.casttarget, null) || ')',
    array[
        case c.castmethod
            when 'f' then 'with function ' || c.castfunc::regprocedure when 'i' then 'with inout' else 'without function'
        end,
        case c.castcontext when 'i' then 'implicit' when 'a' then 'assignment' else 'explicit' end
    ]
from pg_cast c
where c.oid >= 16384
    and not exists (select from member m where m.classid = 'pg_cast'::regclass and m.objid = c.oid)
