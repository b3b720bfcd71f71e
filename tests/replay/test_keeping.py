"""Which statements may keep rows that they read: by their words."""

import pytest

from migcheck.facts.replay.watching.keeping import Keeps, keeps
from migcheck.postgres.sql_calls import calls_others

KEEPS: list[tuple[str, Keeps]] = [
    ("create view v as select * from t", Keeps.NOTHING),
    ("create table n (id int generated always as identity, t int references t)", Keeps.NOTHING),
    ("alter table t add foreign key (u) references u not valid; grant select on t to public", Keeps.NOTHING),
    ("select count(*) from t; select setval('t_id_seq', (select max(id) from t))", Keeps.NOTHING),
    ("insert into n (a, b) values (1, 2)", Keeps.NOTHING),
    ("create materialized view v as select * from t with no data;", Keeps.NOTHING),
    ("do $$ begin perform count(*) from t; delete from t; end $$", Keeps.NOTHING),
    ("delete from t where id in (select id from t)", Keeps.NOTHING),
    ("create function f() returns void language sql as 'insert into n select * from t'", Keeps.NOTHING),
    ("update n set a = 0, b = default from t where t.id = n.t", Keeps.NOTHING),
    ("update n set a = m.a from t, m where t.id = n.t", Keeps.NOTHING),
    ("update n set a = t.id from t where t.id = n.t", Keeps.VALUES),
    ('update n set (a, b) = (select "Name", 1 from t)', Keeps.VALUES),
    ("update n set a = array[1, t.id] from t", Keeps.VALUES),
    ("update n set a = s.total from (select id, sum(x) as total from t group by 1) s where s.id = n.t", Keeps.VALUES),
    ("update n set a = to_jsonb(p) from t p where p.id = n.t", Keeps.VALUES),
    ("update n set a = row(p.*) from t p", Keeps.VALUES),
    ("update n set a = n.a + 1 from t p where p.a = n.a", Keeps.NOTHING),
    ('update "n" set "a" = "n"."b" from "public"."t" as "p" where "p"."a" = "n"."a"', Keeps.NOTHING),
    ("update n set a = m.a, b = 1 from t join m on m.kind = 1 left join o using (a)", Keeps.NOTHING),
    ("update n set a = p from m join only public.t as p on p.a = m.a", Keeps.VALUES),
    ("update n set a = 'Acme (old)', b = 2 -- rows (see #12)\nfrom t where t.a between (1) and (2)", Keeps.NOTHING),
    ("insert into settings values ('Paris (FR)') returning (a)", Keeps.NOTHING),
    ("insert into n values (cast('1' as int), overlay('ab' placing 'c' from 1), xmlforest(1 as a))", Keeps.NOTHING),
    ("select a, sum(b) from t group by grouping sets ((a), ()), cube (a), rollup (a)", Keeps.NOTHING),
    ("update n set b = v.b from (values (1, 2)) v(n, b) where v.n = n.b", Keeps.NOTHING),
    ("update n set b = 1 from t, unnest(array[1]) with ordinality v(b, n)", Keeps.NOTHING),
    ("with r(n) as (select 1), s(n) as not materialized (values (2)) select count(*) from r, s, t", Keeps.NOTHING),
    ("do $$ begin perform (select max(id) from t); end $$", Keeps.NOTHING),
    ("select (1), archive(t) from t", Keeps.ROWS),
    ("select distinct on (id) archive(id) from t; delete from t", Keeps.ROWS),
    ("select distinct on (lower((a)::text), b)\narchive(id) from t", Keeps.ROWS),
    ("select distinct on (lower(a)) a, max(b) from t", Keeps.NOTHING),
    ("select 1 from t join n on archive(t)", Keeps.ROWS),
    ("select count(*) from t join n on (t.id = n.t) where exists (select 1)", Keeps.NOTHING),
    ("select 1 from t where (a) and archive (lower(b))", Keeps.ROWS),
    ("with r(n) as (select archive(t) from t) select n from r", Keeps.ROWS),
    ("select * from archive(1) as (a int), t", Keeps.ROWS),
    ("update n set a = archive(p) from t p", Keeps.ROWS),
    ("do $$ begin update n set a = t.id from t; end $$", Keeps.VALUES),
    ("with x as (select * from t) update n set a = x.id from x", Keeps.VALUES),
    ("insert into n select * from t", Keeps.ROWS),
    ("INSERT INTO n TABLE t", Keeps.ROWS),
    ("select 1; create temp table n (a) as (select id from t)", Keeps.ROWS),
    ("select 1; create table n (a) as (select id from t)", Keeps.PARTS),
    ("insert into n (what) select 'deleted ' || id from t", Keeps.PARTS),
    ("create table n as select t.id from t where t.id > 3", Keeps.PARTS),
    # Without a FROM.
    ("insert into n select 1, 'a'", Keeps.PARTS),
    ("create materialized view v as select 1 as x", Keeps.PARTS),
    ('create table n as select id, "Name" from t', Keeps.ROWS),
    ('insert into n select "Name", t.id from t union all select 1, 2', Keeps.ROWS),
    ("insert into n select to_jsonb(p) from t as p", Keeps.ROWS),
    ("insert into n select p.id, p from m join only public.t p on p.id = m.id", Keeps.ROWS),
    ("insert into n select s.id from (select * from t) s", Keeps.ROWS),
    ("insert into n select p from public.t p where exists (select 1 from m where m.id = p.id)", Keeps.ROWS),
    ("insert into n select extract(day from at), p from t p", Keeps.ROWS),
    ("insert into n select p.id from t p where p.id in (select m.id from m)", Keeps.PARTS),
    ("insert into n (number) select count(*) from t group by id", Keeps.ROWS),
    ("insert into n select archive(id) from t", Keeps.ROWS),
    ("create materialized view v as select * from t", Keeps.ROWS),
    ("select * into n from t", Keeps.ROWS),
    ("select archive(t) from t", Keeps.ROWS),
    ("with gone as (delete from t returning *) insert into n select * from gone", Keeps.ROWS),
    ("do $$ begin execute 'in' || 'sert into n select * from t'; end $$", Keeps.ROWS),
    ("call archive()", Keeps.ROWS),
    ("copy t to stdout", Keeps.ROWS),
]


@pytest.mark.parametrize(("sql", "kept"), KEEPS)
def test_what_may_be_kept_of_a_table_that_is_read(sql: str, kept: Keeps) -> None:
    assert keeps(sql, {"id", "Name"}) is kept


def test_what_defines_calls_nothing() -> None:
    said = [
        "create index i on n using gin (a) include (b)",
        'create unique index concurrently if not exists "an i" on only app.n (a); create index on n (b)',
        "insert into n (a) values (1) on conflict (a) do nothing",
        "create table n (a int) partition by list (a)",
        "create trigger a after delete on n execute function f()",
        "alter table n add b vector(3)",
    ]
    assert not any(map(calls_others, said))
    assert calls_others("alter table n alter a type int using f (a)")


def test_what_is_computed_of_the_others_need_not_be_kept() -> None:
    assert keeps("create table n as select id from t", {"id", "twice"}, {"twice"}) is Keeps.ROWS


def test_where_columns_are_not_known_any_may_be_of_it() -> None:
    assert keeps("update n set a = m.a from t, m") is Keeps.VALUES
    assert keeps("update n set a = 0, b = 'x', c = null from t") is Keeps.NOTHING
