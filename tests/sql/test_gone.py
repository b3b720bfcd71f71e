"""What MC303 says of rows that were there when the new migrations were tried, and are gone."""

from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import Deleted, Emptied, Seen, TableDropped
from migcheck.facts.sql.rows import Gone, Own, Rows
from migcheck.facts.target.sizes import Size
from migcheck.finding import Finding, Location, Severity
from migcheck.rule import judge

AT = Location("drizzle/0001_new.sql", 3)
POSTS = Gone("0001_new", AT, "delete …", "public.posts", 16)
USERS = Gone("0001_new", AT, "delete …", "public.users", 9)
FIX = "Where some have to stay, delete by a condition that leaves them, in each database that it is deployed to."


def test_of_rows_that_were_made_up_it_warns_once_for_what_a_statement_takes() -> None:
    assert judge(SQL_RULES, SqlFacts(rows=Rows(0, gone=(USERS, POSTS)))) == (
        Finding(
            code="MC303",
            rule="table-emptied",
            severity=Severity.WARNING,
            at=AT,
            message="0001_new deletes every row of public.users, public.posts that was made up for it",
            migration="0001_new",
            evidence=(
                "delete …\n"
                "public.users had 9 rows that were made up, and none is left\n"
                "public.posts had 16 rows that were made up, and none is left"
            ),
            fix=FIX,
        ),
    )


def test_of_the_projects_own_it_is_an_error_and_the_others_say_no_more_of_that_table() -> None:
    own = Own("db/seed.sql", gone=(Gone("0001_new", AT, "delete …", "public.posts", 3, "db/seed.sql"),))
    rows = Rows(0, own=own, gone=(POSTS, USERS))
    [first, second] = judge(SQL_RULES, SqlFacts(rows=rows))
    assert (first.severity, first.message) == (
        Severity.ERROR,
        "0001_new deletes every row of public.posts that db/seed.sql puts there",
    )
    assert first.evidence == "delete …\npublic.posts had 3 rows of db/seed.sql, and none is left"
    assert first.fix.startswith(FIX + '\nIf it is meant, say so in migcheck.toml:\n[[waiver]]\ncode = "MC303"')
    assert (second.severity, second.message.split()[5]) == (Severity.WARNING, "public.users")
    [landed, _] = judge(SQL_RULES, SqlFacts(rows=rows, landed=frozenset({"0001_new"})))
    assert landed.severity is Severity.WARNING


def test_what_a_block_says_it_deletes_is_told_as_by_a_statement() -> None:
    seen = Seen("0001_new", AT, "delete …", "public.posts", Deleted())
    [said], [plain] = (
        judge(SQL_RULES, each)
        for each in (SqlFacts(rows=Rows(0, gone=(replace(POSTS, said=True),))), SqlFacts((seen,)))
    )
    assert said == replace(plain, evidence="delete …\npublic.posts had 16 rows that were made up, and none is left")
    assert said.severity is Severity.ERROR


def test_of_what_may_be_kept_it_warns_and_says_where() -> None:
    keeper = Location("drizzle/0001_new.sql", 1)
    seen = Seen("0001_new", AT, "delete …", "public.posts", Deleted(), keeper=keeper)
    gone = replace(POSTS, said=True, keeper=keeper)
    [values], [fewer] = (judge(SQL_RULES, each) for each in (SqlFacts((seen,)), SqlFacts(rows=Rows(0, gone=(gone,)))))
    assert (values.severity, fewer.severity) == (Severity.WARNING, Severity.WARNING)
    assert "no more is left of its rows than what drizzle/0001_new.sql:1 may have kept" in values.message
    assert fewer.evidence.endswith(
        "drizzle/0001_new.sql:1 may have kept some, but no table that has them has as many more rows"
    )


def test_what_its_words_or_the_table_say_is_told_once() -> None:
    for change in (Deleted(), Emptied(), TableDropped()):
        seen = Seen("0001_new", AT, "delete …", "public.posts", change)
        assert len(judge(SQL_RULES, SqlFacts((seen,), rows=Rows(0, gone=(POSTS,))))) == 1


def test_a_table_without_a_row_on_the_target_is_no_finding() -> None:
    sizes = {"public.posts": Size(None, 8192, empty=True)}
    assert judge(SQL_RULES, SqlFacts(sizes=sizes, rows=Rows(0, gone=(POSTS,)))) == ()
