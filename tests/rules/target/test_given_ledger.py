"""The gate `target` on a ledger in a file: what its rows tell, by the file's name, and nothing of a database."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue import TARGET_RULES
from migcheck.drizzle.folder import Folder, Layout
from migcheck.drizzle.ledger import Ledger, LedgerRow
from migcheck.facts.target.judged import TargetFacts, in_file
from migcheck.finding import Finding, Location, Severity
from migcheck.gather.given_ledger import NEEDS_THE_DATABASE, judge_given
from migcheck.rule import judge
from tests.support.ledgers import a_ledger, a_pure_folder, rows_of, with_sql

FILE = "prod/ledger.json"
FOLDER = a_pure_folder({"0000_users": 100, "0001_posts": 200, "0002_tags": 300})
FOLDERS = a_pure_folder({"20240101000000_users": 100, "20240101000001_posts": 200}, Layout.FOLDERS)
LATE = a_pure_folder({"0000_users": 100, "0001_posts": 300, "0002_late": 200})
EDITED = with_sql(FOLDER, "0001_posts", b"select 'edited';")
STRANGE = LedgerRow(4, "f" * 64, 250)


def facts_of(folder: Folder, ledger: Ledger, **known: str) -> TargetFacts:
    return TargetFacts(in_file(FILE, ledger, folder.layout), folder, known)


def told(folder: Folder, rows: list[LedgerRow], *history: Finding) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in judge_given(facts_of(folder, a_ledger(rows)), history).findings]


def by_history(code: str, tag: str, severity: Severity = Severity.ERROR, waived: str | None = None) -> Finding:
    return Finding(code, "a-rule", severity, Location("drizzle"), "told", tag, "", "mend it", waived)


@pytest.mark.parametrize(
    ("folder", "rows", "code", "message"),
    [
        (
            FOLDERS,
            rows_of(FOLDER, 1),
            "MC503",
            f"drizzle.__drizzle_migrations on {FILE} is of Drizzle 0.x, the folder is of 1.0",
        ),
        (
            FOLDER,
            [replace(each, name=tag) for each, tag in zip(rows_of(FOLDER), FOLDER.by_tag(), strict=True)],
            "MC503",
            f"drizzle.__drizzle_migrations on {FILE} was upgraded to Drizzle 1.0, the folder is of 0.x",
        ),
        (
            FOLDER,
            [*rows_of(FOLDER), LedgerRow(4, "a" * 64, None)],
            "MC504",
            f"row 4 of drizzle.__drizzle_migrations on {FILE} has no created_at: Drizzle would run everything again",
        ),
        (
            FOLDER,
            [*rows_of(FOLDER), replace(rows_of(FOLDER)[2], id=4)],
            "MC505",
            f"rows 3 and 4 of drizzle.__drizzle_migrations on {FILE} record one migration twice",
        ),
        (
            FOLDER,
            [*rows_of(FOLDER), STRANGE],
            "MC506",
            f"row 4 of drizzle.__drizzle_migrations on {FILE} is not a migration of this repository",
        ),
        (EDITED, rows_of(FOLDER), "MC507", f"0001_posts on {FILE}: the file is not the one that was applied"),
        (LATE, rows_of(LATE, 2), "MC508", f"0002_late will never run on {FILE}"),
        (
            FOLDER,
            [*rows_of(FOLDER), LedgerRow(4, "b" * 64, 900)],
            "MC509",
            f"{FILE} is ahead of the folder by 1 migration, and no revision of this clone has it",
        ),
        (
            FOLDER,
            rows_of(FOLDER)[2:],
            "MC512",
            f"the ledger on {FILE} begins late: 2 migrations of the folder taken as applied",
        ),
    ],
)
def test_what_the_rows_tell_names_the_file(folder: Folder, rows: list[LedgerRow], code: str, message: str) -> None:
    assert (code, message) in told(folder, rows)


def test_mc511_a_restart_on_a_ledger_that_has_a_part_of_the_old_folder() -> None:
    facts = facts_of(FOLDER, a_ledger([LedgerRow(1, "c" * 64, 50)]), **{"c" * 64: "0000_old"})
    [found] = judge_given(facts, ()).findings
    assert (found.code, found.message) == ("MC511", f"{FILE} has part of the folder that 0000_users replaced")
    assert judge_given(facts, (by_history("MC209", "0000_users"),)).findings == ()


@pytest.mark.parametrize("folder", [FOLDER, FOLDERS])
def test_what_is_in_order_has_no_finding_of_any_rule(folder: Folder) -> None:
    for ledger in (*(a_ledger(rows_of(folder, count)) for count in range(3)), replace(a_ledger(), exists=False)):
        assert judge(TARGET_RULES, facts_of(folder, ledger)) == ()


def test_what_needs_the_database_is_not_judged() -> None:
    judged = judge_given(facts_of(FOLDER, a_ledger()), ())
    assert judged.unjudged == NEEDS_THE_DATABASE
    assert judged.unread == (f"what else is on the database: {FILE} has its ledger alone",)
    assert {"MC501", "MC502", "MC510", "MC513", "MC514", "MC515"} == NEEDS_THE_DATABASE


@pytest.mark.parametrize(
    ("folder", "rows", "history", "code"),
    [
        (EDITED, rows_of(FOLDER), ("MC201", "0001_posts"), "MC507"),
        (LATE, rows_of(LATE, 2), ("MC206", "0002_late"), "MC508"),
        (LATE, rows_of(LATE, 2), ("MC207", "0002_late"), "MC508"),
        (LATE, rows_of(LATE, 2), ("MC208", "0002_late"), "MC508"),
    ],
)
def test_what_blocks_by_history_is_told_once(
    folder: Folder, rows: list[LedgerRow], history: tuple[str, str], code: str
) -> None:
    assert told(folder, rows, by_history(*history)) == []
    assert [each for each, _ in told(folder, rows)] == [code]
    for other in (
        by_history(history[0], "0000_users"),
        by_history("MC205", history[1]),
        by_history(*history, Severity.WARNING),
        by_history(*history, waived="never applied: ..."),
    ):
        assert [each for each, _ in told(folder, rows, other)] == [code]
    once = judge_given(facts_of(folder, a_ledger(rows)), (by_history(*history),))
    assert once.unjudged == NEEDS_THE_DATABASE | {code}
