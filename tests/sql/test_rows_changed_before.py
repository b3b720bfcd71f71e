"""What a target is asked of rows, where the migration has changed some of them by then: never what is not so."""

from collections.abc import Callable, Iterator

import pytest

from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.asked import BREAKPOINT, Case, Together, row_errors, with_rows
from tests.support.target_server import Database, TargetServer

pytestmark = pytest.mark.server

# No value that is made up fits: so there is no row, and only what is seen without one is asked of the target.
BASE = """
        create table orgs (id integer primary key, kind text);
        create table users (
            id integer primary key, org integer references orgs on delete cascade, email text,
            code text not null check (code = md5(code))
        );
        create table notes (id integer primary key, body text);
        create table parts (at integer, body text) partition by range (at);
        create table parts_rest partition of parts default;
        create function tidy() returns trigger language plpgsql as $$
        begin delete from users where email is null; return null; end $$;
        create function clean() returns void language sql as 'delete from users where email is null';
        create function wipe() returns text language plpgsql as $$
        begin delete from users where email is null; return ''; end $$;
        create view people as select * from users;
        create materialized view mails as select email from users;
        create trigger tidy after delete on notes for each row execute function tidy();
        alter table users drop constraint users_code_check;
        alter table users add constraint users_code_check check (code = md5(code)) not valid;
"""
ROWS = (
    "insert into orgs values (1, 'test'), (2, 'real')",
    "alter table users drop constraint users_code_check",
    "insert into users values (1, 1, 'a', ''), (2, 2, 'a', ''), (3, 1, null, '')",
    "alter table users add constraint users_code_check check (code = md5(code)) not valid",
    "refresh materialized view mails",
    "insert into notes values (1, 'a'), (2, null)",
    "insert into parts values (1, null)",
)
UNIQUE = "create unique index once on users (email)"
REQUIRED = "alter table users alter column email set not null"
DEDUPE = "delete from users one using users other where one.email = other.email and one.id > other.id"
CHECKED = "alter table users add constraint short check (length(email) > 3)"
LENGTHEN = "update users set email = 'id-' || id || coalesce(email, '')"
FILL = "update users set email = 'id-' || id where email is null"
WHERE_THERE_ARE = "do $$ begin if exists (select from users) then {}; end if; end $$"
ONCE = """create function once() returns trigger language plpgsql as
    $$ begin delete from users where email is null; return null; end $$"""
TESTED = "update orgs set kind = 'x' where kind = 'test'"
PASSING = "create trigger passing after {} on orgs for each row execute function tidy()"
Errors = Callable[..., list[tuple[str, int | None]]]


@pytest.fixture(scope="module")
def target(target_server: TargetServer) -> Iterator[Database]:
    """A target that has ROWS, and is only asked."""
    with target_server.lent() as app:
        app.run(BASE, *ROWS)
        yield app


@pytest.fixture
def errors(target: Database, like_target: ScratchServer) -> Errors:
    """What blocks of a migration with these statements, by rows, where the target has ROWS."""

    def run(*new: str, outside: bool = False) -> list[tuple[str, int | None]]:
        return row_errors(with_rows(like_target, BASE, new, outside=outside), target)

    return run


CHANGED = [
    (DEDUPE, UNIQUE),
    (FILL, REQUIRED),
    (LENGTHEN, CHECKED),
    (f"{LENGTHEN};\n{CHECKED}",),
    (f"{CHECKED} not valid", LENGTHEN, "alter table users validate constraint short"),
    # In a piece with it, in a loop over rows that are not there, in a function.
    (f"{FILL};\n{REQUIRED}",),
    (f"do $$ declare r record; begin for r in select * from users loop {FILL}; end loop; end $$", REQUIRED),
    ("select clean()", REQUIRED),
    ("do $$ begin perform clean(); end $$", REQUIRED),
    ("insert into notes select id, wipe() from users", REQUIRED),
    ("create table told as select id, wipe() from users", REQUIRED),
    (WHERE_THERE_ARE.format("truncate parts, only users"), REQUIRED),
    (WHERE_THERE_ARE.format("update users /* all */ as \"U\" -- of them\nset email = ''"), REQUIRED),
    (
        "alter table users rename to members",
        "do $$ begin if exists (select from members) then update members set email = ''; end if; end $$",
        "alter table members alter column email set not null",
    ),
    # By TRUNCATE or a USING that keeps the type, which are no writes.
    ("truncate users;\n" + REQUIRED,),
    ("alter table notes alter body type text using coalesce(body, '')", "alter table notes alter body set not null"),
    # By a cascade or a trigger, which nothing fires where there is no row.
    ("delete from orgs where kind = 'test'", REQUIRED),
    ("delete from notes where body = 'a'", REQUIRED),
    # In a view that is filled again.
    (DEDUPE, "do $$ begin refresh materialized view mails; end $$", "create unique index once on mails (email)"),
    # By a trigger that is gone in the end, as is its function.
    (PASSING.format("update"), TESTED, "drop trigger passing on orgs", REQUIRED),
    (
        ONCE,
        PASSING.format("insert or update").replace("tidy", "once"),
        f"{TESTED}; drop function once cascade",
        REQUIRED,
    ),
    # By the name of a partition, and with one.
    ("update parts_rest set body = ''", "alter table parts alter column body set not null"),
    ("alter table parts detach partition parts_rest", "alter table parts alter column body set not null"),
]


KEPT = [
    (("alter table users add column nick text", UNIQUE), 3),
    (("insert into orgs values (3, 'new')", UNIQUE), 3),
    (("update orgs set kind = 'test' where kind is null", UNIQUE), 3),
    # A trigger of that name is made anew, and nothing fires it.
    (("drop trigger if exists passing on orgs", PASSING.format("update"), UNIQUE), 5),
    ((PASSING.format("update"), "drop trigger if exists other on orgs", UNIQUE), 5),
    # What comes behind it came too late.
    ((CHECKED, LENGTHEN), 1),
    ((UNIQUE, "truncate users"), 1),
    # By the name that it has in the end.
    ((CHECKED, "alter table users rename constraint short to brief"), 1),
    (("alter table users add constraint once unique (email) deferrable", "alter table once rename to twice"), 1),
    ((f"{UNIQUE};{BREAKPOINT.strip()}", DEDUPE), 1),
]


# So many of both in one rehearsal: what may have changed rows of any table would keep all behind it from being asked.
GROUPS = 5


@pytest.mark.parametrize("group", range(GROUPS))
def test_what_was_changed_before_is_not_asked_for_and_where_nothing_was_it_is(
    group: int, like_target: ScratchServer, app: Database
) -> None:
    changed, kept = CHANGED[group::GROUPS], KEPT[group::GROUPS]
    news = [*changed, *(new for new, _ in kept)]
    together = Together.of([Case(BASE, new, ROWS) for new in news])
    together.fill(app)
    told = together.row_errors(together.rehearse(like_target), app)
    expected = [*([] for _ in changed), *([("MC312", line)] for _, line in kept)]
    assert dict(zip(news, told, strict=True)) == dict(zip(news, expected, strict=True))


# By words that nobody reads, or of a view: it may be rows of any table.
ANYWHERE = [
    ("do $$ begin execute 'update ' || 'users set email = 1'; end $$", REQUIRED),
    ("do $$ declare r record; begin for r in select * from users loop delete from people; end loop; end $$", REQUIRED),
]


@pytest.mark.parametrize("new", ANYWHERE)
def test_nor_is_what_may_have_been_changed(new: tuple[str, ...], errors: Errors) -> None:
    assert errors(*new) == []


@pytest.mark.parametrize("new", CHANGED[:3])
def test_nor_behind_a_commit(new: tuple[str, ...], errors: Errors) -> None:
    assert errors("commit", *new, "begin") == []


@pytest.mark.parametrize("new", [*CHANGED[:3], ("truncate users", UNIQUE), ("delete from orgs", REQUIRED)])
def test_nor_outside_of_a_transaction(new: tuple[str, ...], errors: Errors) -> None:
    assert errors(*new, outside=True) == []


GIVEN_UP = "do $$ begin alter table notes add unique (body); exception when duplicate_table then end $$"


# What changes another column alone, and what is refused where rows are.
@pytest.mark.parametrize("new", [("update users set code = ''", CHECKED), (GIVEN_UP, UNIQUE)])
def test_where_nothing_else_runs_it_is_asked_for(new: tuple[str, ...], errors: Errors) -> None:
    assert errors(*new) == [("MC312", 3)]


def test_and_so_it_is_behind_a_commit(errors: Errors) -> None:
    assert errors("commit", "create table other (id integer)", UNIQUE, "begin") == [("MC312", None)]


@pytest.mark.parametrize("new", [(UNIQUE,), ("create index by_org on users (org)", UNIQUE), (UNIQUE, FILL)])
def test_and_outside_of_a_transaction(new: tuple[str, ...], errors: Errors) -> None:
    line = 1 + 2 * new.index(UNIQUE)
    assert errors(*new, outside=True) == [("MC312", line)]
