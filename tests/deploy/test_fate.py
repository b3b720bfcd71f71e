"""What became of a transaction, asked of a server that has restarted since."""

import pytest

from migcheck.clearance import Step
from migcheck.deploy.fate import Fate, Progress, fate_of
from migcheck.drizzle.folder import Layout
from migcheck.postgres.ledger import create_ledger
from tests.support.deploys import NAME
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
