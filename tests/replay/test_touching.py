"""Which of the tables that are there pending migrations touch, and with which lock: seen, not read out of SQL."""

import pytest

from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.rehearsal import Rehearsal, Touched
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.rehearse import rehearse
from migcheck.facts.sql.observation import ColumnDropped
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, history_of, outcomes

pytestmark = pytest.mark.server

BASE = {"0000_users": "create table users (id int primary key, name text); create index by_name on users (name);"}
TAGS = "create table tags (id int); insert into tags values (1);"


def observed(server: ScratchServer, base: Folder, batching: Batching = Batching.ALL, **new: str) -> Rehearsal:
    """The rehearsal of `base` and `new` behind it."""
    head = folder_of({**BASE, **{f"{number:04}_{tag}": sql for number, (tag, sql) in enumerate(new.items(), 1)}})
    request = request_of(history_of(head, base), head, None, batching, LedgerName())
    return rehearse(server, request, seconds=60)


@pytest.mark.parametrize(
    ("sql", "lock"),
    [
        ("alter table users add column x int;", "ACCESS EXCLUSIVE"),
        ("create index by_id on users (id);", "SHARE"),
        ("update users set name = 'x';", "ROW EXCLUSIVE"),
        ("create table posts (author int references users);", "SHARE ROW EXCLUSIVE"),
        ("do $$ begin delete from users; end $$;", "ROW EXCLUSIVE"),
        ("create table copy as select * from users;", "ACCESS SHARE"),
        ("reindex index by_name;", "ACCESS EXCLUSIVE"),
        ("drop index by_name;", "ACCESS EXCLUSIVE"),
        ("drop table users;", "ACCESS EXCLUSIVE"),
        ("alter table users rename to people; update people set name = 'x';", "ACCESS EXCLUSIVE"),
    ],
)
def test_the_strongest_lock_is_told(server: ScratchServer, sql: str, lock: str) -> None:
    rehearsal = observed(server, folder_of(BASE), step=f"{TAGS}\n--> statement-breakpoint\n{sql}")
    assert rehearsal.touched == (Touched("0001_step", "public.users", lock),)


@pytest.mark.parametrize("batching", list(Batching))
def test_each_migration_has_its_own(server: ScratchServer, batching: Batching) -> None:
    base = folder_of(BASE)
    rehearsal = observed(server, base, batching, write="delete from users;", tags=TAGS, change="truncate users;")
    assert outcomes(rehearsal) == ("passed",) * 4
    assert rehearsal.touched == (
        Touched("0001_write", "public.users", "ROW EXCLUSIVE"),
        Touched("0003_change", "public.users", "ACCESS EXCLUSIVE"),
    )


def test_what_a_migration_throws_away_breaks_nothing(server: ScratchServer) -> None:
    """Nor does a COMMIT of its own, after which nothing is held."""
    sql = "set transaction isolation level serializable; delete from users;"
    hostile = (
        "discard plans; set search_path = nowhere; commit;\n--> statement-breakpoint\nupdate public.users set id = 1;"
    )
    pieces = "\n--> statement-breakpoint\nselect 1;" * 12
    rehearsal = observed(server, folder_of(BASE), step=f"{sql}{pieces}\n--> statement-breakpoint\n{hostile}")
    assert rehearsal.touched == (Touched("0001_step", "public.users", "ROW EXCLUSIVE"),)


@pytest.mark.parametrize("forgets", ["deallocate all", "do $$ begin execute 'deallocate ' || 'all'; end $$"])
def test_what_it_drops_of_what_is_prepared_is_prepared_again(server: ScratchServer, forgets: str) -> None:
    pieces = ("alter table users add column a int", forgets, "alter table users drop column name")
    rehearsal = observed(server, folder_of(BASE), step="\n--> statement-breakpoint\n".join(pieces))
    assert [(each.at.line, each.change) for each in rehearsal.seen] == [(5, ColumnDropped("name"))]


def test_what_was_touched_before_a_refusal_is_told(server: ScratchServer) -> None:
    rehearsal = observed(server, folder_of(BASE), write="delete from users;", wrong="selec 1;")
    assert rehearsal.touched == (Touched("0001_write", "public.users", "ROW EXCLUSIVE"),)


def test_where_nothing_was_there_before_nothing_is_touched(server: ScratchServer) -> None:
    head = folder_of({**BASE, "0001_write": "delete from users;"})
    request = request_of(history_of(head, None), head, None, Batching.ALL, LedgerName())
    assert rehearse(server, request, seconds=60).touched == ()
