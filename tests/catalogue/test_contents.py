"""Rows: what two replays of the same SQL must agree on beside the catalogue."""

from collections.abc import Iterator

import psycopg
import pytest

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.catalogue import Catalogue, difference, row_counts
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer

pytestmark = pytest.mark.server

LEDGER = LedgerName("public", "ledger")


@pytest.fixture
def session(each_major: ScratchServer) -> Iterator[Connection]:
    """The owner's session on an empty database."""
    each_major.create_database("contents")
    with each_major.connect("contents") as session:
        yield session
    each_major.drop_database("contents")


def _told(catalogue: Catalogue) -> list[str]:
    return [line.removeprefix("+ ") for line in difference(Catalogue({}), catalogue)]


def test_rows_are_counted_once_whatever_holds_them(session: Connection) -> None:
    session.execute("""
        CREATE TABLE "Odd ""name" (id integer);
        INSERT INTO "Odd ""name" VALUES (1), (2);
        CREATE TABLE parent (id integer);
        CREATE TABLE child () INHERITS (parent);
        INSERT INTO child VALUES (1);
        CREATE TABLE split (id integer) PARTITION BY LIST (id);
        CREATE TABLE split_1 PARTITION OF split FOR VALUES IN (1);
        INSERT INTO split VALUES (1);
        CREATE MATERIALIZED VIEW filled AS SELECT id FROM parent;
        CREATE MATERIALIZED VIEW unfilled AS SELECT id FROM parent WITH NO DATA;
        CREATE TABLE ledger (id serial);
        INSERT INTO ledger DEFAULT VALUES;
        CREATE TABLE guarded (id integer);
        INSERT INTO guarded VALUES (1);
        ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
        ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
        SELECT lo_create(0);
    """)
    assert _told(row_counts(session, leave_out=LEDGER)) == [
        "large objects 1",
        'rows public."Odd ""name" 2',
        "rows public.child 1",
        "rows public.filled 1",
        "rows public.guarded 1",
        "rows public.parent 0",
        "rows public.split_1 1",
    ]


def test_one_row_more_is_one_line(session: Connection) -> None:
    session.execute("CREATE TABLE t (id integer)")
    before = row_counts(session, leave_out=None)
    session.execute("INSERT INTO t VALUES (1)")
    assert difference(before, row_counts(session, leave_out=None)) == ("~ rows public.t: 0 -> 1",)


def test_hundreds_of_tables_are_counted(session: Connection) -> None:
    session.execute("DO $$ BEGIN FOR n IN 1..450 LOOP EXECUTE format('CREATE TABLE t%s ()', n); END LOOP; END $$")
    assert len(row_counts(session, leave_out=None).things) == 451


def test_what_the_login_may_not_see_whole_is_an_error(session: Connection, each_major: ScratchServer) -> None:
    session.execute("CREATE TABLE guarded (id integer); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY")
    with each_major.connect_admin("contents") as admin, admin.transaction(force_rollback=True):
        admin.execute("CREATE ROLE blind; GRANT SELECT ON public.guarded TO blind; SET ROLE blind")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            row_counts(admin, leave_out=None)
