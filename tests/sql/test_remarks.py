"""What was seen of small tables, for whoever wants to see everything."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.locked import Locked
from migcheck.facts.sql.observation import (
    IndexBuilt,
    LeftNotValid,
    Rewritten,
    Seen,
    TableDropped,
    Validated,
    WorkedThrough,
)
from migcheck.facts.sql.remarks import remarks
from migcheck.facts.sql.row_counts import Counts, RowsWritten
from migcheck.facts.sql.rows import Own, Rows
from migcheck.facts.target.sizes import Size, Sizes, Unsized
from migcheck.finding import Location
from migcheck.rule import judge
from tests.support.command import Command
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository

SMALL = {"public.users": Size(1000, 1 << 20)}
INDEX = Seen(
    "0001_new", Location("drizzle/0001_new.sql", 3), "create …", "public.users", IndexBuilt("i", unique=False), "SHARE"
)


def told(seen: Seen, sizes: Sizes, config: SqlConfig | None = None) -> list[str]:
    return list(remarks(SqlFacts((seen,), sizes=sizes, config=config or SqlConfig())))


def test_the_lock_the_size_and_the_statement_are_told() -> None:
    line = "drizzle/0001_new.sql:3: SHARE on public.users while all of it is read; {}: create …"
    assert told(INDEX, SMALL) == [line.format("the target has 1 MiB of it, about 1,000 rows")]
    nobody = Unsized("there is no target")
    named = SqlConfig(big_tables=("teams",))
    assert told(INDEX, nobody, named) == [line.format("big_tables does not name it")]
    # Rules tell of all others.
    assert told(INDEX, nobody) == []
    assert told(INDEX, {"public.users": Size(None, 8192, empty=True)}) == []
    assert told(INDEX, SMALL, SqlConfig(big_tables=("users",))) == []
    worked = replace(INDEX, change=WorkedThrough(), lock="ACCESS EXCLUSIVE")
    unknown = "its size is not known, as there is no target"
    assert told(worked, nobody) == [line.replace("SHARE", "ACCESS EXCLUSIVE").format(unknown)]


def test_what_keeps_nobody_out_and_what_reads_nothing_is_not() -> None:
    assert told(replace(INDEX, lock=""), SMALL) == []
    assert told(replace(INDEX, lock="SHARE UPDATE EXCLUSIVE"), SMALL) == []
    assert told(replace(INDEX, change=TableDropped(), lock="ACCESS EXCLUSIVE"), SMALL) == []
    # What one statement does in several ways is one line.
    both = (INDEX, replace(INDEX, change=Rewritten("x")))
    assert len(list(remarks(SqlFacts(both, sizes=SMALL)))) == 1


def test_a_constraint_that_is_left_not_valid_is_a_detail_and_no_finding() -> None:
    left = replace(INDEX, change=LeftNotValid("grown", foreign=False), lock="ACCESS EXCLUSIVE")
    line = "drizzle/0001_new.sql:3: the check grown of public.users is left NOT VALID: create …"
    assert told(left, {"public.users": Size(10**7, 1 << 33)}) == told(left, SMALL) == [line]
    assert judge(SQL_RULES, SqlFacts((left,), sizes={"public.users": Size(10**7, 1 << 33)})) == ()


def test_what_was_done_to_it_is_told() -> None:
    size = "the target has 1 MiB of it, about 1,000 rows"
    rewritten = replace(INDEX, change=Rewritten("x"), lock="ACCESS EXCLUSIVE")
    line = f"drizzle/0001_new.sql:3: ACCESS EXCLUSIVE on public.users while all of it is {{}}; {size}: create …"
    assert told(rewritten, SMALL) == [line.format("written anew")]
    worked = replace(rewritten, change=WorkedThrough())
    assert told(worked, SMALL) == [line.format("read")]
    assert told(replace(worked, written=True), SMALL) == [line.format("gone through, and written")]
    # Of what one statement does the most.
    checked = replace(rewritten, change=Validated("c", foreign=False))
    facts = SqlFacts((checked, rewritten, replace(rewritten, change=INDEX.change)), sizes=SMALL)
    assert list(remarks(facts)) == [line.format("written anew")]


def test_the_locks_of_a_transaction_that_takes_several_tables_are_told() -> None:
    users = Locked("0001_new", Location("drizzle/0001_new.sql", 1), "alter …", "public.users", "ACCESS EXCLUSIVE", 1, 1)
    posts = replace(users, at=Location("drizzle/0001_new.sql", 3), table="public.posts", lock="SHARE", after=0)
    (line,) = remarks(SqlFacts(locked=(users, posts)))
    assert line == (
        "one transaction locks 2 tables: ACCESS EXCLUSIVE on public.users, at drizzle/0001_new.sql:1; "
        "SHARE on public.posts, at drizzle/0001_new.sql:3"
    )
    for one in (replace(posts, lock="ROW EXCLUSIVE"), replace(posts, transaction=2), replace(posts, table=users.table)):
        assert list(remarks(SqlFacts(locked=(users, one)))) == []
    assert list(remarks(SqlFacts(locked=(users, posts), partitions={"public.posts": "public.users"}))) == []


def test_how_many_rows_were_written_is_told() -> None:
    wrote = RowsWritten("0001_new", INDEX.at, "update …", "public.users", Counts(updated=16), 16)
    line = "drizzle/0001_new.sql:3: updates 16 of 16 rows of public.users, {}: update …"
    assert list(remarks(SqlFacts(rows=Rows(0, written=(wrote,))))) == [line.format("with rows that were made up")]
    own = Own("db/seed.sql", written=(replace(wrote, seed="db/seed.sql"),))
    # One line for each, of the project's own where there are some.
    assert list(remarks(SqlFacts(rows=Rows(0, written=(wrote,), own=own)))) == [
        line.format("with the rows of db/seed.sql")
    ]


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_they_are_shown_where_everything_is(a_repo: GitRepository, command: Command) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.write({"migcheck.toml": "[sql]\nbig_tables = []\n"})
    a_repo.commit(message="Add users")
    add_migration(a_repo / "drizzle", "0001_new", "create index by_id on users (id);", snapshot=False)
    line = "seen: drizzle/0001_new.sql:1: SHARE on public.users while all of it is read;"
    shown = command("verify", "-v", cwd=a_repo.top)
    assert shown.code == 0
    assert line in " ".join(shown.out.split())
    assert "seen: " not in command("verify", cwd=a_repo.top).out
