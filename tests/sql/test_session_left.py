"""The rule MC332: what new migrations leave to their session, and the whole of what is said of it."""

from itertools import count

import pytest

from migcheck.catalogue_sql import SQL_RULES
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.left_behind import SessionHolds, SettingLeft
from migcheck.facts.sql.observation import Change, Seen
from migcheck.finding import Location, Severity
from migcheck.postgres.running.session_left import Held
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from tests.support.rehearsals import folder_of, outcomes, rehearsed

AT = Location("drizzle/0001_new.sql", 3)
UNTIL = "until the connection ends, whoever has it next"
LANDED = (
    "it stays until the connection of that deploy ends. `migcheck apply` ends it; where an application migrates on its "
    "own pool, start that anew."
)
CASES: list[tuple[Change, str, str]] = [
    (
        SettingLeft("search_path", "app"),
        f'leaves search_path at "app" when its transaction has ended: {UNTIL} goes on with it',
        "End it with `RESET search_path;`.",
    ),
    (
        SettingLeft("search_path", '""'),
        f'leaves search_path at "" when its transaction has ended: {UNTIL} goes on with it',
        "End it with `RESET search_path;`.",
    ),
    (
        SessionHolds("lock", "1, 2"),
        (
            "leaves the advisory lock 1, 2 held when its transaction has ended: until the connection ends, whoever "
            "asks for it waits"
        ),
        (
            "Take it with `pg_advisory_xact_lock`, which ends with the transaction, or end it with `SELECT "
            "pg_advisory_unlock(1, 2);`, as often as it is taken."
        ),
    ),
    (
        SessionHolds("shared lock", "7"),
        (
            "leaves the shared advisory lock 7 held when its transaction has ended: until the connection ends, whoever "
            "asks for it alone waits"
        ),
        (
            "Take it with `pg_advisory_xact_lock_shared`, which ends with the transaction, or end it with `SELECT "
            "pg_advisory_unlock_shared(7);`, as often as it is taken."
        ),
    ),
    (
        SessionHolds("channel", "My Jobs"),
        f'leaves the session listening to "My Jobs": {UNTIL} gets what is sent there',
        'Let the application listen itself, or end it with `UNLISTEN "My Jobs";`.',
    ),
    (
        SessionHolds("cursor", "c"),
        "leaves the cursor c open, WITH HOLD: until the connection ends, its rows are kept",
        "End it with `CLOSE c;`.",
    ),
    (
        SessionHolds("statement", "p"),
        "leaves the prepared statement p: until the connection ends, its name is taken there",
        "End it with `DEALLOCATE p;`.",
    ),
    (
        SessionHolds("table", "T t"),
        f'leaves the temporary table "T t": {UNTIL} finds it in place of any other "T t"',
        'Make it with `ON COMMIT DROP`, or end it with `DROP TABLE pg_temp."T t";`.',
    ),
    (
        SessionHolds("sequence", "s"),
        f"leaves the temporary sequence s: {UNTIL} finds it in place of any other s",
        "End it with `DROP SEQUENCE pg_temp.s;`.",
    ),
]


@pytest.mark.parametrize(("change", "told", "fix"), CASES)
def test_it_warns(change: Change, told: str, fix: str) -> None:
    seen = Seen("0001_new", AT, "the statement", "", change)
    [one] = judge(SQL_RULES, SqlFacts((seen,)))
    assert (one.code, one.severity, one.at, one.migration) == ("MC332", Severity.WARNING, AT, "0001_new")
    assert (one.message, one.evidence, one.fix) == (f"0001_new {told}", "the statement", fix)
    [landed] = judge(SQL_RULES, SqlFacts((seen,), frozenset({"0001_new"})))
    assert (landed.severity, landed.fix) == (
        Severity.WARNING,
        f"It has landed, and the target has not run it yet: {LANDED}",
    )


@pytest.mark.parametrize(
    ("held", "fix"),
    [
        (SessionHolds("lock", "42"), "End it with `SELECT pg_advisory_unlock(42);`, as often as it is taken."),
        (SessionHolds("table", "t"), "End it with `DROP TABLE pg_temp.t;`."),
    ],
)
def test_outside_of_a_transaction_nothing_ends_with_it(held: Change, fix: str) -> None:
    seen = Seen("0001_new", AT, "the statement", "", held)
    [one] = judge(SQL_RULES, SqlFacts((seen,), outside=frozenset({"0001_new"})))
    assert one.fix == fix


def test_of_many_things_of_a_kind_the_first_is_told_and_how_many_there_are() -> None:
    def held(*names: str, kind: Held = "lock", migration: str = "0001_new") -> list[Seen]:
        places = (Location(f"drizzle/{migration}.sql", line) for line in count(1))
        things = (SessionHolds(kind, name) for name in names)
        return [Seen(migration, at, f"of {each.name}", "", each) for at, each in zip(places, things, strict=False)]

    locks = [
        *held(*map(str, range(30)), "3, 4")[::-1],
        Seen("0001_new", Location(AT.path), "", "", SessionHolds("lock", "99")),
    ]
    more = (*held("a", "My b", kind="channel"), *held("1", migration="0002_new"), *held("7", kind="shared lock"))
    found = judge(SQL_RULES, SqlFacts((*locks, *more)))
    # All of them, as they stand in the file.
    others = "".join(f"\nlikewise {each}" for each in (*range(1, 30), "3, 4", 99))
    assert [(each.migration, str(each.at), each.evidence) for each in found] == [
        ("0001_new", "drizzle/0001_new.sql:1", f"of 0{others}"),
        ("0001_new", "drizzle/0001_new.sql:1", 'of a\nlikewise "My b"'),
        ("0002_new", "drizzle/0002_new.sql:1", "of 1"),
        ("0001_new", "drizzle/0001_new.sql:1", "of 7"),
    ]
    assert found[0].message == (
        "0001_new leaves the advisory lock 0 held when its transaction has ended: until the connection ends, whoever "
        "asks for it waits; likewise 31 more"
    )
    assert found[0].fix.endswith("with `SELECT pg_advisory_unlock(0);`, as often as it is taken. The others likewise.")
    assert found[1].message.endswith("gets what is sent there; likewise 1 more")
    assert "likewise" not in f"{found[2]} {found[3]}"


@pytest.mark.server
def test_each_way_out_is_no_finding(server: ScratchServer) -> None:
    """All of them at once, on one server: the fixes as they are told, and the other way that each names."""
    takes: dict[str, Change] = {
        "set search_path to app": SettingLeft("search_path", "app"),
        "select pg_advisory_lock(1, 2)": SessionHolds("lock", "1, 2"),
        "select pg_try_advisory_lock_shared(7)": SessionHolds("shared lock", "7"),
        'listen "My Jobs"': SessionHolds("channel", "My Jobs"),
        "declare c cursor with hold for select 1": SessionHolds("cursor", "c"),
        "prepare p as select 1": SessionHolds("statement", "p"),
        'create temp table "T t" (id int)': SessionHolds("table", "T t"),
        "create temp view v as select 1": SessionHolds("view", "v"),
        "create temp sequence s": SessionHolds("sequence", "s"),
    }
    facts = SqlFacts(tuple(Seen("0001_new", AT, "", "", each) for each in takes.values()))
    ends = [each.fix.split("`")[-2] for each in judge(SQL_RULES, facts)]
    base = {"0000_base": "create schema app"}
    short, safe = ";".join(takes), ";".join((*takes, *ends)).replace(";;", ";")
    other = "select pg_advisory_xact_lock(1, 2), pg_advisory_xact_lock_shared(7);"
    other += "create temp table t (id int) on commit drop"
    for sql, codes in ((short, ["MC332"] * len(takes)), (safe, []), (other, [])):
        found = rehearsed(server, folder_of({**base, "0001_new": sql}), folder_of(base))
        assert outcomes(found)[2] == "passed", outcomes(found)
        assert [each.code for each in judge(SQL_RULES, SqlFacts(found.seen))] == codes
