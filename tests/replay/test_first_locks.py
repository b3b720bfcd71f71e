"""Which statement took which lock first, and how long it is held: seen behind each piece of the upgrade."""

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, upgraded

pytestmark = pytest.mark.server

BASE = {
    "0000_base": """
        create table users (id int primary key, name text);
        create index by_name on users (name);
        create table posts (author int references users);
        create domain counted as int;
        create table parts (id int, n counted, domain int, unique (id), constraint few check (n < 9),
            constraint of foreign key (id) references users);
    """
}
FIRST = """update users set name = 'x';
--> statement-breakpoint
do $$ begin alter table users add column nick text; end $$;
--> statement-breakpoint
create table tags (id int);
--> statement-breakpoint
drop index by_name;"""
SECOND = "alter table users add column age int; create index on posts (author);"


@pytest.mark.parametrize("batching", list(Batching))
def test_each_lock_is_told_with_what_took_it(server: ScratchServer, batching: Batching) -> None:
    head = folder_of({**BASE, "0001_first": FIRST, "0002_second": SECOND})
    locked = upgraded(server, head, folder_of(BASE), batching=batching).locked
    told = [(each.migration, each.at.line, each.table, each.lock, each.transaction, each.after) for each in locked]
    # With the row of a ledger between the two, and what follows in the same transaction.
    more = 2 if batching is Batching.ALL else 0
    first = [
        ("0001_first", 1, "public.users", "ROW EXCLUSIVE", 1, 3 + more),
        ("0001_first", 3, "public.users", "ACCESS EXCLUSIVE", 1, 2 + more),
    ]
    posts = ("0002_second", 1, "public.posts", "SHARE", 1 if more else 2, 0)
    users = ("0002_second", 1, "public.users", "ACCESS EXCLUSIVE", 2, 0)
    assert told == [*first, *([] if more else [users]), posts]
    assert locked[1].statement == "do $$ begin alter table users add column nick text; end $$;"


def test_what_was_refused_is_told_as_far_as_it_came(server: ScratchServer) -> None:
    head = folder_of({**BASE, "0001_first": FIRST, "0002_second": "select 1 / 0;"})
    locked = upgraded(server, head, folder_of(BASE)).locked
    assert [(each.at.line, each.lock) for each in locked] == [(1, "ROW EXCLUSIVE"), (3, "ACCESS EXCLUSIVE")]


OUTSIDE = """create index concurrently by_author on posts (author);
create index on posts (author);
alter table users add column nick text;
vacuum full posts;
alter table users rename to people;
alter table posts add foreign key (author) references people;
update people set name = 'x';
alter table people drop column name;
drop table posts;
alter domain counted set default 3;
alter table parts alter id set statistics 9;
alter table parts alter domain set default 1;
alter table parts drop constraint parts_id_key;
alter table parts enable row level security;
alter table parts drop constraint few;
alter table parts drop constraint of;
alter table parts add constraint many check (id > 9) not valid;
alter table parts add constraint again foreign key (id) references people not valid;
alter table parts validate constraint many;
create unique index concurrently by_id on parts (id);
alter table parts add constraint by_id unique using index by_id;"""


def test_outside_of_a_transaction_what_was_done_tells_the_lock(server: ScratchServer) -> None:
    """It is over by the time that somebody looks; each statement is a transaction of its own."""
    found = upgraded(server, folder_of({**BASE, "0001_new": OUTSIDE}), folder_of(BASE), outside=("0001_new",))
    assert found.failure is None, found.failure
    assert [(each.at.line, each.table, each.lock, each.transaction, each.after) for each in found.locked] == [
        (2, "public.posts", "SHARE", 1, 0),
        (3, "public.users", "ACCESS EXCLUSIVE", 2, 0),
        (4, "public.posts", "ACCESS EXCLUSIVE", 3, 0),
        (5, "public.users", "ACCESS EXCLUSIVE", 4, 0),
        (6, "public.posts", "SHARE ROW EXCLUSIVE", 5, 0),
        (8, "public.users", "ACCESS EXCLUSIVE", 6, 0),
        (9, "public.posts", "ACCESS EXCLUSIVE", 7, 0),
        *((line, "public.parts", "ACCESS EXCLUSIVE", line - 4, 0) for line in range(12, 18)),
        (18, "public.parts", "SHARE ROW EXCLUSIVE", 14, 0),
        (21, "public.parts", "ACCESS EXCLUSIVE", 15, 0),
    ]
