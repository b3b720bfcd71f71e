"""The rules on the release that is still running: what each says, and what another rule tells already."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.drizzle.queries import Kind
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.misfit import NoValue
from migcheck.facts.sql.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    Emptied,
    RequiredColumnAdded,
    Seen,
    TableDropped,
    TableRenamed,
)
from migcheck.facts.sql.release import (
    Broken,
    ColumnsGone,
    Demanded,
    Gone,
    Harm,
    KeyGone,
    LeftOutRefused,
    NotComparable,
    NotWritable,
    QueryRefused,
    Release,
    Running,
    Unplannable,
    ValuesRefused,
)
from migcheck.facts.sql.rows import Found, Question, Rows
from migcheck.facts.target.sizes import Size, Sizes, Unsized
from migcheck.finding import Finding, Location, Severity
from migcheck.rule import judge
from tests.support.releases import CALLED, USERS, own_query

AT = Location("drizzle/0001_new.sql", 3)
RELEASE = Release(CALLED, ())
NAMED = Release(CALLED, (), named=True)
NOBODY = Unsized("there is no target")
EMPTY = {"public.users": Size(None, 8192, empty=True)}


def broken(harm: Harm) -> Broken:
    return Broken("0001_new", AT, "alter …", "public.users", harm, "select …", "no (42P01)")


def seen(change: Change, *, table: str = "public.users", written: bool = False) -> Seen:
    return Seen("0001_new", AT, "alter …", table, change, written=written)


def judged(
    *harms: Harm, also: tuple[Seen, ...] = (), sizes: Sizes = NOBODY, landed: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    running = Running(NAMED, {"public.users": USERS}, tuple(map(broken, harms)))
    return judge(SQL_RULES, SqlFacts(also, landed, sizes, running=running))


def lines(*harms: Harm, also: tuple[Seen, ...] = ()) -> list[str]:
    """What is found; the migration's name is left out, and the table stands as `users`."""
    found = (f"{each.code} {each.severity} {each.message}" for each in judged(*harms, also=also))
    return [each.replace(" 0001_new ", " ").replace("public.users", "users") for each in found]


EACH: list[tuple[Harm, str]] = [
    (Gone(), "MC321 error takes users away, which the running release reads"),
    (ColumnsGone(("a", "b")), "MC321 error takes a, b of users away, which the running release reads"),
    (
        NotWritable("a", sure=True),
        "MC321 error lets nobody write to a of users any more, which the running release gives a value",
    ),
    (
        NotWritable("a", sure=False),
        "MC321 warning lets nobody write to a of users any more, which the running release may give a value",
    ),
    (
        KeyGone(("a", "b")),
        (
            "MC321 warning takes the last unique key on (a, b) of users away: an upsert of the running release that "
            "names it fails"
        ),
    ),
    (
        NotComparable(("a",), "posts"),
        "MC321 error keeps the running release from joining users with posts by a",
    ),
    *(
        (Unplannable(kind), "MC321 error keeps the running release from what it does with users")
        for kind in (Kind.SELECT, Kind.INSERT, Kind.UPDATE)
    ),
    *(
        (Unplannable(kind), "MC321 warning keeps the running release from what it does with users")
        for kind in (Kind.UPSERT, Kind.JOIN, Kind.VALUES)
    ),
    (
        Demanded("a", known=False),
        "MC322 error lets no row into users without a value for a: the running release leaves it out",
    ),
    (
        Demanded("a", known=True, counted=True),
        "MC322 error lets no row into users without a value for a: the running release leaves it out",
    ),
    (
        Demanded("a", known=True),
        "MC322 warning lets no row into users without a value for a: the running release may leave it out",
    ),
    (
        LeftOutRefused("c", ("a", "b"), known=False),
        (
            "MC322 error lets c of users refuse each row that has no other values of a, b than their defaults: the "
            "running release leaves them out"
        ),
    ),
    (
        LeftOutRefused("c", ("a",), known=False, unique=True),
        (
            "MC322 warning lets c of users refuse the second row that has no other a than its default: the running "
            "release leaves it out"
        ),
    ),
    (
        LeftOutRefused("c", ("a",), known=True),
        (
            "MC322 warning lets c of users refuse each row that has no other a than its default: the running release "
            "may leave it out"
        ),
    ),
    (
        ValuesRefused("a", "kind", ("x", "y"), sure=True),
        "MC323 error makes a of users refuse what the running release gives it: kind, such as 'x', 'y'",
    ),
    (
        ValuesRefused("a", "text", ("x",), sure=False),
        "MC323 warning makes a of users refuse what the running release may give it: text, such as 'x'",
    ),
    (
        QueryRefused(Location("queries/a.sql", 2)),
        "MC324 error breaks the query in queries/a.sql:2: no (42P01)",
    ),
]


@pytest.mark.parametrize(("harm", "told"), EACH)
def test_what_is_broken_is_told(harm: Harm, told: str) -> None:
    assert lines(harm) == [told]


@pytest.mark.parametrize("harm", [harm for harm, _ in EACH])
def test_a_table_without_a_row_is_no_finding(harm: Harm) -> None:
    assert judged(harm, sizes=EMPTY) == ()
    assert len(judged(harm, sizes={"public.users": Size(1, 8192)})) == 1


def test_a_finding_shows_what_made_it_so_what_is_sent_and_what_the_server_says() -> None:
    (found,) = judged(Gone())
    assert (found.at, found.migration) == (AT, "0001_new")
    assert found.evidence == f"alter …\nthe running release sends ({CALLED}): select …\nrefused: no (42P01)"
    (query,) = judged(QueryRefused(Location("queries/a.sql", 2)))
    assert "\nthe running release sends (queries/a.sql:2): select …\n" in query.evidence
    unplaced = replace(broken(Gone()), made_by="", said="")
    (silent,) = judge(SQL_RULES, SqlFacts(running=Running(RELEASE, {}, (unplaced,))))
    assert silent.evidence == (
        "which statement did it is not known: it was seen when everything had run\n"
        f"the running release sends ({CALLED}): select …"
    )


def test_an_error_ends_with_the_waiver_that_says_that_it_is_meant() -> None:
    told = (
        'If it is meant, say so in migcheck.toml:\n[[waiver]]\ncode = "{}"\nmigration = "0001_new"\n'
        'reason = "meant: ..."\nuntil = YYYY-MM-DD'
    )
    for harm, _ in EACH:
        (found,) = judged(harm)
        assert found.fix.endswith(told.format(found.code)) == (found.severity is Severity.ERROR), found


def test_what_has_landed_warns() -> None:
    for harm, _ in EACH:
        (found,) = judged(harm, landed=frozenset({"0001_new"}))
        assert (found.severity, found.fix.startswith("It has landed")) == (Severity.WARNING, True)


@pytest.mark.parametrize(
    ("harm", "change", "left"),
    [
        (Gone(), TableDropped(), None),
        (Gone(), TableRenamed("public.people"), None),
        (ColumnsGone(("a",)), ColumnDropped("a"), None),
        (ColumnsGone(("a",)), ColumnRenamed("a", "b"), None),
        (
            ColumnsGone(("a", "b")),
            ColumnDropped("a"),
            "MC321 error takes b of users away, which the running release reads",
        ),
        (Demanded("a", known=False), RequiredColumnAdded("a", "text"), None),
        (Demanded("a", known=True), ColumnMadeRequired("a"), None),
        (Demanded("a", known=False), ColumnRenamed("b", "a"), None),
    ],
)
def test_what_another_rule_tells_is_not_told_again(harm: Harm, change: Change, left: str | None) -> None:
    told = [each for each in lines(harm, also=(seen(change),)) if "MC32" in each]
    assert told == ([] if left is None else [left])
    elsewhere = seen(change, table="public.teams")
    assert len([each for each in lines(harm, also=(elsewhere,)) if "MC32" in each]) == 1


@pytest.mark.parametrize(
    ("harm", "change", "written"),
    [
        (Gone(), Emptied(), False),
        (Gone(), ColumnDropped("a"), False),
        (ColumnsGone(("a",)), ColumnDropped("b"), False),
        (ColumnsGone(("a",)), TableRenamed("public.people"), False),
        (Demanded("a", known=False), RequiredColumnAdded("b", "text"), False),
        # Filled in each row: MC305 and MC306 say nothing.
        (Demanded("a", known=False), RequiredColumnAdded("a", "text"), True),
        (Demanded("a", known=True), ColumnMadeRequired("a"), True),
        # That rows may have no value is less than that no row gets in.
        (Demanded("a", known=False), ColumnMadeRequired("a", added=True), False),
        (Demanded("a", known=False), ColumnRenamed("a", "b"), False),
        (Demanded("a", known=True), ColumnMadeRequired("b"), False),
    ],
)
def test_what_no_other_rule_tells_is(harm: Harm, change: Change, written: bool) -> None:  # noqa: FBT001 - a table
    told = lines(harm, also=(seen(change, written=written),))
    assert len([each for each in told if "MC32" in each]) == 1


def test_where_the_target_has_a_value_in_each_row_that_no_new_one_gets_in_is_told() -> None:
    asked = Question("0001_new", AT, "alter …", "public.users", NoValue("a"), "select …")
    running = Running(NAMED, {"public.users": USERS}, (broken(Demanded("a", known=True)),))
    facts = SqlFacts(
        (seen(ColumnMadeRequired("a")),), frozenset(), NOBODY, running=running, rows=Rows(1, questions=(asked,))
    )
    for answers, codes in (({}, ["MC306"]), ({"select …": Found(2)}, ["MC306"]), ({"select …": Found(0)}, ["MC322"])):
        assert [each.code for each in judge(SQL_RULES, replace(facts, answers=answers))] == codes


ASKS = f"{CALLED} names it: the running release asks for it, unless its code has done without since"
WITHOUT = f"{CALLED} does not name it: the schema of the running release is without it"
LEAVES = f"the running release leaves it out when it inserts: {CALLED} does not name it"
MAY = f"the running release may leave it out when it inserts: {CALLED} has it as one that may be"
GIVES = f"the running release always gives it a value: {CALLED} has it as NOT NULL"


@pytest.mark.parametrize(
    ("change", "harms", "line"),
    [
        (TableDropped(), (), ASKS),
        (TableRenamed("public.people"), (), ASKS),
        (ColumnDropped("name"), (), ASKS),
        (ColumnDropped("old"), (), WITHOUT),
        (ColumnRenamed("name", "title"), (), ASKS),
        (ColumnRenamed("old", "title"), (), WITHOUT),
        (RequiredColumnAdded("x", "text"), (Demanded("x", known=False),), LEAVES),
        (ColumnMadeRequired("name"), (Demanded("name", known=True),), MAY),
        (ColumnMadeRequired("email"), (), GIVES),
        (ColumnMadeRequired("name"), (Demanded("age", known=True),), None),
        (Emptied(), (), None),
    ],
)
def test_what_base_says_of_the_release_stands_at_what_other_rules_tell(
    change: Change, harms: tuple[Harm, ...], line: str | None
) -> None:
    found = judged(*harms, also=(seen(change),))[0]
    assert found.evidence == "\n".join(["alter …", *([] if line is None else [line])])


def test_of_a_table_that_base_does_not_name_that_is_said() -> None:
    for change in (TableDropped(), TableRenamed("public.x"), ColumnDropped("name")):
        (found,) = judged(also=(seen(change, table="public.teams"),))
        assert found.evidence == f"alter …\n{WITHOUT}"
    (added, _) = judged(
        Demanded("x", known=False), also=(seen(RequiredColumnAdded("x", "text"), table="public.teams"),)
    )
    assert added.evidence == "alter …"


def test_of_a_release_without_a_snapshot_nothing_is_said() -> None:
    for running in (None, Running(Release("", ()), {})):
        (found,) = judge(SQL_RULES, SqlFacts((seen(TableDropped()),), running=running))
        assert found.evidence == "alter …"


def test_a_table_is_the_same_with_quotes_and_without() -> None:
    harm = replace(broken(ColumnsGone(("Name",))), table='public."Users"')
    facts = SqlFacts((seen(ColumnDropped("Name"), table='public."Users"'),), running=Running(RELEASE, {}, (harm,)))
    assert [each.code for each in judge(SQL_RULES, facts)] == ["MC302"]


def test_what_may_be_of_another_that_has_not_landed_is_no_old_debt() -> None:
    guessed = replace(broken(Gone()), others=("0002_newer",))
    for landed, severity in (
        ({"0001_new"}, Severity.ERROR),
        ({"0002_newer"}, Severity.ERROR),
        ({"0001_new", "0002_newer"}, Severity.WARNING),
    ):
        facts = SqlFacts(landed=frozenset(landed), running=Running(RELEASE, {}, (guessed,)))
        (found,) = judge(SQL_RULES, facts)
        assert found.severity is severity, landed


def test_a_query_that_nobody_named_warns() -> None:
    harm = broken(QueryRefused(Location("queries/a.sql", 2)))
    (found,) = judge(SQL_RULES, SqlFacts(running=Running(RELEASE, {}, (harm,))))
    assert (found.code, found.severity, "waiver" in found.fix) == ("MC324", Severity.WARNING, False)


def test_queries_that_are_named_and_are_nowhere_warn() -> None:
    running = Running(Release("", (), named=True, unmatched=("db/*.sql", Location("migcheck.toml"))), {})
    (found,) = judge(SQL_RULES, SqlFacts(running=running))
    assert (found.code, found.severity, found.at) == ("MC325", Severity.WARNING, Location("migcheck.toml"))
    assert found.message == "`queries` under [sql] names no file in git, so no query is checked: db/*.sql"


def test_a_snapshot_that_cannot_be_read_warns() -> None:
    at = Location("drizzle/meta/0001_snapshot.json")
    running = Running(Release("base's snapshot 0001", (), unread=at), {})
    (found,) = judge(SQL_RULES, SqlFacts(running=running))
    assert (found.code, found.severity, found.at) == ("MC325", Severity.WARNING, at)
    assert found.message.startswith("base's snapshot 0001 is not as drizzle-kit writes them, so none")


def test_a_query_that_was_named_and_is_not_taken_before_either_warns() -> None:
    query = own_query("select\n  nothing  from nowhere")
    running = Running(Release("", ()), {}, untaken=((query, "no such table (42P01)"),))
    (found,) = judge(SQL_RULES, SqlFacts(running=running))
    assert (found.code, found.severity, found.at, found.migration, found.evidence) == (
        "MC325",
        Severity.WARNING,
        Location("queries/one.sql", 1),
        None,
        "select nothing from nowhere",
    )
    assert found.message == (
        "this query cannot be planned before what runs next either, so it is not checked: no such table (42P01)"
    )
