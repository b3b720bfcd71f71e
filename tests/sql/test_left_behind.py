"""The rules MC313 to MC318: what was left behind around the tables, and the whole of what they say about that."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.left_behind import (
    DefinerLeftOpen,
    GrantedToAll,
    NameCut,
    SettingKept,
    TakenAlong,
    TriggerDisabled,
)
from migcheck.facts.sql.observation import (
    Change,
    End,
    RefusedInTransaction,
    RowSecurityOff,
    Seen,
    TableDropped,
    TransactionEnded,
)
from migcheck.facts.sql.release import Broken, Gone, Release, Running
from migcheck.facts.target.sizes import Size, Sizes, Unsized
from migcheck.finding import Finding, Location, Severity
from migcheck.rule import judge

NOBODY = Unsized("there is no target")
AT = Location("drizzle/0001_new.sql", 3)
SIZES: tuple[Sizes, ...] = (NOBODY, {}, {"public.users": Size(1000, 1 << 20)}, {"public.users": Size(10**6, 1 << 30)})
EMPTY: Sizes = {"public.users": Size(None, 8192, empty=True)}

CASES: list[tuple[str, Change, str, str, str]] = [
    (
        "",
        DefinerLeftOpen("public.f"),
        "MC313",
        (
            "leaves public.f with its owner's rights and its caller's search_path: who calls it may have it "
            "use other tables and functions than are meant"
        ),
        "Say `SET search_path = ''` in its definition, and write the schema before each name in its body.",
    ),
    (
        "public.users",
        GrantedToAll("public.users", ("INSERT", "SELECT (name)")),
        "MC314",
        "grants INSERT, SELECT (name) on public.users to PUBLIC: every role may",
        "Grant it to the roles that need it, and revoke it from PUBLIC.",
    ),
    (
        "",
        GrantedToAll("view public.grown", ("SELECT",)),
        "MC314",
        "grants SELECT on view public.grown to PUBLIC: every role may",
        "Grant it to the roles that need it, and revoke it from PUBLIC.",
    ),
    (
        "public.users",
        TriggerDisabled("touched"),
        "MC315",
        "leaves the trigger touched of public.users disabled: what it did is not done any more",
        "End with `ALTER TABLE public.users ENABLE TRIGGER touched`, or drop it where it is to go.",
    ),
    (
        "public.users",
        TakenAlong("policy", "own"),
        "MC316",
        "drops the policy own of public.users, which it does not name: it goes with something else",
        "Make it again in the same migration, or drop it by its name where it is to go.",
    ),
    (
        "",
        TakenAlong("view", "public.grown"),
        "MC316",
        "drops the view public.grown, which it does not name: it goes with something else",
        "Make it again in the same migration, or drop it by its name where it is to go.",
    ),
    (
        "",
        NameCut("abcd", "abc"),
        "MC317",
        'gives the name "abcd", of which the server keeps 63 bytes',
        'Give it a shorter one in the schema, such as `foreignKey({ name: "…", … })`, and generate it again.',
    ),
    (
        "",
        SettingKept("search_path", "app", "0002_next"),
        "MC318",
        (
            'leaves search_path at "app", with which 0002_next begins: what that does depends on whether both are '
            "deployed together"
        ),
        "End it with `RESET search_path;`.",
    ),
]


def judged(*seen: Seen, sizes: Sizes = NOBODY, running: Running | None = None) -> tuple[Finding, ...]:
    return judge(SQL_RULES, SqlFacts(seen, sizes=sizes, running=running))


def of(table: str, change: Change) -> Seen:
    return Seen("0001_new", AT, "the statement", table, change)


@pytest.mark.parametrize(("table", "change", "code", "told", "fix"), CASES)
def test_each_warns_whatever_the_size(table: str, change: Change, code: str, told: str, fix: str) -> None:
    for sizes in SIZES:
        [one] = judged(of(table, change), sizes=sizes)
        assert (one.code, one.severity, one.at, one.migration) == (code, Severity.WARNING, AT, "0001_new")
        also = f"\n{AT}: abcd is abc" if isinstance(change, NameCut) else ""
        assert (one.message, one.evidence, one.fix) == (f"0001_new {told}", f"the statement{also}", fix)


@pytest.mark.parametrize(("table", "change"), [case[:2] for case in CASES])
def test_a_table_without_a_row_is_no_finding(table: str, change: Change) -> None:
    assert len(judged(of(table, change), sizes=EMPTY)) == (0 if table else 1)


def test_what_has_landed_hands_its_setting_on_where_both_run_together() -> None:
    kept = of("", SettingKept("search_path", "app", "0002_next"))
    [one] = judge(SQL_RULES, SqlFacts((kept,), frozenset({"0001_new"})))
    assert one.severity is Severity.WARNING
    assert one.fix == (
        "It has landed, and the target has not run it yet: there the two run together. Begin 0002_next with "
        "`RESET search_path;` where that has not landed; else see to it that it does the same with this setting."
    )


MENDED = "mend what it leaves behind by a new migration, which the same deploy runs."


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        (
            GrantedToAll("public.users", ("SELECT",)),
            MENDED,
        ),
        (DefinerLeftOpen("public.f"), MENDED),
        (TriggerDisabled("touched"), MENDED),
        (RowSecurityOff(), MENDED),
        (
            RefusedInTransaction("CREATE INDEX CONCURRENTLY"),
            'it fails in a transaction. Give it `transaction = "none"` under [[migration]].',
        ),
        (TransactionEnded(End.KEPT), "where it fails there, see what is left before you try again."),
        (TakenAlong("view", "public.grown"), "see to it that nothing there needs what it takes away."),
    ],
)
def test_what_has_landed_is_told_with_what_can_still_be_done(change: Change, fix: str) -> None:
    [one] = judge(SQL_RULES, SqlFacts((of("public.users", change),), frozenset({"0001_new"})))
    assert (one.severity, one.fix) == (Severity.WARNING, f"It has landed, and the target has not run it yet: {fix}")


def messages(found: Iterable[Finding]) -> list[str]:
    return [each.message for each in found]


def test_one_grant_on_many_is_one_finding() -> None:
    many = [of(f"public.t{number}", GrantedToAll(f"public.t{number}", ("SELECT",))) for number in range(7)]
    told = "0001_new grants SELECT on public.t0, public.t1, public.t2, public.t3, public.t4 and 2 more to PUBLIC: "
    assert messages(judged(*many)) == [told + "every role may"]
    others = [
        replace(many[0], migration="0002_new"),
        replace(many[0], at=Location(AT.path, 4)),
        replace(many[0], statement="another"),
        replace(many[0], change=GrantedToAll("public.t0", ("INSERT",))),
    ]
    assert len(judged(*many, *others)) == 5


def test_the_names_that_one_migration_gives_are_one_finding() -> None:
    first, other = of("", NameCut("abcd", "abc")), replace(of("", NameCut("efgh", "efg")), at=Location(AT.path, 7))
    [one] = judged(first, other)
    assert one.message == '0001_new gives the name "abcd" and 1 more, of which the server keeps 63 bytes'
    assert one.evidence == f"the statement\n{AT}: abcd is abc\ndrizzle/0001_new.sql:7: efgh is efg"
    assert len(judged(first, replace(other, migration="0002_new"))) == 2


def test_a_name_that_has_landed_is_no_finding_and_all_else_warns() -> None:
    for table, change, code, *_ in CASES:
        found = judge(SQL_RULES, SqlFacts((of(table, change),), frozenset({"0001_new"})))
        assert [(each.code, each.severity) for each in found] == ([] if code == "MC317" else [(code, Severity.WARNING)])


def test_a_view_that_the_running_release_misses_is_told_once() -> None:
    view = of("", TakenAlong("view", 'public."Grown"'))
    broken = Broken("0001_new", AT, "the statement", "public.Grown", Gone(), "select 1")
    release = Running(Release("0000_snapshot.json", ()), {}, (broken,))
    assert [each.code for each in judged(view, running=release)] == ["MC321"]
    other = Running(Release("0000_snapshot.json", ()), {}, (replace(broken, table="public.other"),))
    assert [each.code for each in judged(view, running=other)] == ["MC316", "MC321"]


def test_a_foreign_key_that_goes_with_the_table_it_points_to_is_named_there() -> None:
    keys = [of(f"public.{table}", TakenAlong("foreign key", "by_user", "public.users")) for table in ("likes", "posts")]
    [one] = judged(of("public.users", TableDropped()), *keys)
    assert (one.code, one.evidence) == (
        "MC301",
        "the statement\nwith it go the foreign keys by_user of public.likes, by_user of public.posts",
    )
    # Where that is made anew under its name, its rows are not gone, and MC301 says nothing.
    assert [(each.code, each.message.split()[5]) for each in judged(*keys)] == [
        ("MC316", "by_user"),
    ] * 2
    # Nothing pointed to one that has no row.
    assert judged(of("public.users", TableDropped()), *keys, sizes=EMPTY) == ()


def test_what_nobody_can_place_says_so() -> None:
    [one] = judged(Seen("0001_new", Location("drizzle/0001_new.sql"), "", "", DefinerLeftOpen("public.f")))
    assert one.evidence == "which statement did it is not known: it was seen when everything had run"
