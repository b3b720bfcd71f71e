"""What became of a transaction, asked of a server that has restarted since."""

import pytest

from migcheck.clearance import Step
from migcheck.deploy.fate import Fate, Progress, fate_of
from migcheck.drizzle.folder import Layout
from migcheck.postgres.ledger import create_ledger
from tests.support.deploys import NAME
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
