"""What a catalogue holds, and what two databases have in common."""

import pytest

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.catalogue import difference, read_catalogue, row_counts
from migcheck.postgres.scratch import ScratchServer

pytestmark = pytest.mark.server


def test_what_a_migration_made_is_told_and_the_ledger_is_not(any_server: ScratchServer) -> None:
    any_server.create_database("told")
    with any_server.connect("told") as session:
        owner = session.info.user
        before = read_catalogue(session, leave_out=LedgerName(), owner=owner)
        session.execute("""
            CREATE SCHEMA drizzle;
            CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint);
            CREATE TABLE users (email text NOT NULL);
            CREATE UNIQUE INDEX users_email_idx ON users (email);
            INSERT INTO users VALUES ('a'), ('b');
        """)
        after = read_catalogue(session, leave_out=LedgerName(), owner=owner)
        assert difference(before, after) == (
            "+ table public.users",
            "+ column public.users.email text not null",
            "+ index public.users_email_idx CREATE UNIQUE INDEX users_email_idx ON public.users USING btree (email)",
        )
        counts = row_counts(session, leave_out=LedgerName())
        assert {key: parts for key, parts in counts.things.items() if key.kind == "rows"} == {
            ("public.users", "rows"): ("2",)
        }
    any_server.drop_database("told")
