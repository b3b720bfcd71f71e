"""MC514 and MC515: what a target holds besides the ledger that is configured."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue import TARGET_RULES
from migcheck.drizzle.folder import Layout
from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Finding, Location, Severity
from migcheck.rule import judge
from tests.support.ledgers import a_pure_folder, on_target, rows_of

FOLDER = a_pure_folder({"0000_users": 100, "0001_posts": 200, "0002_tags": 300}, sql="create table {}")
FOLDERS = a_pure_folder({"20240101000000_users": 1_704_067_200_000}, Layout.FOLDERS)
DB = "db.example.com/app"
OLD = LedgerName("public")
ROWS = rows_of(FOLDER)


def told(facts: TargetFacts) -> list[Finding]:
    return [each for each in judge(TARGET_RULES, facts) if each.code in {"MC514", "MC515"}]


def beside(here: list[LedgerRow], there: list[LedgerRow], name: LedgerName = OLD, **more: object) -> TargetFacts:
    facts = on_target(FOLDER, here)
    return replace(facts, target=replace(facts.target, other_ledgers=(Ledger(name, tuple(there)),), **more))


def without_ledger(facts: TargetFacts) -> TargetFacts:
    absent = replace(facts.target.ledger, exists=False)
    return replace(facts, target=replace(facts.target, ledger=absent, ledger_kind="", ledger_columns={}))


def test_mc514_a_ledger_that_is_not_there_and_the_old_one_that_is() -> None:
    [found] = told(without_ledger(beside([], ROWS[:2])))
    assert (found.code, found.severity, found.at) == ("MC514", Severity.ERROR, Location("drizzle"))
    assert found.message == (
        f"public.__drizzle_migrations on {DB} has 2 migrations of the folder that drizzle.__drizzle_migrations, which "
        "is not there, lacks: a deploy would run 2 of them again"
    )
    assert found.evidence == "0000_users, 0001_posts"
    assert 'ledger = { schema = "public", table = "__drizzle_migrations" }' in found.fix
    assert (
        "`create schema if not exists drizzle; alter table public.__drizzle_migrations set schema drizzle;`"
        in found.fix
    )


def test_mc514_a_table_of_another_name_in_the_same_schema_is_renamed() -> None:
    [found] = told(without_ledger(beside([], ROWS, LedgerName("drizzle", 'old "one"'))))
    assert 'ledger = { schema = "drizzle", table = "old \\"one\\"" }' in found.fix
    assert '`alter table drizzle."old ""one""" rename to __drizzle_migrations;`' in found.fix


def test_mc514_an_empty_ledger_gets_the_rows() -> None:
    [found] = told(beside([], ROWS[:1]))
    assert found.severity is Severity.ERROR
    assert "of the folder that drizzle.__drizzle_migrations lacks: a deploy would run it again" in found.message
    assert (
        "insert into drizzle.__drizzle_migrations (hash, created_at) select hash, created_at from "
        "public.__drizzle_migrations o where not exists"
    ) in found.fix


def test_mc514_two_ledgers_of_which_the_other_is_ahead() -> None:
    [found] = told(beside(ROWS[:1], ROWS[:2]))
    assert (found.severity, found.evidence) == (Severity.ERROR, "0001_posts")


def test_mc514_what_would_not_run_again_only_warns() -> None:
    [found] = told(beside([ROWS[0], ROWS[2]], ROWS[:2]))
    assert (found.severity, found.evidence) == (Severity.WARNING, "0001_posts")
    assert "again" not in found.message


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (ROWS, ROWS),
        (ROWS[:2], ROWS[:1]),
        ([], [LedgerRow(1, "f" * 64, 101)]),
        (ROWS[:1], [LedgerRow(1, "f" * 64, 200)]),
        ([], [LedgerRow(1, ROWS[0].hash, 101)]),
        ([], [LedgerRow(1, ROWS[0].hash, None)]),
    ],
    ids=["equal", "left behind", "of another folder", "and one time", "one text in another folder", "no time"],
)
def test_mc514_is_silent_where_the_other_has_nothing_more(here: list[LedgerRow], there: list[LedgerRow]) -> None:
    assert told(beside(here, there)) == []


def test_mc514_warns_where_the_rows_there_are_of_files_that_were_edited_since() -> None:
    rows = [replace(each, hash="f" * 64) for each in ROWS[:2]]
    [found] = told(without_ledger(beside([], rows)))
    assert (found.severity, found.evidence) == (Severity.WARNING, "0000_users, 0001_posts")
    assert found.message == (
        f"public.__drizzle_migrations on {DB} has rows with the time of 2 migrations of the folder, by other hashes, "
        "and drizzle.__drizzle_migrations, which is not there, lacks them"
    )
    elsewhere = replace(beside([], rows), change=("+ table b.0000_users",))
    assert told(elsewhere) == []


def test_mc514_is_silent_about_another_tenants_ledger() -> None:
    tables = ("public.__drizzle_migrations", "public.users", "drizzle.users")
    assert told(beside(ROWS[:1], ROWS, tables=tables)) == []
    assert told(beside(ROWS[:1], ROWS, tables=tables[:2])) != []
    # Two schemas of one folder: each has tables, and none by the name of another's.
    assert told(beside(ROWS[:1], ROWS, tables=(*tables[:2], "drizzle.orders"))) != []


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ('create table "auth"."{}" ()', 1),
        ("create table auth.{} ()", 1),
        ("create table {} (); select oauth.x, auth", 0),
        ('create table "public"."{}" ()', 0),
    ],
)
def test_mc514_two_schemas_of_one_folder_may_have_a_table_of_one_name(sql: str, count: int) -> None:
    """As `auth.users` beside `users`: the folder names that schema, which no tenant's does."""
    folder = a_pure_folder({"0000_users": 100, "0001_posts": 200}, sql=sql)
    rows = rows_of(folder)
    facts = on_target(folder, rows[:1])
    other = (Ledger(LedgerName("auth"), tuple(rows)),)
    here = replace(facts.target.ledger, name=LedgerName("public"))
    target = replace(facts.target, ledger=here, other_ledgers=other, tables=("public.users", "auth.users"))
    assert len(told(replace(facts, target=target))) == count


def test_mc514_is_silent_where_nothing_of_it_is_there_yet() -> None:
    tables = ("a.__drizzle_migrations", "a.0000_users")
    facts = without_ledger(beside([], ROWS, LedgerName("a"), tables=tables))
    change = ("+ table b.0000_users", "+ table b.0001_posts")
    assert told(replace(facts, change=change)) == []
    assert len(told(replace(facts, change=("+ table a.0000_users",)))) == 1
    assert len(told(replace(facts, change=("+ table b.unrelated",)))) == 1
    assert len(told(replace(facts, change=('+ table b."users unrelated"',)))) == 1
    assert told(replace(facts, change=('+ table b."0000_USERS"', '+ table b."0000_USERS x"'))) == []


def test_mc514_leaves_a_relation_that_is_no_ledger_to_mc502() -> None:
    assert told(beside([], ROWS, ledger_kind="v")) == []


def test_mc514_a_ledger_of_1_0_keeps_the_milliseconds_of_0_x() -> None:
    [row] = rows_of(FOLDERS)
    facts = on_target(FOLDERS)
    other = Ledger(OLD, (replace(row, created_at=(row.created_at or 0) + 552),))
    [found] = told(replace(facts, target=replace(facts.target, other_ledgers=(other,))))
    assert "(hash, created_at, name) select hash, created_at, name from" in found.fix


def test_mc515_another_tools_ledger_and_tables() -> None:
    facts = without_ledger(on_target(FOLDER))
    [found] = told(replace(facts, target=replace(facts.target, tables=("public._prisma_migrations", "public.users"))))
    assert (found.code, found.severity) == ("MC515", Severity.WARNING)
    assert found.message == f"{DB} has no drizzle.__drizzle_migrations, and public._prisma_migrations of another tool"
    assert found.evidence == "public._prisma_migrations, the ledger of Prisma"


@pytest.mark.parametrize("name", ["_migrations", "__migrations"])
def test_mc515_a_ledger_that_a_team_keeps_by_a_runner_of_its_own(name: str) -> None:
    facts = without_ledger(on_target(FOLDER))
    there = replace(facts.target, tables=(f"public.{name}", "public.users"))
    [found] = told(replace(facts, target=there))
    assert (found.code, found.severity) == ("MC515", Severity.WARNING)
    assert found.evidence == f"public.{name}, the ledger of a tool of its own"
    assert "`migcheck baseline --to MIGRATION`" in found.fix


def test_mc515_is_silent_of_what_supabase_itself_migrates_and_tells_of_its_command_line() -> None:
    names = ("auth.schema_migrations", "realtime.schema_migrations", "storage.migrations")
    kept = (*names, "supabase_functions.migrations")
    own = (*kept, "auth.users", "storage.buckets", "public.users")
    facts = without_ledger(on_target(FOLDER))
    assert told(replace(facts, target=replace(facts.target, tables=own))) == []
    # Without its storage it is known by who owns them, and else these are schemas of a project's own.
    ours = replace(facts.target, tables=own[:-2])
    owners = dict.fromkeys(kept, "supabase_auth_admin")
    assert told(replace(facts, target=replace(ours, owners=owners))) == []
    [found] = told(replace(facts, target=ours))
    assert found.evidence.startswith("auth.schema_migrations, the ledger of Rails, dbmate or golang-migrate\n")
    cli = replace(facts.target, tables=(*own, "supabase_migrations.schema_migrations"))
    [found] = told(replace(facts, target=cli))
    assert found.evidence == "supabase_migrations.schema_migrations, the ledger of the Supabase CLI"


def test_mc515_leaves_a_ledger_of_drizzles_by_another_name_to_mc514() -> None:
    facts = without_ledger(beside([], ROWS, LedgerName("public", "__migrations")))
    target = replace(facts.target, tables=("public.__migrations", "public.users"))
    [found] = told(replace(facts, target=target))
    assert found.code == "MC514"


def test_mc515_is_silent_beside_a_ledger_without_tables_and_where_nothing_is_due() -> None:
    tables = ("public._prisma_migrations", "public.users")
    facts = on_target(FOLDER)
    assert told(replace(facts, target=replace(facts.target, tables=tables))) == []
    facts = without_ledger(facts)
    assert told(replace(facts, target=replace(facts.target, tables=tables[:1]))) == []
    assert told(replace(facts, target=replace(facts.target, tables=tables[1:]))) == []
    empty = replace(facts, folder=a_pure_folder({}))
    assert told(replace(empty, target=replace(facts.target, tables=tables))) == []
