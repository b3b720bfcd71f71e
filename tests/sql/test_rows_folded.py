"""Rows that an UPDATE makes alike where they have to be unique: asked of the target, which has such or not."""

import pytest

from migcheck.facts.sql.misfit import Taken
from migcheck.postgres.scratch.contract import ScratchServer
from tests.replay.test_with_rows import with_rows as tried
from tests.support.asked import Case, Together
from tests.support.target_server import Database

pytestmark = pytest.mark.server

BASE = """
    create table users (
        id integer primary key, email varchar(40) not null constraint users_email unique, name text, org integer,
        age integer, at timestamptz, unique (org, name)
    );
    create unique index living on users (name) where age is null;
    create table heard (id integer primary key, email text unique);
    create function other() returns trigger language plpgsql as $$ begin new.email = new.id; return new; end $$;
    create trigger other before update on heard for each row execute function other();
    insert into heard values (1, 'A'), (2, 'a')
"""
ROWS = ("insert into users values (1, 'A@x', ' One', 1, 9), (2, 'a@x', 'One', 1, 8), (3, 'b', 'ONE', 2, 7)",)
REFUSED = [
    ("update users set email = lower(email)",),
    ('UPDATE "users" SET "email" = LOWER(TRIM("email")), "at" = now() WHERE "email" <> lower("email");',),
    ("update public.users set name = trim(name) where id = 1",),
]
PASSES = [
    ("update users set name = lower(name)",),
    ("update users set email = lower(email) where id > 1",),
    ("update users set name = trim(name) where org = 2",),
    # They are others by then, or it is no longer asked.
    ("update users set email = 'c' where id = 2", "update users set email = lower(email)"),
    ("delete from users where id = 2", "update users set email = lower(email)"),
    ("alter table users drop constraint users_email", "update users set email = lower(email)"),
    ("update heard set email = lower(email)",),
    # What is not folded may meet a row that goes on: nobody is asked, and the rows that were made up tell.
    ("update users set id = id + 5",),
]
SELECT = (
    'select email, count(*) from (select lower(email)::character varying(40) as "email" from public.users) given '
    "where email is not null group by email having count(*) > 1"
)


def test_it_is_an_error_where_the_target_has_such_rows_and_no_finding_else(
    like_target: ScratchServer, app: Database
) -> None:
    together = Together.of([Case(BASE, new, ROWS) for new in (*PASSES, *REFUSED)])
    together.fill(app)
    told = together.row_errors(together.rehearse(like_target), app)
    expected = [*([] for _ in PASSES), *([("MC312", 1)] for _ in REFUSED)]
    assert dict(zip((*PASSES, *REFUSED), told, strict=True)) == dict(zip((*PASSES, *REFUSED), expected, strict=True))


def test_rows_that_were_made_up_tell_with_a_select(server: ScratchServer) -> None:
    (found,) = tried(server, "update users set email = lower(email)", base={"0000_base": BASE}).faults
    assert (found.failure.sqlstate, found.misfit, found.select) == ("23505", Taken("users_email"), SELECT)
