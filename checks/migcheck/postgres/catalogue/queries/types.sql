-- Enums with their labels in order, domains, composite types, ranges, base and shell types. A table's row type and the
-- array type that comes with each type are told by what they belong to.
select
    case y.typtype
        when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite type' when 'r' then 'range' else 'type'
    end,
    s.name || '.' || quote_ident(y.typname),
    array_remove(array[
        case y.typtype when 'd' then format_type(y.typbasetype, y.typtypmod) end,
        case when y.typtype = 'd' and y.typcollation <> b.typcollation then 'collate ' || y.typcollation::regcollation end,
        case when y.typnotnull then 'not null' end,
        -- A domain's typdefault is as the session of its making saw it: with other names in another search_path.
        'default ' || coalesce(pg_get_expr(y.typdefaultbin, 0), y.typdefault),
        case when not y.typisdefined then 'shell' end,
        'subtype ' || format_type(g.rngsubtype, null),
        'subtype collation ' || nullif(g.rngcollation, 0)::regcollation,
        case when g.rngtypid is not null then 'subtype operator class ' || (
            select format('%I.%I', n.nspname, o.opcname)
            from pg_opclass o join pg_namespace n on n.oid = o.opcnamespace where o.oid = g.rngsubopc
        ) end,
        'canonical ' || nullif(g.rngcanonical::oid, 0)::regprocedure,
        'subtype difference ' || nullif(g.rngsubdiff::oid, 0)::regprocedure,
        'multirange ' || format_type(g.rngmultitypid, null),
        case when y.typtype = 'b' then format(
            'length %s, by value %s, input %s, output %s, receive %s, send %s, modifier input %s, modifier output %s, '
                'analyze %s, subscript %s, storage %s, alignment %s, category %s, preferred %s, delimiter %s, collation %s',
            y.typlen, y.typbyval, y.typinput, y.typoutput, y.typreceive, y.typsend, y.typmodin, y.typmodout,
            y.typanalyze, y.typsubscript, y.typstorage, y.typalign, y.typcategory, y.typispreferred, y.typdelim,
            nullif(y.typcollation, 0)::regcollation
        ) end,
        '(' || (
            select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
            from pg_enum e where e.enumtypid = y.oid
        ) || ')',
        r.owned
    ], null)
from pg_type y
join schema s on s.oid = y.typnamespace
join role r on r.oid = y.typowner
left join pg_class c on c.oid = y.typrelid
left join pg_type b on b.oid = y.typbasetype
left join pg_range g on g.rngtypid = y.oid
where y.typtype <> 'm'
    and not exists (select from pg_type e where e.oid = y.typelem and e.typarray = y.oid)
    and (y.typrelid = 0 or c.relkind = 'c')
    and not exists (select from member m where m.classid = 'pg_type'::regclass and m.objid = y.oid)
