"""What became of a transaction, asked of a server that has restarted since."""

from collections import Counter
from pathlib import Path

import pytest

from migcheck.clearance import Step
from migcheck.deploy.fate import Fate, Progress, ask_transaction, fate_of, learn_fate
from migcheck.drizzle.folder import Layout, Migration
from migcheck.drizzle.pieces import Piece
from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.running.ledger import create_ledger
from tests.support.deploys import NAME, order_for, written
from tests.support.rehearsals import folder_of
from tests.support.target_server import Database

pytestmark = pytest.mark.server


def test_a_number_that_is_not_given_out_yet_was_rolled_back(app: Database) -> None:
    """The server restarted before it had written down anything of the transaction."""
    step = Step("0000_a", "a" * 64, 1)
    ((next_one,),) = app.ask("select txid_snapshot_xmax(txid_current_snapshot())")
    with app.connect() as connection:
        create_ledger(connection, NAME, Layout.JOURNAL)
        progress = Progress(batch=(step,), begun={step: int(str(next_one)) + 1_000_000})
        assert fate_of(connection, NAME, progress) is Fate.ROLLED_BACK
    assert progress.running == (step,)


def test_a_row_that_was_there_before_is_not_the_batch_s(app: Database) -> None:
    """Two steps with one text and one time have rows that are alike."""
    step = Step("0001_again", "a" * 64, 1)
    with app.connect() as connection:
        create_ledger(connection, NAME, Layout.JOURNAL)
        row = f"insert into {NAME} (hash, created_at) values ('{step.hash}', {step.when})".encode()
        connection.execute(row)
        with connection.transaction(force_rollback=True):
            aborted = ask_transaction(connection).fetchone()
        progress = Progress(before=Counter({(step.hash, step.when): 1}), batch=(step,), begun={step: aborted})
        assert (fate_of(connection, NAME, progress), progress.applied) == (Fate.ROLLED_BACK, ())
        connection.execute(row)
        assert (fate_of(connection, NAME, progress), progress.applied) == (Fate.COMMITTED, (step,))


def test_a_session_that_does_not_end_may_commit_only_what_was_sent_a_commit(
    app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends a transaction may stand in a piece, and what changes how the next piece is read as well."""
    monkeypatch.setattr("migcheck.deploy.reconnecting._LEAST_SECONDS", 0.1)
    folder = written(tmp_path, {"0000_a": "select 1;"})
    (migration,) = folder.migrations
    step, order = Step(migration.tag, migration.hash, migration.when), order_for(app, folder, lock_wait=0.1)
    with app.connect() as connection:
        create_ledger(connection, NAME, Layout.JOURNAL)

        def fate(*texts: str, outside: Migration | None = None, commits: bool = False) -> Fate:
            progress = Progress()
            progress.start((step,), outside)
            for text in texts:
                progress.reach(connection, (step,), (SentPiece(migration, Piece(text, 1)),))
            if commits:
                progress.close()
            return learn_fate(NAME, progress, order)

        connection.execute("begin; create table a ()")
        assert fate("select ';commit;'") is Fate.UNSENT
        assert fate("select 1", commits=True) is Fate.UNKNOWN
        assert fate("select 1; END", "select 2") is Fate.UNKNOWN
        assert fate("set standard_conforming_strings = off") is Fate.UNKNOWN
        assert fate("select 1", outside=migration) is Fate.UNKNOWN
        connection.execute("set standard_conforming_strings = off")
        assert fate("select '\\'; commit; --'") is Fate.UNKNOWN


def test_what_was_begun_is_known_where_the_server_does_not_say_what_it_left(app: Database) -> None:
    """The role may not use the schema any more in which an index was being built."""
    app.run("create schema hidden", "create table hidden.t (id int)", "revoke all on schema hidden from current_user")
    sql = {"0000_i": "create index concurrently i on hidden.t (id);"}
    (migration,) = folder_of(sql).migrations
    step = Step(migration.tag, migration.hash, migration.when)
    with app.connect() as connection:
        create_ledger(connection, NAME, Layout.JOURNAL)
        progress = Progress(batch=(step,), begun={step: None}, outside=migration)
        assert fate_of(connection, NAME, progress) is Fate.BEGUN
    assert progress.invalid == ()
