"""Each rule of the gate `target`: one ledger it speaks of, and the whole of what it says."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue import TARGET_RULES
from migcheck.drizzle.folder import Layout
from migcheck.drizzle.ledger import LedgerRow
from migcheck.facts.copy import Copy
from migcheck.facts.history.history import History
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Finding, Location, Severity
from migcheck.gather.gates import target_facts
from migcheck.postgres.target.database import DatabaseIdentity
from migcheck.project import Asked
from migcheck.rule import judge
from tests.support import verdicts
from tests.support.growth import LINEAR, growth
from tests.support.ledgers import COLUMNS, COLUMNS_1_0, a_ledger, a_pure_folder, a_target, on_target, rows_of, with_sql
from tests.support.rehearsals import history_of

FOLDER = a_pure_folder({"0000_users": 100, "0001_posts": 200, "0002_tags": 300})
FOLDERS = a_pure_folder({"20240101000000_users": 100, "20240101000001_posts": 200}, Layout.FOLDERS)
DB = "db.example.com/app"
POSTS = FOLDER.migrations[1]
PUT_BACK = (
    "Put the file and its journal entry back as they were applied, and bring the change as a new migration: "
    "`drizzle-kit generate --custom`."
)


def findings(facts: TargetFacts) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in judge(TARGET_RULES, facts)]


def only(facts: TargetFacts) -> Finding:
    (found,) = judge(TARGET_RULES, facts)
    return found


def changed(facts: TargetFacts, **target: object) -> TargetFacts:
    return replace(facts, target=replace(facts.target, **target))


CREATE = 'grant create on database "app" to "app";'


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_healthy_target_has_no_finding(count: int) -> None:
    assert findings(on_target(FOLDER, rows_of(FOLDER, count))) == []


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_healthy_target_of_1_0_has_no_finding(count: int) -> None:
    assert findings(on_target(FOLDERS, rows_of(FOLDERS, count))) == []


def test_a_target_without_a_ledger_has_no_finding() -> None:
    assert findings(changed(on_target(FOLDER), ledger_kind="", ledger_columns={})) == []
    assert findings(changed(on_target(FOLDERS), ledger_kind="", ledger_columns={})) == []


def test_mc501_read_only() -> None:
    found = only(changed(on_target(FOLDER), read_only=True, lacking={"CREATE on database app": CREATE}))
    assert (found.code, found.severity, found.message) == ("MC501", Severity.ERROR, f"{DB} is read only")
    assert found.at == Location("drizzle")


def test_mc501_who_only_verifies_may_look_at_a_standby() -> None:
    standby = changed(on_target(FOLDER), read_only=True)
    assert only(replace(standby, deploying=False)).severity is Severity.WARNING
    assert findings(changed(on_target(FOLDER, rows_of(FOLDER)), read_only=True)) == []


def test_mc502_a_view() -> None:
    facts = changed(on_target(FOLDER), ledger_kind="v", ledger_columns={"id": "integer"})
    assert findings(facts) == [("MC502", f"drizzle.__drizzle_migrations on {DB} is a view")]


def test_mc502_another_tools_table() -> None:
    found = only(changed(on_target(FOLDER), ledger_columns={"id": "uuid", "hash": "text"}))
    assert (found.code, found.message) == ("MC502", f"drizzle.__drizzle_migrations on {DB} is not Drizzle's table")
    assert found.evidence == "id is uuid\ncreated_at is absent"
    # No time in milliseconds fits into it.
    narrow = {"id": "integer", "hash": "text", "created_at": "integer"}
    assert only(changed(on_target(FOLDER), ledger_columns=narrow)).evidence == "created_at is integer"


def test_mc503_a_ledger_that_1_0_upgraded() -> None:
    facts = changed(on_target(FOLDER, rows_of(FOLDER, 1)), ledger_columns=COLUMNS_1_0)
    assert findings(facts) == [
        ("MC503", f"drizzle.__drizzle_migrations on {DB} was upgraded to Drizzle 1.0, the folder is of 0.x")
    ]


def test_mc503_a_folder_that_was_upgraded_before_its_ledger() -> None:
    facts = TargetFacts(a_target(a_ledger(), COLUMNS), FOLDERS, {})
    assert findings(facts) == [
        ("MC503", f"drizzle.__drizzle_migrations on {DB} is of Drizzle 0.x, the folder is of 1.0")
    ]


def test_mc504_a_row_without_a_time() -> None:
    found = only(on_target(FOLDER, [*rows_of(FOLDER), LedgerRow(4, "a" * 64, None)]))
    assert (found.code, found.message) == (
        "MC504",
        f"row 4 of drizzle.__drizzle_migrations on {DB} has no created_at: Drizzle would run everything again",
    )
    assert found.evidence == f"row 4: hash {'a' * 64}, created_at NULL"


def test_mc505_a_migration_that_two_deploys_recorded() -> None:
    rows = [*rows_of(FOLDER), replace(rows_of(FOLDER)[2], id=4)]
    found = only(on_target(FOLDER, rows))
    assert (found.code, found.migration) == ("MC505", "0002_tags")
    assert found.message == f"rows 3 and 4 of drizzle.__drizzle_migrations on {DB} record one migration twice"


def test_mc505_two_migrations_in_one_place() -> None:
    first, second, third = rows_of(FOLDER)
    found = only(on_target(FOLDER, [first, replace(second, created_at=third.created_at), third]))
    assert found.code == "MC505"
    assert found.message == (
        f"rows 2 and 3 of drizzle.__drizzle_migrations on {DB} have one created_at, {third.created_at}, "
        "which cannot be that of both"
    )


def test_mc506_a_row_that_nobody_knows() -> None:
    found = only(on_target(FOLDER, [*rows_of(FOLDER), LedgerRow(4, "f" * 64, 250)]))
    assert (found.code, found.message) == (
        "MC506",
        f"row 4 of drizzle.__drizzle_migrations on {DB} is not a migration of this repository",
    )


def test_mc506_is_silent_where_git_knows_it() -> None:
    assert findings(on_target(FOLDER, [*rows_of(FOLDER), LedgerRow(4, "f" * 64, 250)], {"f" * 64: "0009_gone"})) == []


def test_mc506_another_applications_database() -> None:
    rows = [LedgerRow(1, "e" * 64, 5_000), LedgerRow(2, "f" * 64, 6_000)]
    assert [code for code, _ in findings(on_target(FOLDER, rows))] == ["MC506", "MC506", "MC512"]


def test_mc507_an_edited_migration() -> None:
    edited = with_sql(FOLDER, "0001_posts", b"select 'edited';")
    found = only(on_target(edited, rows_of(FOLDER)))
    assert (found.code, found.at, found.migration) == ("MC507", Location("drizzle/0001_posts.sql"), "0001_posts")
    assert found.message == f"0001_posts on {DB}: the file is not the one that was applied"
    assert found.evidence == (
        f"row 2: hash {FOLDER.migrations[1].hash}, created_at 200\nfolder: hash {edited.migrations[1].hash}, when 200"
    )


@pytest.mark.parametrize(
    ("landed", "head", "sql", "begins", "there"),
    [
        ({"0000_users": 100, "0001_posts": 200}, {"0001_posts": 200}, b"select 2;", "Put the file and its", False),
        ({"0000_users": 100, "0001_posts": 200}, {"0001_articles": 200}, b"select 2;", "Put the file and its", False),
        ({"0000_users": 100, "0001_posts": 200}, {"0001_articles": 250}, POSTS.sql, "The file is as it wa", False),
        ({"0000_users": 100}, {"0001_posts": 200}, b"select 2;", "Put the file and its", True),
        ({"0000_users": 100, "0001_theirs": 250}, {"0001_posts": 200}, b"select 2;", "Put the file and its", True),
    ],
    ids=["landed", "renamed", "renamed-and-moved", "newest", "behind"],
)
def test_mc507_has_another_way_out_of_what_base_does_not_have(
    landed: dict[str, int], head: dict[str, int], sql: bytes, begins: str, *, there: bool
) -> None:
    """Made anew behind a merge, what one's own database ran would be skipped by every other one (MC207)."""
    kept = {tag: when for tag, when in landed.items() if tag != POSTS.tag}
    edited = with_sql(a_pure_folder({**kept, **head}), next(iter(head)), sql)
    known = history_of(edited, a_pure_folder(landed), POSTS)

    def fix(history: History) -> str:
        given = replace(on_target(edited, rows_of(FOLDER, 2)), history=history)
        return next(each.fix for each in judge(TARGET_RULES, given) if each.code == "MC507")

    undone = "undo what row 2 of drizzle.__drizzle_migrations did on that database and delete its row there"
    assert (fix(known).startswith(begins), undone in fix(known)) == (True, there)
    entry = "The file is as it was applied: put its journal entry back, with `when` 200."
    put_back = entry if sql == POSTS.sql else PUT_BACK
    assert fix(replace(known, lookup=lambda _hash: None)) == put_back


def test_mc508_a_migration_that_will_never_run() -> None:
    late = a_pure_folder({"0000_users": 100, "0001_posts": 300, "0002_late": 200}, sql="select '{}';\n")
    found = only(on_target(late, rows_of(late, 2)))
    assert (found.code, found.at) == ("MC508", Location("drizzle/meta/_journal.json", 18))
    assert found.message == f"0002_late will never run on {DB}"
    assert found.evidence == "when 200, newest created_at of the ledger 300"
    known = history_of(late, late, POSTS)

    def begins(history: History, digest: str = POSTS.hash, when: int = 250) -> str:
        given = replace(on_target(late, [*rows_of(late, 1), LedgerRow(2, digest, when)]), history=history)
        return next(each.fix for each in judge(TARGET_RULES, given) if each.code == "MC508")[:20]

    usual = begins(history_of(late, FOLDER, POSTS))
    assert (usual, begins(known)) == ("Where it has not lan", "Newer than it is onl")
    # A row that nobody knows; one of a checkout with other line ends.
    assert begins(known, "f" * 64) == usual
    other = replace(late.migrations[1], sql=b"select '0001_posts';\r\n")
    for when in (300, 250):
        assert begins(history_of(late, late, other), other.hash, when) == usual


BEHIND = replace(FOLDER, migrations=FOLDER.migrations[:1])


def test_mc509_a_database_ahead_of_the_folder_only_warns() -> None:
    known = {each.hash: each.tag for each in FOLDER.migrations}
    found = only(on_target(BEHIND, rows_of(FOLDER), known))
    assert (found.code, found.severity) == ("MC509", Severity.WARNING)
    assert found.message == f"{DB} is ahead of the folder by 2 migrations"
    assert found.evidence == "row 2: 0001_posts, created_at 200\nrow 3: 0002_tags, created_at 300"
    assert found.fix.startswith("Nothing, where the application was rolled back on purpose.")


def test_mc509_by_what_no_revision_has() -> None:
    found = only(on_target(BEHIND, rows_of(FOLDER)))
    assert (found.code, found.severity) == ("MC509", Severity.WARNING)
    assert found.message == (
        f"{DB} is ahead of the folder by 2 migrations, and no revision of this clone has any of them"
    )
    assert found.evidence == (
        f"row 2: {FOLDER.migrations[1].hash}, created_at 200, in no revision\n"
        f"row 3: {FOLDER.migrations[2].hash}, created_at 300, in no revision"
    )
    assert found.fix == (
        "Find out who wrote rows 2, 3 before the next deploy: a branch that was never fetched (`git fetch --all`), a "
        "deploy of work that was never committed, or another repository that writes to this ledger."
    )


def test_mc509_by_what_some_revision_has_and_what_none_has() -> None:
    found = only(on_target(BEHIND, rows_of(FOLDER), {FOLDER.migrations[1].hash: "0001_posts"}))
    assert found.message == f"{DB} is ahead of the folder by 2 migrations, and no revision of this clone has 1 of them"
    assert found.evidence == (
        f"row 2: 0001_posts, created_at 200\nrow 3: {FOLDER.migrations[2].hash}, created_at 300, in no revision"
    )
    assert found.fix.startswith("Find out who wrote row 3 before the next deploy: ")


def test_mc510_a_role_that_may_not_keep_the_ledger() -> None:
    facts = changed(on_target(FOLDER), lacking={"INSERT on x": "", "CREATE on schema x": ""}, may_create=False)
    assert findings(facts) == [("MC510", f"role app on {DB} lacks INSERT on x, CREATE on schema x")]


def test_mc510_who_only_verifies_may_look_with_a_role_that_writes_nothing() -> None:
    facts = changed(on_target(FOLDER), lacking={"CREATE on database app": CREATE}, may_create=False)
    looking, deploying = only(replace(facts, deploying=False)), only(facts)
    assert looking.severity is Severity.WARNING
    assert looking.fix.startswith("Nothing, where another role deploys: ")
    assert looking.fix.endswith(f" Else have the owner run `{CREATE}`")
    assert deploying.fix == (f"Deploy as the owner of the database and of the ledger, or have the owner run `{CREATE}`")


def test_mc510_says_how_what_has_no_schema_may_be_created() -> None:
    facts = changed(on_target(FOLDER), may_create=False, schema="public")
    assert only(facts).fix.endswith(" run `grant create on schema public to app;`")
    both = changed(facts, lacking={"CREATE on database app": CREATE})
    assert only(both).fix.endswith(f" run `{CREATE} grant create on schema public to app;`")


def test_mc510_a_role_that_may_create_nothing_unqualified_only_warns() -> None:
    found = only(changed(on_target(FOLDER), may_create=False))
    assert (found.code, found.severity) == ("MC510", Severity.WARNING)
    assert found.message == f"role app on {DB} may create nothing where unqualified names go"


@pytest.mark.parametrize(
    ("sql", "change", "names"),
    [
        ('CREATE TABLE "users" (); create unique index i on app.posts (a);', (), "users"),
        (
            "create table if not exists users (); create type public.a as enum (); create view B as select 1;",
            (),
            "users, b",
        ),
        ("alter table users add column a int;", ("+ column public.users.a integer",), "users"),
        # What it alters is nothing that lasts.
        ("create temp table t (); alter table t add column a int;", (), ""),
        ("create table app.users (); alter table app.users add a int;", ("+ table app.users",), ""),
        # What a block makes was seen, and that no name says where.
        ("do $$ begin create table users (); end $$;", ("+ table public.users",), "users"),
        ('do $$ begin create table "public"."users" (); end $$;', ("+ table public.users",), ""),
        ("select make_all();", ("+ table public.users",), ""),
        # It may lead somewhere by then.
        ("set search_path = public; create table users ();", ("+ table public.users",), ""),
        ("create schema app; create table users ();", ("+ table app.users",), ""),
        ("set role owner; create table users ();", ("+ table public.users",), ""),
    ],
)
def test_mc510_names_without_a_schema_where_the_search_path_leads_nowhere(
    sql: str, change: tuple[str, ...], names: str
) -> None:
    folder = with_sql(FOLDER, "0000_users", sql.encode())
    facts = changed(replace(on_target(folder), change=change), search_path='app, "B c"')
    leads = f'the search_path of role app on {DB} (app, "B c") leads to no schema'
    expected = f"{leads}, and pending migrations name none: {names}"
    assert findings(facts) == ([("MC510", expected)] if names else [])
    assert findings(changed(facts, schema="app")) == []
    assert findings(changed(facts, search_path="drizzle")) == [], "the deploy itself makes that schema"


def test_mc510_who_only_verifies_may_look_with_a_search_path_that_leads_nowhere() -> None:
    folder = with_sql(FOLDER, "0000_users", b"create table users ();")
    facts = changed(on_target(folder), search_path='""', identity=DatabaseIdentity(name="App"))
    looking, deploying = only(replace(facts, deploying=False)), only(facts)
    cure = (
        "ake a schema that it names, or have it lead to one: "
        '`alter role app in database "App" set search_path = "$user", public;`'
    )
    assert (looking.severity, deploying.severity) == (Severity.WARNING, Severity.ERROR)
    assert deploying.fix == f"M{cure}"
    assert looking.fix == (f"Nothing, where another role deploys: to look, this one has what it takes. Else m{cure}")


@pytest.mark.parametrize(
    ("sql", "change", "names"),
    [
        ("create table posts ();", ("+ table public.posts",), "posts"),
        ("do $$ begin create table posts (); end $$;", ("+ table public.posts",), "posts"),
        ('create table "public"."posts" ();', ("+ table public.posts",), ""),
        # [scratch] search_path says so as well.
        ("create table posts ();", ("+ table app.posts",), ""),
        ("set search_path = public; create table posts ();", ("+ table public.posts",), ""),
    ],
)
def test_mc510_names_without_a_schema_where_the_search_path_leads_elsewhere(
    sql: str, change: tuple[str, ...], names: str
) -> None:
    folder = with_sql(with_sql(FOLDER, "0000_users", b"create table users ();"), "0001_posts", sql.encode())
    there = {"search_path": "app, public", "schema": "app", "tables": ("public.users", "app.other")}
    facts = changed(replace(on_target(folder, rows_of(folder, 1)), change=change), **there)
    expected = (
        f"the search_path of role app on {DB} (app, public) leads to schema app, where nothing is of what was made in "
        f"public by such names before, and pending migrations name none: {names}"
    )
    assert findings(facts) == ([("MC510", expected)] if names else [])
    for healthy in (("app.users", "public.users"), ("app.users",), ("public.other",)):
        assert findings(changed(facts, tables=healthy)) == []
    assert findings(changed(facts, schema="public")) == []


def test_mc510_a_role_that_is_called_like_the_schema_that_the_deploy_makes_for_the_ledger() -> None:
    folder = with_sql(FOLDER, "0000_users", b"create table users (); create table public.posts ();")
    made = ("+ table public.posts", "+ table public.users")
    role = {"role": "drizzle", "schema": "public", "identity": DatabaseIdentity(name="App")}
    facts = changed(replace(on_target(folder), change=made), search_path='"$user", public', **role)
    found = only(facts)
    leads = f'the search_path of role drizzle on {DB} ("$user", public) leads to schema drizzle once the deploy'
    assert (found.code, found.severity) == ("MC510", Severity.ERROR)
    assert found.message == f"{leads} has made that for the ledger, and pending migrations name none: users"
    assert found.fix == (
        'Have it lead to public: `alter role drizzle in database "App" set search_path = public;`. Where new things '
        "belong into drizzle, make it before: `create schema drizzle;`"
    )
    for healthy in ({"role": "app"}, {"search_path": "drizzle, public"}, {"schema": "drizzle"}):
        assert findings(changed(facts, **healthy)) == []


def test_mc510_what_it_alters_in_public_by_a_search_path_that_leads_elsewhere() -> None:
    folder = with_sql(FOLDER, "0000_users", b"create table users ();")
    folder = with_sql(folder, "0001_posts", b"alter table users add a int;")
    facts = replace(on_target(folder, rows_of(folder, 1)), change=("+ column public.users.a integer",))
    facts = changed(facts, search_path="app", schema="app", tables=("public.users",))
    assert only(facts).message.endswith("before, and pending migrations name none: users")
    assert findings(changed(facts, search_path="app, public")) == [], "there it is found"


KEYED = (
    "+ constraint app.posts.posts_by_fkey FOREIGN KEY (by) REFERENCES public.users(id)",
    "+ table app.posts",
    "+ table public.tags",
)


def test_mc510_asks_for_what_the_rehearsal_saw_that_it_takes() -> None:
    facts = replace(on_target(FOLDER), change=KEYED)
    closed = {"app": ("USAGE", "CREATE"), "other": ("USAGE", "CREATE")}
    found = only(changed(facts, closed=closed, unreferable=frozenset({"public.users", "public.tags"})))
    assert (found.severity, found.message) == (
        Severity.ERROR,
        f"role app on {DB} lacks USAGE on schema app, CREATE on schema app, REFERENCES on public.users",
    )
    grants = "grant usage on schema app to app; grant create on schema app to app; grant references on public.users"
    assert found.fix.endswith(f" run `{grants} to app;`")
    assert only(changed(facts, closed={"app": ("USAGE",)})).severity is Severity.WARNING
    public = changed(facts, closed={"public": ("CREATE",)}, may_create=False, schema="public")
    assert only(public).fix.endswith(" run `grant create on schema public to app;`")


def test_mc510_asks_for_a_look_into_the_schema_of_what_a_key_points_to() -> None:
    key = ("+ constraint app.posts.posts_by_fkey FOREIGN KEY (by) REFERENCES other.users(id)",)
    found = only(changed(replace(on_target(FOLDER), change=key), closed={"other": ("USAGE", "CREATE")}))
    assert (found.severity, found.message) == (Severity.WARNING, f"role app on {DB} lacks USAGE on schema other")


def test_mc510_asks_nothing_for_what_a_function_may_make_with_its_owners_rights() -> None:
    folder = with_sql(FOLDER, "0000_users", b'select make(); create table "Kept" (); create table "Od""d" ();')
    for name, asked in (("secret", False), ('"Kept"', True), ('"Od""d"', True)):
        made = f"+ table public.{name}"
        facts = changed(replace(on_target(folder), change=(made,)), closed={"public": ("CREATE",)})
        assert [code for code, _ in findings(facts)] == ["MC510"] * asked


def test_mc510_does_not_ask_where_a_migration_may_go_on_elsewhere() -> None:
    public = {"closed": {"public": ("CREATE",)}, "unreferable": frozenset({"public.users"})}
    facts = changed(replace(on_target(FOLDER), change=KEYED), **public)
    assert findings(changed(facts, schema="app")) == []


@pytest.mark.parametrize(
    ("sql", "asked"),
    [
        ("/* a */ SET LOCAL ROLE owner; create table tags ();", False),
        ("create table tags (); set session authorization 'owner';", False),
        ("set role = owner;", False),
        ("do $$ begin set role owner; end $$;", False),
        ("do $$ begin execute format('set local role %I', 'owner'); end $$;", False),
        # A column has that name, and a comment speaks of it.
        ("update users set role = 'member';", True),
        ("do $$ begin update users set role = 'member'; end $$;", True),
        ("-- set role owner\ndo $$ begin /* set role owner */ null; end $$;", True),
        ("comment on column users.role is 'who may set role of others';", True),
    ],
)
def test_mc510_asks_nothing_only_where_a_migration_goes_on_as_another_role(sql: str, *, asked: bool) -> None:
    folder = with_sql(FOLDER, "0000_users", sql.encode())
    facts = changed(replace(on_target(folder), change=KEYED), closed={"public": ("CREATE",)})
    assert [code for code, _ in findings(facts)] == ["MC510"] * asked


def altering(sql: str, *change: str, **target: object) -> TargetFacts:
    folder = with_sql(FOLDER, "0000_users", sql.encode())
    given: dict[str, object] = {
        "owners": {"public.users": "postgres", "public.domain": "postgres", 's."A b"': "Ann"},
        **target,
    }
    return changed(replace(on_target(folder), change=change), **given)


ADDED = ("alter table users add column a int;", "+ column public.users.a integer")
CHILD = ("+ table public.a inherits public.users",)
RULE = ("+ rule public.users.a CREATE RULE a AS ON DELETE TO public.users DO NOTHING",)
HANDED = "alter table public.users owner to app;"


def test_mc510_a_role_that_is_not_the_owner_of_what_is_altered() -> None:
    facts = altering(*ADDED)
    found, looking = only(facts), only(replace(facts, deploying=False))
    assert (found.severity, found.message) == (
        Severity.ERROR,
        f"role app on {DB} is not the owner of public.users, which pending migrations alter or drop",
    )
    assert found.fix == f"Deploy as the owner of what is altered (postgres), or have the owner run `{HANDED}`"
    assert looking.severity is Severity.WARNING
    assert looking.fix.startswith("Nothing, where another role deploys: ")
    both = only(changed(facts, lacking={"CREATE on database app": CREATE}))
    assert both.message.startswith(
        f"role app on {DB} lacks CREATE on database app and is not the owner of public.users"
    )
    assert both.fix.endswith(f" run `{CREATE} {HANDED}`")


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("ALTER TABLE IF EXISTS ONLY public.users DROP a", "- column public.users.a integer"),
        ("alter table users alter a set not null", "~ column public.users.a: + not null"),
        ("alter table users enable row level security", "~ table public.users: + row level security"),
        ("alter table users rename to people", "- table public.users"),
        (
            'create unique index on "users" (a)',
            "+ index public.i CREATE UNIQUE INDEX i ON public.users USING btree (a)",
        ),
        ('alter table s."A b" add check (a > 0)', '+ constraint s."A b".c CHECK ((a > 0))'),
        ("drop table posts; create trigger t before insert on tags execute function f(); " + ADDED[0], ADDED[1]),
        ("drop table users, posts", "- table public.users"),
        ("drop index concurrently if exists public.users", "- index public.users CREATE INDEX users ON public.t"),
        ("drop materialized view users", "- materialized view public.users"),
        ("create or replace view users as select 1", "~ view public.users: SELECT 2 -> SELECT 1"),
        ("alter type public.users add value 'a'", "~ enum public.users: + 'a'"),
        ("drop type users; create type users as enum ()", "~ enum public.users: - 'a'"),
        ("alter sequence users cycle", "~ sequence public.users: + cycle"),
        ('create policy "on" on "users"', '+ policy public.users."on" for all to public'),
        ("drop policy a on users", "- policy public.users.a for all to public"),
        ("drop trigger a on users", "- trigger public.users.a CREATE TRIGGER a"),
        ("comment on column public.users.a is 'a'", "+ comment on column public.users.a 'a'"),
        ("comment on table users is 'a'", "~ comment on table public.users: 'b' -> 'a'"),
        ("drop index users_a; " + ADDED[0], ADDED[1]),
        ("comment on policy \"a b\" on users is 'a'", "+ comment on policy \"a b\" on public.users 'a'"),
        ("comment on constraint a on public.users is 'a'", "~ comment on constraint a on public.users: 'b' -> 'a'"),
        ("alter domain users drop not null", "~ domain public.users: - not null"),
        ("alter domain users add check (value > 0)", "+ domain constraint public.users.a CHECK ((VALUE > 0))"),
        ("comment on domain users is 'a'", "+ comment on type public.users 'a'"),
        ("comment on constraint a on domain users is 'a'", "+ comment on constraint a on public.users 'a'"),
        ("comment on constraint a on domain is 'a'", "+ comment on constraint a on public.domain 'a'"),
        ("drop trigger a on domain", "- trigger public.domain.a CREATE TRIGGER a"),
        ("drop domain users", "- domain public.users text"),
        ("alter type users add attribute b int", "+ attribute public.users.b integer"),
        (
            "create table users_1 partition of users for values in (1)",
            "+ table public.users_1 partition of public.users FOR VALUES IN (1)",
        ),
        (
            "alter table posts attach partition users default",
            "~ table public.users: + partition of public.posts DEFAULT",
        ),
        ("alter table only posts inherit public.users", "~ table public.posts: + inherits public.users"),
        ("create table a partition of users default", "+ table public.a unlogged partition of public.users DEFAULT"),
        (
            "create unlogged table a (b int default (1)) inherits (posts, public.users) with (fillfactor = 90)",
            "+ table public.a unlogged inherits public.posts, public.users with (fillfactor=90)",
        ),
        ("do $$ declare b int; begin perform 1; alter table users add a int; end $$", ADDED[1]),
        ("DO LANGUAGE plpgsql 'begin alter table users add a text default ''a''; end'", ADDED[1]),
        # drizzle-kit wrote its keys so: what it catches is another error.
        ("DO $$ BEGIN\n ALTER TABLE users ADD a int;\nEXCEPTION\n WHEN duplicate_object THEN null;\nEND $$", ADDED[1]),
        ("do language plpgsql $a$ begin drop index i; create table a () inherits (users); end $a$", CHILD[0]),
        ("create or replace rule a as on delete to users do nothing", "~ rule public.users.a: CREATE RULE a"),
        ("alter rule a on users rename to b", "+ rule public.users.b CREATE RULE b AS ON DELETE TO public.users"),
        ("drop rule a on users", "- rule public.users.a CREATE RULE a AS ON DELETE TO public.users DO NOTHING"),
        (
            "create statistics on (extract(year from a)), b from users",
            "+ statistics public.s CREATE STATISTICS public.s ON (EXTRACT(year FROM a)), b FROM public.users",
        ),
        (
            'create statistics s (ndistinct) on a, b from s."A b"',
            '+ statistics s.s CREATE STATISTICS s.s (ndistinct) ON a, b FROM s."A b"',
        ),
    ],
)
def test_mc510_asks_for_the_owner_where_something_is_altered(sql: str, line: str) -> None:
    assert [code for code, _ in findings(altering(sql, line))] == ["MC510"]


@pytest.mark.parametrize(
    ("sql", "line", "asked"),
    [
        ("create or replace function f(a int) returns int return 1", "~ function public.f(integer): 2 -> 1", True),
        ("create or replace procedure public.f(a int)", "+ procedure public.f(integer) CREATE OR REPLACE", True),
        ("drop function if exists f(int)", "- function public.f(integer) CREATE OR REPLACE FUNCTION", True),
        ("alter function f volatile", "~ function public.f(integer): STABLE -> VOLATILE", True),
        ("comment on function f(int) is 'a'", "+ comment on function public.f(integer) 'a'", True),
        ("create or replace function f(a text)", "+ function public.f(text) CREATE OR REPLACE FUNCTION", False),
        ("create function f(a int)", "+ function public.f(integer) CREATE OR REPLACE FUNCTION", False),
        ("drop schema s cascade; create or replace function f(a int)", "~ function public.f(integer): 2 -> 1", False),
    ],
)
def test_mc510_asks_for_the_owner_of_a_function(sql: str, line: str, *, asked: bool) -> None:
    given: dict[str, object] = {"owners": {"public.f(integer)": "Ann"}}
    found = judge(TARGET_RULES, altering(sql, line, **given))
    hand = "Deploy as the owner of what is altered (Ann), or have the owner run `alter routine public.f(integer) owner"
    assert [each.fix for each in found] == [f"{hand} to app;`"] * asked
    anew = f"drop function f(int); {sql}"
    assert findings(altering(anew, line, **given, droppable=frozenset({"public.f(integer)"}))) == []


@pytest.mark.parametrize(
    ("sql", "asked"),
    [
        ("refresh materialized view concurrently users", True),
        ('refresh materialized view s."A b" with no data', True),
        ("cluster verbose users using users_pkey", True),
        ("refresh materialized view other.users", False),
        (
            "drop materialized view users; create materialized view users as select 1; refresh materialized view users",
            False,
        ),
        ("set search_path = s; refresh materialized view users", False),
    ],
)
def test_mc510_asks_for_the_owner_of_what_is_refreshed_where_nothing_else_will_do(sql: str, *, asked: bool) -> None:
    facts = altering(sql, schema="public", droppable=frozenset({"public.users"}))
    assert [code for code, _ in findings(changed(facts, version=160_004))] == ["MC510"] * asked
    assert findings(facts) == []


@pytest.mark.parametrize(
    ("sql", "change"),
    [
        # A function that is there may have done it, with its owner's rights.
        ("select add_column();", ADDED[1:]),
        ("do $$ begin perform add_column(); end $$;", ADDED[1:]),
        (ADDED[0], ("+ column app.users.a integer",)),
        (ADDED[0], ()),
        ("create table users (); " + ADDED[0], ("+ table public.users", ADDED[1])),
        ("grant postgres to app; " + ADDED[0], ADDED[1:]),
        ("set role postgres; " + ADDED[0], ADDED[1:]),
        ("reassign owned by postgres to app; " + ADDED[0], ADDED[1:]),
        # A right to make triggers can be granted, and what is not there needs no owner.
        (
            "create trigger a before insert on users execute function f()",
            ("+ trigger public.users.a CREATE TRIGGER a",),
        ),
        ("drop trigger if exists a on users; create trigger a", ("+ trigger public.users.a CREATE TRIGGER a",)),
        ("create view users as select 1", ("~ view public.users: SELECT 2 -> SELECT 1",)),
        ("drop view users; create view users as select 1; comment on view users is 'a'", ("+ view public.users",)),
        ("drop rule if exists a on users; create rule a as on delete to posts", RULE),
        ("drop type mood cascade; create or replace view users", ("~ view public.users: SELECT 2 -> SELECT 1",)),
        (
            "create table if not exists a partition of users default",
            ("+ table public.a partition of public.users DEFAULT",),
        ),
        ("create table if not exists a () inherits (users)", CHILD),
        ("create table users (); create table a () inherits (users)", (*CHILD, "+ table public.users")),
        # That may be a name, and nothing may follow.
        ("create table a as select inherits from posts; create table inherits (users int)", CHILD),
        ("create table a () inherits (", CHILD),
        # A block may take a refusal, or look first whether that is there, or who it is.
        ("do $$ begin if not exists (select) then alter table users add a int; end if; end $$", ADDED[1:]),
        ("do $$ begin perform 1; for a in select 1 loop alter table users add a int; end loop; end $$", ADDED[1:]),
        ("do $$ begin alter table users add a int; exception when others then null; end $$", ADDED[1:]),
        ("do $$ begin if current_user = 'postgres' then alter table users add a int; end if; end $$", ADDED[1:]),
        ("do $$ begin execute 'x'; alter table users add a int; end $$", ADDED[1:]),
        # The owner of the child does.
        ("alter table posts no inherit users", ("~ table public.posts: - inherits public.users",)),
        ("create table users_1 (); create table a partition of users_1 default", ADDED[1:]),
        # The owner of a type takes the columns of it along.
        ("drop type mood cascade", ("- column public.users.a mood",)),
    ],
)
def test_mc510_asks_for_no_owner_where_that_is_not_sure(sql: str, change: tuple[str, ...]) -> None:
    assert findings(altering(sql, *change)) == []


def test_mc510_the_owner_of_the_schema_may_drop_what_is_anothers_and_do_no_more() -> None:
    both = {"owners": {"public.mood": "Ann", "public.users": "postgres"}, "droppable": frozenset({"public.mood"})}
    drop, lines = "drop type mood; drop table users", ("- enum public.mood", "- table public.users")
    owned = {**both, "droppable": frozenset({"public.mood", "public.users"})}
    assert findings(altering(drop, *lines, **owned)) == []
    anew = "drop table users; create table users (); " + ADDED[0]
    assert findings(altering(anew, ADDED[1], **owned)) == []
    assert findings(altering(f"do $$ begin {anew} end $$", ADDED[1], **owned)) == []
    for kind in ("table", "view"):
        anew = f"drop {kind} users; create {kind} users; create rule a as on delete to users"
        assert findings(altering(anew, *RULE, **owned)) == []
    anew = "drop type mood; create domain mood as int; alter domain mood; drop domain mood; comment on type mood"
    assert findings(altering(anew, "~ domain public.mood: + not null", **owned)) == []
    assert " is not the owner of public.users, which" in only(altering(drop, *lines, **both)).message
    found = only(altering("alter type mood add value 'a'", "~ enum public.mood: + 'a'", types=("public.mood",), **both))
    assert found.fix.endswith(" (Ann), or have the owner run `alter type public.mood owner to app;`")
    index = {"owners": {"public.i": "Ann"}, "relations": {"public.i": "index"}}
    dropped = only(altering("drop index i", "- index public.i CREATE INDEX i ON public.users USING btree (a)", **index))
    assert dropped.fix == "Deploy as the owner of what is altered (Ann)."


@pytest.mark.parametrize(
    ("sql", "owner", "asked"),
    [
        ("create policy p on storage.objects", "supabase_storage_admin", False),
        ("alter policy p on storage.objects to public", "supabase_storage_admin", False),
        ("drop policy p on storage.objects; drop trigger t on storage.objects", "supabase_auth_admin", False),
        ("comment on policy p on storage.objects is 'a'", "supabase_storage_admin", False),
        ("create policy p on storage.objects; alter table storage.objects add a int", "supabase_storage_admin", True),
        ("alter trigger t on storage.objects rename to u", "supabase_storage_admin", True),
        ("create policy p on storage.objects", "supabase_users", True),
    ],
)
def test_mc510_asks_for_no_owner_where_supabase_lends_what_its_own_has(sql: str, owner: str, *, asked: bool) -> None:
    facts = altering(
        sql,
        "+ comment on policy p on storage.objects 'a'",
        "+ policy storage.objects.p for all to public",
        owners={"storage.objects": owner},
    )
    assert [code for code, _ in findings(facts)] == ["MC510"] * asked


def test_mc510_asks_for_no_owner_of_what_is_ones_own_or_elsewhere() -> None:
    assert findings(altering(*ADDED, owners={"public.posts": "postgres"})) == []
    assert findings(altering(*ADDED, schema="app")) == []


def test_mc510_asks_nothing_of_a_role_that_has_nothing_to_do() -> None:
    facts = changed(on_target(FOLDER, rows_of(FOLDER)), lacking={"INSERT on x": ""}, may_create=False)
    assert findings(facts) == []


def test_mc511_a_squash_on_a_target_that_is_behind_it() -> None:
    squashed = a_pure_folder({"0000_all": 300})
    known = {each.hash: each.tag for each in FOLDER.migrations}
    found = only(on_target(squashed, rows_of(FOLDER, 2), known))
    assert (found.code, found.message) == ("MC511", f"{DB} has part of the folder that 0000_all replaced")
    assert findings(on_target(squashed, rows_of(FOLDER), known)) == []
    assert findings(on_target(squashed, [], known)) == []


def test_mc512_a_baseline_only_warns() -> None:
    found = only(on_target(FOLDER, [LedgerRow(1, "baseline", 300)]))
    assert (found.code, found.severity) == ("MC512", Severity.WARNING)
    assert found.message == f"the ledger on {DB} begins late: 2 migrations of the folder taken as applied"
    assert found.evidence == "0000_users to 0001_posts"


def test_mc512_names_a_single_migration_once() -> None:
    found = only(on_target(FOLDER, rows_of(FOLDER)[1:]))
    assert (found.code, found.evidence) == ("MC512", "0000_users")


def test_mc512_a_baseline_with_the_time_of_that_day_only_warns() -> None:
    found = only(on_target(FOLDER, [LedgerRow(1, "", 250)]))
    assert (found.code, found.severity) == ("MC512", Severity.WARNING)
    assert found.evidence == "row 1: hash , created_at 250\n0000_users to 0001_posts"


def test_mc512_a_row_by_hand_that_is_older_than_the_folder_stands_for_nothing() -> None:
    squashed = a_pure_folder({"0000_all": 300})
    by_hand, rows = LedgerRow(9, "deadbeef", 50), rows_of(FOLDER)
    known = {each.hash: each.tag for each in FOLDER.migrations}
    for facts in (on_target(FOLDER, [*rows, by_hand]), on_target(squashed, [by_hand, *rows], known)):
        found = only(facts)
        assert (found.code, found.severity, found.evidence) == (
            "MC512",
            Severity.WARNING,
            "row 9: hash deadbeef, created_at 50",
        )
        assert found.message == (
            f"the ledger on {DB} begins with a row written by hand, which stands for no migration of the folder"
        )
        assert " missing" not in found.fix


def late(sql: str, *change: str, **target: object) -> TargetFacts:
    """One migration was applied, and the next one, which made the `change` on scratch, is `sql`."""
    folder = with_sql(FOLDER, "0001_posts", sql.encode())
    return replace(changed(on_target(folder, rows_of(folder, 1)), **target), change=change)


THERE = ("public.users",)
MADE = ("+ column public.users.id integer", "+ table public.users", "+ table public.posts")


def test_mc513_a_database_that_was_pushed_has_no_ledger() -> None:
    found = only(replace(changed(on_target(FOLDER), tables=THERE), change=MADE))
    assert (found.code, found.severity, found.evidence) == ("MC513", Severity.ERROR, "public.users")
    assert found.message == f"{DB} already has 1 of the tables that pending migrations make"


def test_mc513_a_name_with_a_quote_is_looked_for_as_sql_has_it() -> None:
    odd = 'public."Od""d x"'
    found = only(late('create table if not exists "Od""d x" ();', f"+ table {odd}", tables=(odd,)))
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    "sql",
    [
        'CREATE TABLE IF NOT EXISTS "users" ("id" integer);',
        "do $$ begin alter table users rename to users_old; end $$; create table users (id integer);",
        "alter table users set schema old; create table users (id integer);",
    ],
)
def test_mc513_a_migration_that_looks_first_or_moves_it_away_only_warns(sql: str) -> None:
    assert only(late(sql, *MADE, tables=THERE)).severity is Severity.WARNING


def test_mc513_words_prove_nothing_where_the_ledger_has_no_row() -> None:
    facts = late(LOOKS, *MADE, tables=THERE)
    bare = changed(facts, ledger=a_ledger([]))
    found = only(bare)
    assert (found.severity, found.evidence) == (Severity.ERROR, "public.users")
    assert found.message == (
        f"{DB} already has 1 of the tables that pending migrations make and has no row in its ledger"
    )
    # Behind one that has begun in a transaction there is a row.
    assert only(replace(bare, outside=frozenset({"0001_posts"}))).severity is Severity.ERROR
    # It was proven to begin anew, and may have been cut off.
    first = replace(bare, folder=with_sql(FOLDER, "0000_users", LOOKS.encode()), outside=frozenset({"0000_users"}))
    assert only(first).severity is Severity.WARNING


MOOD = ("+ enum public.mood a b", "+ table public.users", "+ sequence public.counter as bigint")
LOOKS = 'CREATE TABLE IF NOT EXISTS "users" ("id" integer);'


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ('CREATE TYPE "public"."mood" AS ENUM(\'a\');', ("error", "public.users, public.mood")),
        ("create type Mood as enum('a');", ("error", "public.users, public.mood")),
        ("create /* a */ sequence counter;", ("error", "public.users, public.counter")),
        ("create sequence if not exists counter;", ("warning", "public.users")),
        ("do $$ begin create type mood as enum(); exception when duplicate_object then null; end $$;", None),
        ("drop type if exists mood; create type mood as enum();", None),
        ("do $$ begin drop type mood; end $$; create type mood as enum();", None),
        ("drop schema public cascade; create schema public; create type mood as enum();", None),
        ("alter schema public rename to old; create schema public; create type mood as enum();", None),
        # What goes with it by CASCADE nobody knows, and a serial's sequence goes with its column.
        ("drop table if exists old cascade; create type mood as enum();", None),
        ("drop table old; create sequence counter;", None),
        ("alter table old drop column id; create sequence counter;", None),
        ("drop view old; create sequence counter;", ("error", "public.users, public.counter")),
        ("drop table old; create type mood as enum();", ("error", "public.users, public.mood")),
        ("create type other.mood as enum();", None),
        ("create type moods as enum();", None),
        ("create table users (id int);", ("error", "public.users")),
    ],
)
def test_mc513_errs_where_a_plain_create_beside_a_table_that_is_looked_for_fails(
    sql: str, told: tuple[str, str] | None
) -> None:
    there = {"tables": THERE, "relations": {"public.counter": "sequence"}, "types": ("public.mood",)}
    found = only(late(f"{LOOKS}\n{sql}", *MOOD, **there))
    assert (found.severity, found.evidence) == (told or ("warning", "public.users"))


SEQUENCE = {"public.users_id_seq": "sequence"}
CUT_OFF = "+ index public.cut_off CREATE INDEX cut_off ON public.users USING btree (name)"
BY_NAME = "+ index public.by_name CREATE INDEX by_name ON public.users USING btree (name)"


@pytest.mark.parametrize(
    ("sql", "made", "told"),
    [
        ("create unique index by_name on users (name);", BY_NAME, "public.by_name"),
        ("alter table users alter a drop not null; create index by_name on users (a);", BY_NAME, "public.by_name"),
        ("create index if not exists by_name on users (name);", BY_NAME, ""),
        ("create index concurrently by_name on users (name);", BY_NAME, "public.by_name"),
        ("create unique index concurrently if not exists by_name on users (name);", BY_NAME, ""),
        # One that an earlier run left invalid is an obstacle to all but what drops it and begins anew.
        ("create index concurrently cut_off on users (name);", CUT_OFF, ""),
        ("create index cut_off on users (name);", CUT_OFF, "public.cut_off (an invalid index)"),
        ("create type cut_off as enum ('a');", "+ enum public.cut_off a", ""),
        # An index goes with what it is on.
        ("drop table old; create index by_name on users (name);", BY_NAME, ""),
        ("do $$ begin execute 'drop index by_' || 'name'; end $$; create index by_name on users (a);", BY_NAME, ""),
        # All relations share one space of names, and most are types as well.
        ("create table by_name (a int);", "+ table public.by_name", "public.by_name (an index)"),
        ("create view counter as select 1;", "+ view public.counter as select 1", "public.counter (a sequence)"),
        ("create type by_name as (a int);", "+ composite type public.by_name", "public.by_name (an index)"),
        ("create domain by_name as int;", "+ domain public.by_name integer", ""),
        ("create type users as enum ('a');", "+ enum public.users a", "public.users (a table)"),
        ("create foreign table mood () server s;", "+ foreign table public.mood", "public.mood (a type)"),
        ("create index mood on users (a);", "+ index public.mood CREATE INDEX mood", ""),
    ],
)
def test_mc513_errs_where_anything_has_the_name_that_a_plain_create_takes(sql: str, made: str, told: str) -> None:
    relations = {"public.counter": "sequence", "public.by_name": "index", "public.cut_off": "invalid index"}
    there = {"tables": THERE, "relations": relations, "types": ("public.mood",)}
    facts = changed(on_target(with_sql(FOLDER, "0000_users", sql.encode())), **there)
    found = [(each.severity, each.evidence) for each in judge(TARGET_RULES, replace(facts, change=(made,)))]
    assert found == ([(Severity.ERROR, told)] if told else [])


COPY_PROVES_NOTHING_OF = (
    "do $$ begin update users set a = 1; end $$;",
    "do 'begin update users set a = 1; end';",
    "do $$ begin if exists (select from users) then delete from users; end if; end $$;",
    "with a as (delete from users returning *) select * from a;",
    "copy users from '/tmp/users';",
    "call fill();",
    "select app.fill();",
    "select * from fill(1);",
    "select pg_catalog.setval('public.users_id_seq'::regclass, 1, false);",
    "alter sequence users_id_seq restart with 1;",
    "alter table users alter column id restart;",
    "do $$ begin perform setval('users_id_seq', 1); exception when others then null; end $$;",
    "select setval(pg_get_serial_sequence('users', 'id'), 1);",
    "alter sequence users_id_seq owned by users.id restart with 1;",
    "alter table users alter column id set generated always set cache 2 restart with 1;",
    "do $$ begin execute format('select setval(%L, %s)', 'users_id_seq', 1); end $$;",
)
COPY_PROVES = (
    "alter table users add column age int; select 'users'; update posts set a = 1;",
    "do $$ begin alter table users add foreign key (a) references users on update cascade; end $$;",
    "do $$ begin create trigger t before insert or update on users execute function f(); end $$;",
    "with a as (select 1 from users for update) select * from a;",
    "copy users to '/tmp/users'; copy (select a from users) to '/tmp/users';",
    "select pg_catalog.set_config('search_path', '', false); select count(*) from users;",
    "select setval('users_id_seq', (select max(id) from users)); alter sequence users_id_seq owned by users.id;",
    "do $$ begin perform setval('users_id_seq', last); end $$; alter table users add column restart int;",
    "create function f() returns void language plpgsql as 'begin perform setval(''users_id_seq'', 1); end';",
)


def test_mc513_only_warns_of_what_was_rehearsed_on_a_copy_of_the_target() -> None:
    """There `change` has no table that is there already, and its rows are not."""
    pending = with_sql(with_sql(FOLDER, "0000_users", LOOKS.encode()), "0001_posts", b"\nupdate users set a = 1;")
    facts = replace(changed(on_target(pending), tables=THERE, relations=SEQUENCE), copied=True)
    found = only(facts)
    assert (found.severity, found.evidence) == (Severity.WARNING, "drizzle/0001_posts.sql:2")
    assert found.message == f"{DB} has no row in its ledger: 0001_posts would run over what is there"
    assert "`migcheck baseline`" in found.fix
    for sql in COPY_PROVES_NOTHING_OF:
        assert only(replace(facts, folder=with_sql(pending, "0001_posts", sql.encode()))).evidence.endswith(":1"), sql
    others = b"\n".join(each.encode() for each in COPY_PROVES)
    for other in (
        replace(facts, folder=with_sql(pending, "0001_posts", others)),
        changed(facts, ledger=a_ledger(rows_of(pending, 1))),
        changed(facts, tables=("other.posts",)),
    ):
        assert findings(other) == []
    rehearsal = verdicts.clear().rehearsal
    assert rehearsal is not None
    request = replace(rehearsal.request, copy=Copy("app", 170_000, "owner", ""))
    for seen in (rehearsal, replace(rehearsal, request=request)):
        assert target_facts(facts.target, pending, None, seen, Asked()).copied is (seen is not rehearsal)


def test_mc513_reads_each_file_once_however_many_tables_are_there() -> None:
    def work(count: int) -> None:
        folder = a_pure_folder(
            {f"t{number}": 100 * number for number in range(1, count + 1)},
            sql='create table if not exists "{0}" (); alter table "{0}" add column if not exists a int;',
        )
        tables = tuple(f"public.t{number}" for number in range(1, count + 1))
        facts = replace(changed(on_target(folder), tables=tables), change=tuple(f"+ table {each}" for each in tables))
        assert only(facts).severity is Severity.ERROR

    assert growth(work, 50) < LINEAR


def test_mc513_says_how_many_of_each_kind() -> None:
    pending = with_sql(FOLDER, "0000_users", LOOKS.encode() + b"create type mood as enum('a');")
    there = {"tables": THERE, "types": ("public.mood",)}
    found = only(replace(changed(on_target(pending), **there), change=MOOD))
    assert found.message == f"{DB} already has 1 of the tables and 1 of the types that pending migrations make"


def test_mc513_takes_no_name_without_a_schema_for_that_of_another() -> None:
    pending = with_sql(
        FOLDER, "0000_users", b"create schema other; set search_path = other; create type mood as enum();"
    )
    two = (*MOOD, "+ enum other.mood a")
    facts = changed(on_target(pending), types=("public.mood",))
    assert findings(replace(facts, change=two)) == []
    assert only(replace(facts, change=MOOD)).severity is Severity.ERROR


def test_mc513_takes_no_name_without_a_schema_for_that_of_public_where_such_go_elsewhere() -> None:
    pending = with_sql(FOLDER, "0000_users", b"create table users (id int); create type mood as enum('a');")
    there = {"tables": THERE, "types": ("public.mood",), "schema": "app"}
    facts = replace(changed(on_target(pending), **there), change=MOOD)
    assert findings(facts) == []
    named = with_sql(FOLDER, "0000_users", b"create table public.users (id int); create type mood as enum('a');")
    assert only(replace(facts, folder=named)).evidence == "public.users"


def test_mc513_is_silent_about_tables_of_another_name() -> None:
    other = ("public.user", "other.users", "public.users_old")
    assert findings(replace(changed(on_target(FOLDER), tables=other), change=MADE)) == []
