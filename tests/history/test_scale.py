"""Thousands of entries: every rule takes time in proportion to them, whatever happened to all of them."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import pytest
from msgspec.structs import replace

from migcheck.catalogue import FOLDER_RULES, HISTORY_RULES
from migcheck.drizzle.folder import Folder, Layout, Migration, SqlFile
from migcheck.drizzle.journal import Entry, Journal
from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.drizzle.snapshot import ROOT, Snapshot
from migcheck.facts.folder import FolderFacts
from migcheck.facts.history.history import Base, History
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Finding
from migcheck.rule import judge
from tests.support.folders import STEP, WHEN
from tests.support.growth import LINEAR, growth

MANY = 2_000
Many = Sequence[Migration]


@cache
def many(count: int) -> Many:
    return tuple(
        Migration(f"{n:04}_m", WHEN + n * STEP, f"drizzle/{n:04}_m.sql", b"create table t%d (id int);\n" % n)
        for n in range(count)
    )


def a_folder(migrations: Iterable[Migration], *, files: bool = True, from_idx: int = 0) -> Folder:
    found = tuple(migrations)
    entries = tuple(Entry(n, n + from_idx, each.tag, each.when, 5 + 7 * n) for n, each in enumerate(found))
    kept = found if files else ()
    return Folder(
        path="drizzle",
        layout=Layout.JOURNAL,
        journal=Journal("drizzle/meta/_journal.json", "7", "postgresql", entries),
        migrations=kept,
        files=tuple(SqlFile(each.tag, each.path, each.sql) for each in kept),
        unreadable=(),
        snapshots=(),
    )


def renamed(each: Migration) -> Migration:
    return replace(each, tag=f"{each.tag}_b", path=each.path.replace(".sql", "_b.sql"))


def judged(before: Folder, after: Folder, *ledgers: Ledger) -> list[Finding]:
    history = History(Base("0" * 40, "a test"), before, after)
    facts = FolderFacts(after, WHEN + MANY * STEP, before, frozenset(each.path for each in after.files))
    return [
        *judge(FOLDER_RULES, facts),
        *judge(HISTORY_RULES, HistoryFacts(history, ledgers, None, ledgers)),
    ]


def last_first(found: Many) -> Many:
    return (*found[-1:], *found[:-1])


def alike(found: Many) -> Many:
    return tuple(replace(each, sql=b"select 1;") for each in found)


def held(found: Many) -> Ledger:
    return Ledger(LedgerName(), tuple(LedgerRow(n, each.hash, each.when) for n, each in enumerate(found)))


def foreign(found: Many) -> Ledger:
    return Ledger(LedgerName(), tuple(LedgerRow(n, f"{n:064x}", each.when + 1) for n, each in enumerate(found)))


def snapshots(count: int, *, follow: str) -> tuple[Snapshot, ...]:
    return tuple(
        Snapshot(f"drizzle/meta/{n:04}_snapshot.json", f"{n:04}", f"{n}", (follow,), "7") for n in range(count)
    )


@pytest.mark.parametrize(
    ("judge_all", "code"),
    [
        pytest.param(lambda m: judged(a_folder(m[-1:]), a_folder(m)), "MC206", id="inserted"),
        pytest.param(lambda m: judged(a_folder(m[-1:]), a_folder(last_first(m))), "MC207", id="behind"),
        pytest.param(lambda m: judged(a_folder(m[-1:]), a_folder(m), held(m)), "MC206", id="inserted, with a ledger"),
        pytest.param(
            lambda m: judged(a_folder(m[-1:]), a_folder(last_first(m)), foreign(m), held(m)),
            "MC207",
            id="behind, with ledgers",
        ),
        pytest.param(
            lambda m: judged(a_folder(m), a_folder(replace(each, when=each.when + 1) for each in m), foreign(m)),
            "MC204",
            id="moved in time",
        ),
        pytest.param(lambda m: judged(a_folder(m), a_folder(m, from_idx=1)), "MC204", id="counted otherwise"),
        pytest.param(lambda m: judged(a_folder(m), a_folder(map(renamed, m)), foreign(m)), "MC203", id="renamed"),
        pytest.param(
            lambda m: judged(a_folder(alike(m)), a_folder(renamed(each) for each in reversed(alike(m)))),
            "MC203",
            id="renamed, all of one text",
        ),
        pytest.param(lambda m: judged(a_folder(m), a_folder((*m, *map(renamed, m)))), "MC207", id="as many again"),
        pytest.param(
            lambda m: judged(a_folder(m), a_folder(replace(each, sql=each.sql + b"--") for each in m), foreign(m)),
            "MC201",
            id="edited",
        ),
        pytest.param(lambda m: judged(a_folder(m), a_folder(reversed(m)), foreign(m)), "MC205", id="turned round"),
        pytest.param(lambda m: judged(a_folder(m), a_folder(m[:1]), held(m)), "MC202", id="removed"),
        pytest.param(lambda m: judged(a_folder(m, files=False), a_folder(m)), "MC201", id="files after the journal"),
        pytest.param(lambda m: judged(a_folder(m, files=False), a_folder(m[:1])), "MC202", id="never had files"),
        pytest.param(lambda m: judged(a_folder(m), a_folder(m, files=False)), "MC101", id="files gone"),
        pytest.param(
            lambda m: judged(a_folder(()), replace(a_folder(m), snapshots=snapshots(1, follow=ROOT))),
            "MC110",
            id="one snapshot",
        ),
        pytest.param(
            lambda m: judged(a_folder(()), replace(a_folder(()), snapshots=snapshots(len(m), follow=ROOT))),
            "MC111",
            id="snapshots of nothing",
        ),
    ],
)
def test_whatever_happened_to_all_of_them(judge_all: Callable[[Many], list[Finding]], code: str) -> None:
    assert code in {each.code for each in judge_all(many(125))}
    assert growth(lambda count: judge_all(many(count)), 125) < LINEAR


def test_files_that_come_after_their_entries_are_told_once() -> None:
    (found,) = (
        each for each in judged(a_folder(many(MANY), files=False), a_folder(many(MANY))) if each.code == "MC201"
    )

    assert (found.severity, found.migration, str(found.at)) == ("warning", "0000_m", "drizzle/0000_m.sql")
    assert found.message == (
        "0000_m, 0001_m, 0002_m, 0003_m, 0004_m and 1995 more have their files again, which base lacks"
    )


def test_entries_that_never_had_files_are_told_once() -> None:
    (found,) = judged(a_folder(many(MANY), files=False), a_folder(()))

    assert (found.code, found.severity, found.migration) == ("MC202", "warning", "0000_m")
    assert found.message == (
        "0000_m, 0001_m, 0002_m, 0003_m, 0004_m and 1995 more are gone from the journal, and had no file in base: "
        "nothing could run them"
    )
