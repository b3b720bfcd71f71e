"""docs/design.md "Rehearsals": with a ledger, its position takes the place of base."""

import pytest
from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, LedgerRow
from migcheck.errors import UndecidableError
from migcheck.facts.copy import Copy
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.position import request_of, request_on_copy
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.folders import WHEN
from tests.support.rehearsals import folder_of, folders_of, history_of, outcomes, rehearsed

NAME = LedgerName()
USERS = "create table users (id serial primary key, name text);"
POSTS = "create table posts (id serial primary key, author int references users);"
TAGS = "create table tags (id serial primary key);"
HEAD = folder_of({"0000_users": USERS, "0001_posts": POSTS, "0002_tags": TAGS})


def ledger_of(*migrations: Migration) -> Ledger:
    return Ledger(NAME, tuple(LedgerRow(number, each.hash, each.when) for number, each in enumerate(migrations, 1)))


def first(count: int, folder: Folder = HEAD) -> Folder:
    return replace(folder, migrations=folder.migrations[:count])


def request(ledger: Ledger | None, base: Folder | None = None, *others: Migration, head: Folder = HEAD) -> Request:
    return request_of(history_of(head, base, *others), head, ledger, Batching.ALL, NAME)


def tags(migrations: tuple[Migration, ...]) -> list[str]:
    return [each.tag for each in migrations]


def test_base_is_built_and_the_rest_is_new() -> None:
    found = request(None, first(2))
    assert (tags(found.built), tags(found.new)) == (["0000_users", "0001_posts"], ["0002_tags"])


def test_without_base_and_ledger_everything_is_new() -> None:
    assert tags(request(None).new) == ["0000_users", "0001_posts", "0002_tags"]
    assert tags(request_of(None, HEAD, None, Batching.ALL, NAME).new) == tags(HEAD.migrations)


def test_a_ledger_takes_the_place_of_base() -> None:
    found = request(ledger_of(HEAD.migrations[0]), first(2))
    assert (tags(found.built), tags(found.new)) == (["0000_users"], ["0001_posts", "0002_tags"])


def test_an_empty_ledger_makes_everything_new() -> None:
    found = request(Ledger(NAME), first(2))
    assert (tags(found.built), len(found.new)) == ([], 3)


def test_a_row_is_looked_up_in_head_then_base_then_history() -> None:
    edited = replace(HEAD.migrations[1], sql=b"create table posts ();")
    old = replace(HEAD.migrations[2], sql=b"create table old_tags ();")
    base = replace(HEAD, migrations=(HEAD.migrations[0], edited))
    found = request(ledger_of(HEAD.migrations[0], edited, old), base, old)
    assert [each.sql for each in found.built] == [HEAD.migrations[0].sql, edited.sql, old.sql]
    assert found.gone() == found.built[1:]


def test_new_is_what_drizzle_would_run_next_by_its_own_rule() -> None:
    late = folder_of({"0000_users": USERS, "0001_posts": POSTS, "0002_tags": TAGS}, when={"0002_tags": WHEN + 1})
    found = request(ledger_of(late.migrations[1]), head=late)
    assert tags(found.new) == []
    assert tags(found.skipped()) == ["0002_tags"]


def test_a_row_is_built_at_the_time_the_ledger_has_for_it() -> None:
    rows = [LedgerRow(1, HEAD.migrations[0].hash, WHEN), LedgerRow(2, HEAD.migrations[1].hash, WHEN + 10**9)]
    found = request(Ledger(NAME, tuple(rows)))
    assert [each.when for each in found.built] == [WHEN, WHEN + 10**9]
    assert (found.new, tags(found.skipped())) == ((), ["0002_tags"])


def test_a_row_whose_file_no_revision_has_is_undecided() -> None:
    stranger = replace(HEAD.migrations[1], sql=b"create table unknown ();")
    with pytest.raises(UndecidableError) as undecided:
        request(ledger_of(HEAD.migrations[0], stranger))
    assert undecided.value.problem.startswith("row 2 of drizzle.__drizzle_migrations (hash ")
    assert "fetch-depth: 0" in undecided.value.remedy


def test_a_database_ahead_of_the_folder_needs_no_file_where_nothing_is_due() -> None:
    """The application was rolled back to a clone that never had the newer migrations."""
    newer = LedgerRow(4, "f" * 64, HEAD.migrations[-1].when + 1)
    found = request(Ledger(NAME, (*ledger_of(*HEAD.migrations).rows, newer)))
    assert (tags(found.built), found.new) == (tags(HEAD.migrations), ())


def test_but_what_drizzle_skips_for_it_is_not_taken_for_due() -> None:
    newer = LedgerRow(3, "f" * 64, HEAD.migrations[-1].when + 1)
    with pytest.raises(UndecidableError, match=r"row 3 of .* has its file in no revision that git knows"):
        request(Ledger(NAME, (*ledger_of(*HEAD.migrations[:2]).rows, newer)))


def test_a_migration_recorded_twice_by_racing_deploys_is_built_once() -> None:
    one = HEAD.migrations[0]
    assert tags(request(ledger_of(one, one)).built) == ["0000_users"]


def test_on_a_copy_it_is_no_migration_that_the_folder_has_no_more() -> None:
    twice = ledger_of(HEAD.migrations[0], HEAD.migrations[0])
    found = request_on_copy(history_of(HEAD, None), HEAD, twice, Batching.ALL, Copy("app", 170000, "owner", ""))
    assert (tags(found.built), found.gone()) == (["0000_users"], ())


def test_a_row_written_by_hand_stands_for_all_that_is_older() -> None:
    row = LedgerRow(1, "baseline", HEAD.migrations[1].when)
    found = request(Ledger(NAME, (row,)))
    assert (tags(found.built), tags(found.new)) == (["0000_users", "0001_posts"], ["0002_tags"])


def test_a_ledger_that_begins_with_the_newest_migration_stands_for_all_that_is_older() -> None:
    found = request(ledger_of(HEAD.migrations[1]))
    assert (tags(found.built), tags(found.new)) == (["0000_users", "0001_posts"], ["0002_tags"])


def test_a_file_applied_with_other_line_ends_is_the_file() -> None:
    head = folder_of({"0000_users": "create table users (\n);\n"})
    row = LedgerRow(1, replace(head.migrations[0], sql=b"create table users (\r\n);\r\n").hash, WHEN)
    assert request(Ledger(NAME, (row,)), head=head).built == head.migrations


def test_a_folder_that_drizzle_kit_up_renamed_has_nothing_new() -> None:
    named = [f"2023111422132{number}_x" for number in range(3)]
    up = replace(
        HEAD,
        layout=Layout.FOLDERS,
        migrations=tuple(replace(each, tag=tag) for each, tag in zip(HEAD.migrations, named, strict=True)),
    )
    found = request(None, first(2), head=up)
    assert (tags(found.built), tags(found.new)) == (named[:2], named[2:])


def test_a_baseline_of_the_first_file_with_the_time_of_that_day_is_built_in_the_folder_s_order() -> None:
    row = LedgerRow(1, HEAD.migrations[0].hash, HEAD.migrations[1].when + 1)
    found = request(Ledger(NAME, (row,)))
    assert (tags(found.built), tags(found.new)) == (["0000_users", "0001_posts"], ["0002_tags"])


def test_of_two_migrations_with_one_text_one_is_landed_gone_or_skipped_without_the_other() -> None:
    texts = {"0000_users": USERS, "0001_empty": "truncate users;", "0002_tags": TAGS, "0003_empty": "truncate users;"}
    head = folder_of(texts)
    new = request(None, first(3, head), head=head)
    assert [*new.changed(), *new.landed_late()] == ["0003_empty"]
    behind = request(ledger_of(head.migrations[0]), first(3, head), head=head)
    assert [*behind.changed(), *sorted(behind.landed_late())] == ["0003_empty", "0001_empty", "0002_tags"]
    removed = request(None, head, head=first(3, head))
    assert [*removed.changed(), *tags(removed.gone())] == ["0003_empty"]
    late = folder_of(texts, when={"0003_empty": WHEN + 1})
    assert tags(request(None, first(3, late), head=late).skipped()) == ["0003_empty"]


def test_with_1_0_a_late_one_before_its_twin_is_the_new_one() -> None:
    one, other = "20240101000000_empty", "20240102000000_empty"
    head = folders_of({one: "truncate users;", other: "truncate users;"})
    found = request(None, replace(head, migrations=head.migrations[1:]), head=head)
    assert [tags(found.new), list(found.changed()), list(found.landed_late())] == [[one], [one], []]


def test_a_row_that_was_written_again_is_built_where_it_stood() -> None:
    """Its id is greater than those behind it; Drizzle's of 0.x never writes such a one, that of 1.0 does."""
    users, posts, found = HEAD.migrations
    assert tags(request(ledger_of(posts, found, users)).built) == tags(HEAD.migrations)
    assert tags(request(ledger_of(users, found, posts)).built) == tags(HEAD.migrations)
    one_batch = folder_of({"0000_a": "select 1;", "0001_b": "select 2;"}, when={"0001_b": 1})
    assert tags(request(ledger_of(*one_batch.migrations), head=one_batch).built) == ["0000_a", "0001_b"]
    times = {"0001_b": 1, "0002_c": WHEN + 1}
    merged = folder_of({"0000_a": "select 1;", "0001_b": "select 2;", "0002_c": "select 3;"}, when=times)
    a, b, c = merged.migrations
    assert tags(request(ledger_of(b, c, a), head=merged).built) == tags(merged.migrations)
    head = folders_of({"20240101000000_late": USERS, "20240102000000_other": TAGS})
    late, other = head.migrations
    named = tuple(LedgerRow(number, each.hash, each.when, each.tag) for number, each in enumerate((other, late), 1))
    assert tags(request(Ledger(NAME, named), head=head).built) == [other.tag, late.tag]


def test_what_is_older_than_the_ledger_is_built_in_the_folder_s_order_where_a_text_repeats() -> None:
    head = folder_of({"0000_a": "select 1;", "0001_b": USERS, "0002_c": "select 1;", "0003_d": TAGS})
    moved = LedgerRow(1, head.migrations[0].hash, head.migrations[2].when + 1)
    assert tags(request(Ledger(NAME, (moved,)), head=head).built) == ["0000_a", "0001_b", "0002_c"]
    assert tags(request(ledger_of(head.migrations[2]), head=head).built) == ["0000_a", "0001_b", "0002_c"]


@pytest.mark.server
def test_production_behind_base_is_rehearsed_from_where_it_is(server: ScratchServer) -> None:
    rehearsal = rehearsed(server, HEAD, first(2), ledger=ledger_of(HEAD.migrations[0]))
    assert outcomes(rehearsal) == ("passed", "passed", "passed", "passed")
    assert any(line.startswith("+ table public.posts") for line in rehearsal.catalogue_change)


@pytest.mark.server
def test_what_fails_for_a_row_that_is_lost_is_not_at_fault(server: ScratchServer) -> None:
    head = folder_of({"0000_tags": TAGS, "0001_users": USERS, "0002_posts": POSTS})
    with pytest.raises(UndecidableError) as undecided:
        rehearsed(server, head, head, ledger=ledger_of(head.migrations[0], head.migrations[2]))
    assert undecided.value.problem == (
        "drizzle/0002_posts.sql:1: what the ledger has, without 0001_users, cannot be built: "
        '42P01 relation "users" does not exist'
    )
    assert undecided.value.remedy == (
        "do what MC508 says of 0001_users (`migcheck explain rollback row-missing` where only the row is lost); or "
        "rehearse on a copy of the target: `--start-from target`"
    )


@pytest.mark.server
def test_production_ahead_of_the_folder_is_rehearsed_from_where_it_is(server: ScratchServer) -> None:
    ahead = replace(HEAD.migrations[2], tag="0003_ahead", sql=b"create table ahead ();", when=WHEN + 10**9)
    rehearsal = rehearsed(server, HEAD, ledger=ledger_of(*HEAD.migrations, ahead), others=(ahead,))
    assert outcomes(rehearsal)[:3] == ("passed", "passed", "passed")
    assert rehearsal.request.gone() == rehearsal.request.built[3:]


@pytest.mark.server
def test_fresh_decides_where_the_ledger_is_empty(server_16: ScratchServer) -> None:
    head = folder_of({"0000_e": "create type e as enum ('a');", "0001_v": "alter type e add value 'b';", "0002_u": USE})
    rehearsal = rehearsed(server_16, head, first(2, head), ledger=Ledger(NAME))
    assert outcomes(rehearsal) == ("55P04 0002_u:1", "not run", "55P04 0002_u:1", "not run")


USE = "create table t (e e not null default 'b');"
