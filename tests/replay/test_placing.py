"""What nobody knows the place of has that of the one statement there is, and else none."""

import pytest

from migcheck.facts.observation import Seen, TableRenamed
from migcheck.facts.replay.placing import names_in, placed_alone
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
