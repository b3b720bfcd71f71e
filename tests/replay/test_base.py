"""docs/design.md "Rehearsals" and "Landed and applied": a base that is broken, mended or squashed."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue import REPLAY_RULES
from migcheck.facts.history.history import Proof
from migcheck.facts.rehearsal import ReplayFacts
from migcheck.facts.replay.unbuildable import UnbuildableBaseError
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from tests.support.folders import WHEN
from tests.support.ledgers import a_ledger, rows_of
from tests.support.rehearsals import folder_of, outcomes, rehearsed

pytestmark = pytest.mark.server

USERS = "create table users (id serial primary key, name text);"
POSTS = "create table posts (id serial primary key, author int references users);"
BROKEN = "create table posts (author int references nobody);"
ALL_PASSED = ("passed", "passed", "passed", "passed")


def test_where_base_cannot_be_built_at_all_it_is_undecided_with_the_ways_out(server: ScratchServer) -> None:
    """Also where what it says sounds as if the clock had ended it."""
    landed = {"0000_users": USERS, "0001_jobs": "do $$ begin raise exception 'still running: 2 jobs'; end $$;"}
    base, head = folder_of(landed), folder_of({**landed, "0002_tags": "create table tags ();"})
    with pytest.raises(UnbuildableBaseError) as undecided:
        rehearsed(server, head, base)
    assert undecided.value.problem == (
        "drizzle/0001_jobs.sql:1: what has landed cannot be built on an empty database: P0001 still running: 2 jobs"
    )
    assert "fix 0001_jobs" in undecided.value.remedy


def test_a_failing_migration_that_this_change_adds_is_an_error_whatever_base_does(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_posts": BROKEN})
    new = {"0000_new": "select 1 / 0;", "0000_users": USERS, "0001_posts": BROKEN}
    rehearsal = rehearsed(server, folder_of(new, when={"0000_new": WHEN - 1, "0000_users": WHEN}), base)
    assert outcomes(rehearsal) == ("22012 0000_new:1", "not run", "not run", "not run")
    assert rehearsal.proof == Proof(base_runs=False, stuck=frozenset({"0001_posts"}))


def test_a_failing_migration_that_this_change_edits_is_an_error_whatever_base_does(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_posts": BROKEN})
    head = folder_of({"0000_users": USERS, "0001_posts": BROKEN + "\n-- still broken"})
    assert outcomes(rehearsed(server, head, base)) == ("42P01 0001_posts:1", "not run", "not run", "not run")


def test_a_base_that_cannot_run_may_be_mended(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_posts": BROKEN})
    head = folder_of({"0000_users": USERS, "0001_posts": POSTS, "0002_tags": "create table tags ();"})
    rehearsal = rehearsed(server, head, base)
    assert outcomes(rehearsal) == ALL_PASSED
    assert rehearsal.proof == Proof(base_runs=False, stuck=frozenset({"0001_posts"}))
    assert not any("posts" in line for line in rehearsal.catalogue_change)


def test_an_entry_that_cannot_run_may_be_removed(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_posts": BROKEN})
    rehearsal = rehearsed(server, folder_of({"0000_users": USERS}), base)
    assert outcomes(rehearsal) == ALL_PASSED
    assert rehearsal.proof == Proof(base_runs=False, stuck=frozenset({"0001_posts"}))


CONCURRENT = "create index concurrently users_name on users (name);"
INDEX = "create index users_name on users (name);"
TAGS = "create table tags (post int references posts);"
THREE_BROKEN = {"0000_users": USERS, "0001_index": CONCURRENT, "0002_posts": "creat table posts ();", "0003_tags": TAGS}


def test_all_that_cannot_run_may_be_mended_in_one_change(server: ScratchServer) -> None:
    base = folder_of({**THREE_BROKEN, "0004_more": "create table more (id int);"})
    posts = "create table posts (id int primary key);"
    mended = {**THREE_BROKEN, "0001_index": INDEX, "0002_posts": posts, "0004_more": "create table more (id bigint);"}
    rehearsal = rehearsed(server, folder_of(mended), base)
    assert outcomes(rehearsal)[:3] == ("passed", "passed", "passed")
    assert rehearsal.proof == Proof(base_runs=False, stuck=frozenset({"0001_index", "0002_posts"}))


def test_entries_that_cannot_run_may_all_be_removed(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_posts": BROKEN, "0002_index": CONCURRENT, "0003_tags": "select 1;"})
    rehearsal = rehearsed(server, folder_of({"0000_users": USERS, "0003_tags": "select 1;"}), base)
    assert outcomes(rehearsal)[:3] == ("passed", "passed", "passed")
    assert rehearsal.proof == Proof(base_runs=False, stuck=frozenset({"0001_posts", "0002_index"}))


def test_where_some_is_mended_the_rest_is_named(server: ScratchServer) -> None:
    head = folder_of({**THREE_BROKEN, "0001_index": INDEX})
    with pytest.raises(UnbuildableBaseError, match=r"0002_posts\.sql:1: what has landed cannot be built") as undecided:
        rehearsed(server, head, folder_of(THREE_BROKEN))
    assert "fix 0002_posts" in undecided.value.remedy


def test_what_drizzles_transaction_cannot_run_has_a_way_out_of_its_own(server: ScratchServer) -> None:
    base = folder_of(THREE_BROKEN)
    with pytest.raises(UnbuildableBaseError, match="25001 CREATE INDEX CONCURRENTLY") as undecided:
        rehearsed(server, base, base)
    assert "in drizzle/0001_index.sql, drop the word CONCURRENTLY (it builds the same index)" in undecided.value.remedy
    assert "prelude" not in undecided.value.remedy


def test_roles_that_ran_before_the_refusal_do_not_stand_in_the_way_of_the_mended(server: ScratchServer) -> None:
    base = folder_of({"0000_role": "create role reader;", "0001_posts": BROKEN, "0002_users": USERS})
    head = folder_of({"0000_role": "create role reader;", "0001_posts": "select 1;", "0002_users": USERS})
    rehearsal = rehearsed(server, head, base)
    assert outcomes(rehearsal) == ALL_PASSED
    assert rehearsal.proof.stuck == {"0001_posts"}


def test_an_edit_of_what_does_run_shows_as_a_difference(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS})
    rehearsal = rehearsed(server, folder_of({"0000_users": USERS.replace("name", "label")}), base)
    assert outcomes(rehearsal)[3].startswith("differs: ")
    assert rehearsal.proof == Proof(base_runs=True)


def test_a_squash_that_builds_what_base_built_is_proven(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_posts": POSTS}, when={"0001_posts": WHEN + 5})
    squash = folder_of({"0000_all": POSTS_AND_USERS}, when={"0000_all": WHEN + 5})
    rehearsal = rehearsed(server, squash, base)
    assert outcomes(rehearsal) == ALL_PASSED
    assert rehearsal.proof == Proof(base_runs=True, squash_equal=True)
    assert rehearsal.request.new == ()


def test_a_squash_that_builds_something_else_is_not(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_posts": POSTS}, when={"0001_posts": WHEN + 5})
    squash = folder_of({"0000_all": "create table users ();"}, when={"0000_all": WHEN + 5})
    assert rehearsed(server, squash, base).proof == Proof(base_runs=True, squash_equal=False)


def test_a_squash_of_what_cannot_be_built_cannot_be_proven(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_posts": BROKEN}, when={"0001_posts": WHEN + 5})
    squash = folder_of({"0000_all": POSTS_AND_USERS}, when={"0000_all": WHEN + 5})
    unproven = Proof(base_runs=False, stuck=frozenset({"0001_posts"}))
    assert rehearsed(server, squash, base).proof == unproven
    assert rehearsed(server, squash, base, ledger=a_ledger(rows_of(base, 1))).proof == unproven


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_squash_is_proven_against_base_wherever_the_target_stands(server: ScratchServer, rows: int) -> None:
    ahead = folder_of({"0000_users": USERS, "0001_posts": POSTS, "0002_tags": "create table tags ();"})
    base = replace(ahead, migrations=ahead.migrations[:2])
    squash = folder_of({"0000_all": POSTS_AND_USERS}, when={"0000_all": ahead.migrations[1].when})
    rehearsal = rehearsed(server, squash, base, ledger=a_ledger(rows_of(ahead, rows)), others=ahead.migrations)
    assert rehearsal.proof.squash_equal is True


POSTS_AND_USERS = USERS + "--> statement-breakpoint\n" + POSTS


def test_a_folder_that_was_not_restarted_proves_nothing_about_squashes(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS})
    assert rehearsed(server, folder_of({"0000_users": USERS, "0001_posts": POSTS}), base).proof.squash_equal is None


def test_two_replays_of_what_stands_in_for_base_are_to_be_alike(server: ScratchServer) -> None:
    """Both have head's version of it, so that it was edited explains no difference."""
    chance = "do $$ begin execute format('create table t%s ()', (random() * 1e9)::int); end $$;"
    base = folder_of({"0000_users": USERS, "0001_broken": "select * from nobody;"})
    rehearsal = rehearsed(server, folder_of({"0000_users": USERS, "0001_broken": chance}), base)
    assert not rehearsal.proof.base_runs
    assert [each.code for each in judge(REPLAY_RULES, ReplayFacts(rehearsal))] == ["MC404"]
    alike = rehearsed(server, folder_of({"0000_users": USERS, "0001_broken": "create table t ();"}), base)
    assert judge(REPLAY_RULES, ReplayFacts(alike)) == ()
