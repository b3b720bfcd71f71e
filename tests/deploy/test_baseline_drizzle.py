"""What the real `drizzle-kit push` built, with the ledger that the real drizzle-orm then goes by."""

from pathlib import Path

import pytest

from migcheck.drizzle.pieces import decode
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.baselines import baselined, different, recorded
from tests.support.deploys import ledger_rows
from tests.support.drizzle import drizzle_migrate, drizzle_push
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.node]

ROOT = Path(__file__).parents[2]
BY_HAND = ("0003_seed_plans", "0011_touch_updated_at")
"""Of the sample, what no schema.ts says: rows, a function and its triggers."""


@pytest.fixture
def pushed(app: Database, tmp_path: Path) -> Database:
    """What `drizzle-kit push` makes of the sample's schema."""
    drizzle_push(app, tmp_path, ROOT / "migrations" / "schema.ts", "public", "billing")
    return app


def test_a_pushed_database_goes_on_with_migrations(pushed: Database, server: ScratchServer) -> None:
    folder = read_folder(DiskTree(ROOT), "migrations")
    refused = drizzle_migrate(pushed, ROOT / "migrations")
    assert (refused.ok, refused.code) == (False, "42710"), refused

    seen = different(baselined(pushed, folder, server))
    assert [line.partition(" CREATE")[0] for line in seen.lines] == [
        "- trigger billing.subscriptions.touch_updated_at",
        "- trigger public.projects.touch_updated_at",
        "- trigger public.tasks.touch_updated_at",
        "- function public.touch_updated_at()",
        "- rows of billing.plans: 4 rows -> none",
    ]

    pushed.run(*(decode(each.sql) for each in folder.migrations if each.tag in BY_HAND))
    assert recorded(baselined(pushed, folder, server)) == [each.tag for each in folder.migrations]
    rows = ledger_rows(pushed)
    assert drizzle_migrate(pushed, ROOT / "migrations").ok
    assert ledger_rows(pushed) == rows
    assert pushed.ask("select count(*) from billing.plans") == [(4,)]


def test_the_real_migrator_runs_only_the_rest(app: Database, server: ScratchServer) -> None:
    folder = read_folder(DiskTree(ROOT), "migrations")
    app.run(*(decode(each.sql) for each in folder.migrations[:6]))
    assert different(baselined(app, folder, server)).equals == ("0005_blocked_tasks",)
    assert len(recorded(baselined(app, folder, server, 5))) == 6
    assert drizzle_migrate(app, ROOT / "migrations").ok
    assert [row[1:] for row in ledger_rows(app)] == [(each.hash, each.when) for each in folder.migrations]
