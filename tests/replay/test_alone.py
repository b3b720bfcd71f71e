"""The statements of a migration that run alone: where they are, which index they make, what a second run proves."""

import pytest

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.postgres.running.alone import Built, Rebuilt, concurrent_index, proof_lacks, statements_of, waits_aside


def test_each_statement_is_a_piece_at_its_line() -> None:
    sql = b"""-- two
select 1;

select ';', "a;b", $x$ ; $x$; /* ; */
--> statement-breakpoint
-- words alone;
--> statement-breakpoint
create function f() returns int begin atomic select 1; select 2; end"""
    assert list(statements_of(Migration("m", 1, "m.sql", sql))) == [
        Piece("select 1;\n\n", 2),
        Piece("select ';', \"a;b\", $x$ ; $x$; /* ; */\n", 4),
        Piece("create function f() returns int begin atomic select 1; select 2; end", 8),
    ]


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("create index concurrently i on t (a);", Built("i", "t")),
        ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS I ON ONLY S.T USING btree (a)", Built("I", "S.T")),
        ('/* x */ create index /* y */ concurrently "i" -- z\n on "s"."T"(a)', Built('"i"', '"s"."T"')),
        ("create index concurrently on t (a)", None),
        ("create index concurrently if not exists on t (a)", None),
        ("create index i on t (a)", None),
        ("create index concurrently", None),
        ("create index concurrently i on", None),
        ("reindex index concurrently i", Rebuilt("i")),
        ("reindex (verbose, concurrently) table s.t;", Rebuilt("s.t")),
        ("reindex table t", None),
        ("reindex (concurrently false) index i", None),
        ("reindex schema concurrently s", None),
        ("drop index concurrently i", None),
        ("", None),
    ],
)
def test_the_index_that_it_makes(sql: str, index: Built | Rebuilt | None) -> None:
    assert concurrent_index(sql) == index


@pytest.mark.parametrize(
    ("sql", "aside"),
    [
        ("create index concurrently i on t (a)", True),
        ("drop index concurrently i", True),
        ("reindex (concurrently) index i", True),
        ("reindex index concurrently i", True),
        ("create index i on t (a)", False),
        ("create index i on t (concurrently)", False),
        ("create table t (a int references u (concurrently))", False),
        ("reindex (concurrently false) table t", False),
        ("reindex (concurrently off) table t", False),
        ("alter table t detach partition p concurrently", False),
        ("refresh materialized view concurrently v", False),
    ],
)
def test_what_waits_in_nobodys_way(sql: str, *, aside: bool) -> None:
    assert waits_aside(sql) is aside


UNNAMED = "which index it would leave invalid cannot be told: name it"


@pytest.mark.parametrize(
    ("sql", "lack"),
    [
        ("vacuum analyze t", ""),
        ("create index concurrently if not exists i on t using gin (a)", ""),
        ("alter type mood add value if not exists 'glad'", ""),
        ("set lock_timeout = '1s'", ""),
        ("update t set a = a + 1", "what a second UPDATE does to rows cannot be told where there are none"),
        ("do $$ begin end $$", "what a second DO does to rows cannot be told where there are none"),
        ("(select 1)", "what a second ( does to rows cannot be told where there are none"),
        (
            f"alter table t {', '.join(f'add c{n} int' for n in range(20))}, alter a type int using a * 2",
            "what a second ALTER ... USING does to rows cannot be told where there are none",
        ),
        ('create index concurrently if not exists U&"i" on t (a)', UNNAMED),
        ("reindex schema concurrently public", UNNAMED),
        ("reindex (verbose, concurrently) database app", UNNAMED),
        ("reindex (concurrently off) schema public", ""),
        ("reindex index concurrently i", ""),
    ],
)
def test_what_a_second_run_proves(sql: str, lack: str) -> None:
    assert proof_lacks(sql) == lack
