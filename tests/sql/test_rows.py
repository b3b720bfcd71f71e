"""MC312 and MC306: what failed with rows, and what the target says of such rows."""

import dataclasses
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.misfit import (
    AnyRow,
    Excluded,
    Misfit,
    NoValue,
    Orphaned,
    Repeated,
    RepeatedInView,
    Taken,
    Uncomputed,
    Unexplained,
    Unfit,
    Unheld,
    Unplaced,
)
from migcheck.facts.sql.observation import Change, ColumnMadeRequired, RequiredColumnAdded, Seen
from migcheck.facts.sql.refused_rows import unanswered
from migcheck.facts.sql.rows import Answers, Found, Own, Question, RowFault, Rows, Unasked, Unsown
from migcheck.facts.target.sizes import Size, Sizes, Unsized
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.running.failure import SqlFailure
from migcheck.rule import judge

USERS = "public.users"
SELECT = "select * from public.users where …"
ASKED = "Ask the target: `select * from public.users where …`. "
MEND = "Mend such rows first, by a statement before this one or by a migration of an earlier deploy."
LANDED = "It has landed, and the target has not run it yet: it fails while there is such a row. Mend that first."
NO_TARGET = Unsized("there is no target")
NO_ANSWERS: Answers = {}


def fault(
    misfit: Misfit, *, select: str = SELECT, sqlstate: str = "23505", table: str = USERS, detail: str = ""
) -> RowFault:
    failure = SqlFailure("0001_new", "drizzle/0001_new.sql", 3, "alter table …", sqlstate, "it said so", detail)
    return RowFault(failure, table, misfit, select)


def judged(
    *faults: RowFault,
    answers: Answers = NO_ANSWERS,
    sizes: Sizes = NO_TARGET,
    seed: str = "",
    questions: Sequence[Question] = (),
    landed: Sequence[str] = (),
    seen: Sequence[Seen] = (),
    outside: Sequence[str] = (),
) -> tuple[Finding, ...]:
    own = Own(seed, faults=tuple(replace(each, seed=seed) for each in faults)) if seed else None
    rows = Rows(1, faults=() if seed else faults, own=own, questions=tuple(questions))
    facts = SqlFacts(tuple(seen), frozenset(landed), sizes, rows=rows, answers=answers, outside=frozenset(outside))
    return judge(SQL_RULES, facts)


def seen(change: Change, *, written: bool = False) -> Seen:
    return Seen("0001_new", Location("drizzle/0001_new.sql", 3), "alter table …", USERS, change, written=written)


def test_the_whole_finding_without_a_target() -> None:
    assert judged(fault(Repeated("by_email"), detail="Key (email)=(a) is duplicated.")) == (
        Finding(
            code="MC312",
            rule="rows-refused",
            severity=Severity.WARNING,
            at=Location("drizzle/0001_new.sql", 3),
            message="0001_new fails where rows of public.users are alike in what by_email is to be unique by",
            migration="0001_new",
            evidence="alter table …\nwith rows that were made up: 23505 it said so",
            fix=ASKED + MEND,
        ),
    )


def test_the_whole_finding_where_the_target_has_such_rows() -> None:
    assert judged(fault(Unheld("grown")), answers={SELECT: Found(3)}, sizes={USERS: Size(5, 8192)}) == (
        Finding(
            code="MC312",
            rule="rows-refused",
            severity=Severity.ERROR,
            at=Location("drizzle/0001_new.sql", 3),
            message="0001_new fails where a row of public.users does not hold grown, and the target has 3 such rows",
            migration="0001_new",
            evidence="alter table …\nwith rows that were made up: 23505 it said so",
            fix=f"{MEND} `{SELECT}` finds them.",
        ),
    )


def test_what_an_empty_table_has_by_its_query_the_target_says() -> None:
    view, empty = fault(Repeated("once")), {USERS: Size(0, 8192, empty=True)}
    assert judged(view, sizes=empty) == ()
    assert judged(view, sizes=empty, answers={SELECT: Found(0)}) == ()
    assert [each.severity for each in judged(view, sizes=empty, answers={SELECT: Found(1)})] == [Severity.ERROR]


def test_why_there_is_no_select_is_told_where_it_is_known() -> None:
    why = "public.teams is new, and what is new may have filled it by then"
    said = "No SELECT on what was there could be made that finds them"
    unknown = fault(Orphaned("team"), select="", sqlstate="23503")
    assert [each.fix.endswith(f"{said}: {why}.") for each in judged(replace(unknown, why=why))] == [True]
    assert [each.fix.endswith(f"{said}.") for each in judged(unknown)] == [True]


@pytest.mark.parametrize(
    ("misfit", "told"),
    [
        (NoValue("name"), "where a row of public.users has no value for name"),
        (Repeated("by_email"), "where rows of public.users are alike in what by_email is to be unique by"),
        (RepeatedInView("once"), "where rows of public.users are alike in what once is to be unique by"),
        (Taken("users_pkey"), "where public.users has a row like one that it inserts, by users_pkey"),
        (Unheld("grown"), "where a row of public.users does not hold grown"),
        (Orphaned("owner"), "where a row of public.users would point to none by owner"),
        (Excluded("apart"), "where two rows of public.users exclude one another by apart"),
        (Unplaced("public.rest"), "where public.rest has a row that it may not have as a partition"),
        (Unfit("age"), "where a value of public.users.age is none of the new type"),
        (Uncomputed("total"), "where total cannot be computed of a row of public.users"),
        (AnyRow(), "as soon as public.users has a row"),
        (Unexplained(), "on rows such as public.users may have"),
    ],
)
def test_what_it_fails_with_is_told(misfit: Misfit, told: str) -> None:
    assert [each.message for each in judged(fault(misfit))] == [f"0001_new fails {told}"]


def test_a_table_that_is_not_known_is_not_named() -> None:
    (found,) = judged(fault(Unexplained(), select="", table="", sqlstate="22P02"))
    assert found.message == "0001_new fails on rows such as there may be"


def test_a_target_without_such_rows_is_fine() -> None:
    assert judged(fault(Unheld("grown")), answers={SELECT: Found(0)}, sizes={USERS: Size(5, 8192)}) == ()


def test_a_target_whose_table_has_no_row_is_fine() -> None:
    assert judged(fault(Unexplained(), select=""), sizes={USERS: Size(0, 0, empty=True)}) == ()


def test_more_rows_than_are_counted() -> None:
    (found,) = judged(fault(Unheld("grown")), answers={SELECT: Found(1000, more=True)})
    assert found.message.endswith("and the target has more than 1,000 such rows")


def test_a_target_that_does_not_say_leaves_it_open_and_that_is_told() -> None:
    (found,) = judged(fault(Unheld("grown")), answers={SELECT: Unasked("it takes longer than 10 s")})
    assert found.severity is Severity.WARNING
    assert found.evidence.endswith("\nthe target did not say whether it has such rows: it takes longer than 10 s")
    assert found.fix == ASKED + MEND


APART = "Mend such rows first, by a migration before this one, which runs outside of a transaction."
VIEW = "Let its query give each of them once, or mend the rows that it reads, and REFRESH the view before this."


def test_what_is_to_be_mended_is_mended_where_it_can_be() -> None:
    unique, view = fault(Repeated("by_email")), fault(RepeatedInView("once"))
    assert [each.fix for each in judged(unique, outside=["0001_new"])] == [ASKED + APART]
    assert [each.fix for each in judged(view)] == [ASKED + VIEW]
    (found,) = judged(view, answers={SELECT: Found(2)}, outside=["0001_new"])
    assert (found.message.rpartition(", ")[2], found.fix) == (
        "and the target has 2 such values",
        f"{VIEW} `{SELECT}` finds them.",
    )
    (found,) = judged(fault(Unexplained(), select=""), outside=["0001_new"])
    assert "mend those rows in a migration before this one, which runs outside of a transaction, or" in found.fix
    made = [seen(ColumnMadeRequired("name"))]
    (found,) = judged(fault(NoValue("name")), seen=made, answers={SELECT: Found(1)}, outside=["0001_new"])
    assert (
        found.fix == "Fill it in each row first, in a migration before this one, which runs outside of a transaction."
    )


def test_without_a_select_it_warns_and_says_so() -> None:
    (found,) = judged(fault(Unexplained(), select="", sqlstate="22P02"))
    assert found.severity is Severity.WARNING
    assert found.fix == (
        "See what the statement fails with, and mend those rows before it, or let it pass them by. No SELECT on "
        "what was there could be made that finds them."
    )


def test_values_that_nobody_has_are_no_finding_where_something_is_counted() -> None:
    for sqlstate in ("22001", "22003", "22008"):
        assert judged(fault(Unexplained(), select="", sqlstate=sqlstate)) == ()
    assert [each.code for each in judged(fault(Unfit("age"), sqlstate="22003"))] == ["MC312"]


def test_an_update_inserts_nothing() -> None:
    asked_of = replace(asked(Taken("by_code")), statement="UPDATE users SET code = 1;")
    (found,) = judged(questions=[asked_of], answers={SELECT: Found(1)})
    assert found.message == (
        "0001_new fails where a row of public.users becomes like another, by by_code, and the target has 1 such value"
    )
    assert found.fix == f"{MEND} `{SELECT}` finds them."
    for alike in ("DO $$ BEGIN update users set code = 1; END $$;", "update users set code = 1 where did = 'INSERT'"):
        other = replace(asked_of, statement=alike)
        assert judged(questions=[other], answers={SELECT: Found(1)})[0].message == found.message


def test_the_same_fault_of_the_projects_rows_and_of_others_is_told_once() -> None:
    made_up = fault(Repeated("by_email"))
    failure = dataclasses.replace(made_up.failure, detail="Key (email)=(a) is duplicated.")
    own = replace(made_up, failure=failure, seed="seed.sql")
    assert Rows(1, faults=(made_up,), own=Own("seed.sql", faults=(own,))).all_faults == (own,)
    other = replace(made_up, misfit=Repeated("by_name"))
    assert Rows(1, faults=(other,), own=Own("seed.sql", faults=(own,))).all_faults == (own, other)


def test_what_is_inserted_passes_by_a_row_that_is_there() -> None:
    (found,) = judged(questions=[asked(Taken("by_code"))], answers={SELECT: Found(1)})
    assert found.message.endswith("has a row like one that it inserts, by by_code, and the target has 1 such row")
    assert found.fix == (
        "Let it pass by a row that is there (`ON CONFLICT … DO NOTHING`), or bring that one up to date (`… DO UPDATE`)."
        f" `{SELECT}` finds them."
    )


def test_what_cannot_be_computed_a_target_fails_at() -> None:
    divided = fault(Uncomputed("total"), sqlstate="22012")
    failed, unknown = Unasked("division by zero", by_value=True), Unasked("permission denied for table users")
    (found,) = judged(divided, answers={SELECT: failed})
    assert (found.severity, found.message, found.fix) == (
        Severity.ERROR,
        "0001_new fails where total cannot be computed of a row of public.users, and the target has such a row",
        f"{MEND} `{SELECT}` fails at them.",
    )
    assert judged(divided, answers={SELECT: Found(0)}) == ()
    (found,) = judged(divided, answers={SELECT: unknown})
    assert (found.severity, found.fix) == (
        Severity.WARNING,
        f"{ASKED[:-2]}, which fails where it has such a row. {MEND}",
    )
    (found,) = judged(questions=[asked(Uncomputed("total"))], answers={SELECT: failed}, landed=["0001_new"])
    assert found.fix == f"{LANDED} `{SELECT}` fails at them."
    # Of another question it only says nothing.
    assert judged(questions=[asked(Unheld("grown"))], answers={SELECT: failed}) == ()
    questions = asked(Uncomputed("total")), asked(Unheld("grown"))
    assert [each.misfit for each, _ in unanswered(questions, {SELECT: failed})] == [Unheld("grown")]


def test_what_was_made_up_may_be_too_great_to_be_computed() -> None:
    great = fault(Uncomputed("total"), sqlstate="22003")
    assert judged(great) == judged(great, answers={SELECT: Unasked("it takes longer than 10 s")}) == ()
    (found,) = judged(great, answers={SELECT: Unasked("integer out of range", by_value=True)})
    assert found.severity is Severity.ERROR


def asked(misfit: Misfit) -> Question:
    return Question("0001_new", Location("drizzle/0001_new.sql", 3), "alter table …", USERS, misfit, SELECT)


def test_what_no_row_that_was_made_up_is_like_is_asked_of_a_target() -> None:
    question = asked(Repeated("by_email"))
    assert judged(questions=[question]) == judged(questions=[question], answers={SELECT: Found(0)}) == ()
    assert judged(questions=[question], answers={SELECT: Unasked("it takes longer than 10 s")}) == ()
    (found,) = judged(questions=[question], answers={SELECT: Found(2)})
    assert (found.code, found.severity, found.evidence) == ("MC312", Severity.ERROR, "alter table …")
    assert found.message == (
        "0001_new fails where rows of public.users are alike in what by_email is to be unique by, "
        "and the target has 2 such values"
    )


def test_what_the_target_told_by_a_select_is_not_told_again_of_rows_without_one() -> None:
    unknown, question = fault(Unexplained(), select=""), asked(Repeated("by_email"))
    (found,) = judged(unknown, questions=[question], answers={SELECT: Found(2)})
    assert found.message.endswith("is to be unique by, and the target has 2 such values")
    (found,) = judged(unknown, questions=[question], answers={SELECT: Found(0)})
    assert found.message == "0001_new fails on rows such as public.users may have"
    elsewhere = replace(question, at=Location("drizzle/0001_new.sql", 9))
    assert len(judged(unknown, questions=[elsewhere], answers={SELECT: Found(2)})) == 2


def test_a_column_made_required_is_asked_of_a_target_whatever_rows_were_made_up() -> None:
    made, question = [seen(ColumnMadeRequired("name"))], asked(NoValue("name"))
    assert [each.severity for each in judged(seen=made, questions=[question])] == [Severity.WARNING]
    assert judged(seen=made, questions=[question], answers={SELECT: Found(0)}) == ()
    (found,) = judged(seen=made, questions=[question], answers={SELECT: Found(2)})
    assert (found.code, found.severity) == ("MC306", Severity.ERROR)
    (found,) = judged(seen=made, questions=[question], answers={SELECT: Unasked("permission denied for table users")})
    assert found.evidence.endswith("whether it has such rows: permission denied for table users")


def test_a_name_with_a_quote_is_asked_for_as_sql_has_it() -> None:
    (found,) = judged(seen=[seen(ColumnMadeRequired('qu"ote'))])
    assert '`select count(*) from public.users where "qu""ote" is null`' in found.fix


def test_a_seed_that_is_refused_is_told_with_its_line() -> None:
    own = Own("db/seed.sql", unsown=Unsown(Location("db/seed.sql", 4), '42P01 relation "nobody" does not exist'))
    (found,) = judge(SQL_RULES, SqlFacts(rows=Rows(1, own=own)))
    assert (found.code, found.severity, str(found.at)) == ("MC319", Severity.WARNING, "db/seed.sql:4")
    assert found.message == (
        "the rows of db/seed.sql were refused, so what runs next was not tried with them: "
        '42P01 relation "nobody" does not exist'
    )


@pytest.mark.parametrize("sqlstate", ["P0001", "P0002", "55006", "2BP01", "0A000", "U0001"])
def test_an_error_that_is_none_of_data_warns_of_rows_that_were_made_up(sqlstate: str) -> None:
    (found,) = judged(fault(Unexplained(), select="", sqlstate=sqlstate))
    assert (found.severity, found.evidence) == (
        Severity.WARNING,
        f"alter table …\nwith rows that were made up: {sqlstate} it said so",
    )


def test_an_error_that_is_none_of_data_is_one_with_the_projects_own_rows() -> None:
    raised = fault(Unexplained(), select="", sqlstate="P0001")
    (found,) = judged(raised, seed="seed.sql")
    assert (found.severity, found.evidence) == (
        Severity.ERROR,
        "alter table …\nwith the rows of seed.sql: P0001 it said so",
    )


def test_of_the_projects_own_rows_the_detail_is_told() -> None:
    (found,) = judged(fault(Repeated("by_email"), detail=f"Key (email)=({'a' * 300}) is duplicated."), seed="seed.sql")
    lines = found.evidence.splitlines()
    assert lines[:2] == ["alter table …", "with the rows of seed.sql: 23505 it said so"]
    assert (lines[2][:26], len(lines[2])) == ("detail: Key (email)=(aaaaa", 168)


def test_what_has_landed_is_an_error_where_the_target_has_such_rows_and_else_warns() -> None:
    made, told, landed = [seen(ColumnMadeRequired("name"))], f"{LANDED} `{SELECT}` finds them.", ["0001_new"]
    cases: list[tuple[list[RowFault], list[Question], list[Seen], str]] = [
        ([fault(Unheld("grown"))], [], [], told),
        ([], [asked(Unheld("grown"))], [], told),
        ([fault(NoValue("name"))], [], made, LANDED),
        ([], [asked(NoValue("name"))], made, LANDED),
    ]
    for faults, questions, changes, fix in cases:
        (found,) = judged(*faults, answers={SELECT: Found(3)}, questions=questions, seen=changes, landed=landed)
        assert (found.severity, found.fix) == (Severity.ERROR, fix)
        unknown = judged(*faults, questions=questions, seen=changes, landed=landed)
        assert {each.severity for each in unknown} <= {Severity.WARNING}
    (found,) = judged(fault(Unheld("grown")), seed="seed.sql", landed=landed)
    assert found.severity is Severity.WARNING


def test_a_column_that_is_made_required_is_told_once_and_by_its_own_rule() -> None:
    made = [seen(ColumnMadeRequired("name"))]
    assert [each.code for each in judged(fault(NoValue("name")), seen=made)] == ["MC306"]
    assert [each.code for each in judged(fault(NoValue("other")), seen=made)] == ["MC306", "MC312"]
    added = [seen(RequiredColumnAdded("name", "text"))]
    assert [each.code for each in judged(fault(NoValue("name")), seen=added)] == ["MC305"]


def test_a_fill_that_leaves_rows_out_is_told_as_such() -> None:
    made, left = [seen(ColumnMadeRequired("name"), written=True)], fault(NoValue("name"), select="")
    fix = "What writes rows of public.users before leaves some without a value: fill those as well, in a "
    assert [each.fix for each in judged(left, seen=made)] == [f"{fix}statement before this one."]
    assert [each.fix for each in judged(left, seen=made, seed="seed.sql")] == [f"{fix}statement before this one."]
    # There nobody saw whether anything was written.
    apart = "Fill it in each row first, in a migration before this one, which runs outside of a transaction."
    assert [each.fix for each in judged(left, seen=made, outside=["0001_new"])] == [apart]
    other = fault(NoValue("name"))
    assert [each.fix[:25] for each in judged(other, seen=made, answers={SELECT: Found(1)})] == [
        "Fill it in each row first"
    ]


def test_a_column_that_is_made_required_where_the_target_answers() -> None:
    made, told = [seen(ColumnMadeRequired("name"))], fault(NoValue("name"))
    assert judged(told, seen=made, answers={SELECT: Found(0)}) == ()
    (found,) = judged(told, seen=made, answers={SELECT: Found(1)})
    assert (found.code, found.severity) == ("MC306", Severity.ERROR)
    assert found.message == (
        "0001_new makes the column name of public.users NOT NULL: it fails where a row has no value there, "
        "and the target has 1 such row"
    )
    assert found.fix == "Fill it in each row first, in a statement before this one."


def test_a_column_that_is_made_required_where_the_projects_own_rows_have_no_value() -> None:
    (found,) = judged(fault(NoValue("name")), seen=[seen(ColumnMadeRequired("name"))], seed="seed.sql")
    assert (found.code, found.severity) == ("MC306", Severity.ERROR)
    assert found.message.endswith("it fails where a row has no value there, as one of the project's own has none")


def test_a_column_that_was_filled_is_told_where_that_left_rows_without_a_value() -> None:
    filled = [seen(ColumnMadeRequired("name"), written=True)]
    assert judged(seen=filled) == ()
    (found,) = judged(fault(NoValue("name"), select=""), seen=filled)
    assert (found.code, found.severity) == ("MC306", Severity.WARNING)
    assert found.fix == (
        "What writes rows of public.users before leaves some without a value: fill those as well, in a statement "
        "before this one."
    )


def test_what_no_schema_says_of_a_value_is_told_of_the_projects_own_rows_alone() -> None:
    odd = fault(Unexplained(), select="", sqlstate="22023")
    assert judged(odd) == ()
    assert [each.code for each in judged(odd, seed="seed.sql")] == ["MC312"]
