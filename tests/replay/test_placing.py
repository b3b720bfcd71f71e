"""What nobody knows the place of has that of the one statement there is, and else none."""

import pytest

from migcheck.facts.replay.watching.locating import locate_setting
from migcheck.facts.replay.watching.placing import names_in, place, placed_alone, speaks_of
from migcheck.facts.sql.observation import Change, ColumnDropped, Deleted, Seen, TableRenamed, Validated
from migcheck.finding import Location
from tests.support.rehearsals import folder_of

RENAMED = "alter schema public rename to pub;"


@pytest.mark.parametrize(
    ("new", "line", "statement"),
    [
        ([f"-- away\n{RENAMED}"], 2, RENAMED),
        ([f"select 1;\n{RENAMED}"], None, ""),
        (["select 1;", RENAMED], None, ""),
        (["-- nothing"], None, ""),
    ],
)
def test_the_only_statement_has_done_it(new: list[str], line: int | None, statement: str) -> None:
    head = folder_of({f"{number:04}_new": sql for number, sql in enumerate(new)})
    of = head.migrations[-1]
    seen = Seen(of.tag, Location(of.path), "", "public.users", TableRenamed("pub.users"))
    [found] = placed_alone([seen], head.migrations)
    assert (found.at, found.statement) == (Location(of.path, line), statement)


def test_what_is_a_comment_or_a_string_names_nothing_but_in_a_body_that_may_run_it() -> None:
    plain = """update "Users" set status = 'orders' -- not posts, nor /* likes */"""
    assert {"users", "status"} <= set(names_in(plain))
    assert {"orders", "posts", "likes"}.isdisjoint(names_in(plain))
    body = """do $a$ begin
        execute 'update ' || 'public.orders set x = 1'; -- not posts
        update "More" set y = 1;
    end $a$"""
    assert {"orders", "more"} <= set(names_in(body))
    assert "posts" not in names_in(body)


GROWN = Validated("c", foreign=False)
FUNCTION = "create function f() returns void language sql as 'delete from posts';\n"


@pytest.mark.parametrize(
    ("text", "change", "line"),
    [
        (FUNCTION + "do $$ begin delete from posts; end $$;", Deleted(), 2),
        (FUNCTION + "delete from posts where true;", Deleted(), 2),
        ("grant delete on posts to app;\nwith old as (select 1) delete from posts;", Deleted(), 2),
        # Nothing else speaks of it.
        (FUNCTION + "select f();", Deleted(), 1),
        ("update posts set a = 'drop';\nalter table posts drop column a;", ColumnDropped("a"), 2),
        ("do $$ begin alter table posts drop column a; end $$;", ColumnDropped("a"), 1),
        (
            "alter table posts add constraint c check (a > 3) not valid;\nalter table posts validate constraint c;",
            GROWN,
            2,
        ),
        ("alter table posts add constraint c check (a > 3);\nalter table posts validate constraint d;", GROWN, 1),
        # As the catalogue has the name, and as SQL writes it.
        ('alter table posts drop b;\nalter table posts drop "A""a";', ColumnDropped('A"a'), 2),
    ],
)
def test_of_several_statements_the_first_that_can_have_done_it(text: str, change: Change, line: int) -> None:
    (new,) = folder_of({"0000_new": text}).migrations
    (piece,) = new.pieces
    assert place(new, piece, "public.posts", change)[0] == Location(new.path, line)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("drop table Users, user_roles", ["users", "USERS", '"Users"', "user_roles", "drop"]),
        ('drop table "my ""own"" users", größe', ['my "own" users', "own", "users", "Größe", "größe"]),
        ("select users_ from _users; select users", ["users", "users_", "_users"]),
    ],
)
def test_a_word_is_a_whole_one_quoted_or_not(statement: str, words: list[str]) -> None:
    asked = [*words, "user", "sers", "roles", "größ", "rop", "wn"]
    assert [each for each in asked if speaks_of(statement, each)] == words


def test_what_each_transaction_begins_with_is_set_by_other_words_than_its_name() -> None:
    one = "set session characteristics as transaction read only"
    two = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL serializable"
    [of] = folder_of({"0001_new": f"select 1;\n{one};\n{two}"}).migrations
    assert locate_setting(of, "default_transaction_read_only") == (Location(of.path, 2), f"{one};")
    assert locate_setting(of, "default_transaction_isolation") == (Location(of.path, 3), two)
