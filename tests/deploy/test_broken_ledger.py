"""What nobody foresaw, as a ledger that is none of Drizzle's any more: what was committed is told as committed."""

from dataclasses import replace
from pathlib import Path

import pytest

from migcheck.clearance import plan_of
from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Applied, Failed
from migcheck.deploy.reconnecting import learn
from migcheck.drizzle.ledger import Batching
from migcheck.errors import UndecidableError
from tests.support.deploys import cleared, deploy, order_for, tables, written
from tests.support.target_server import Database

pytestmark = pytest.mark.server

# Its row can still be written, and not be read any more.
BREAKS = "create table a (); alter table drizzle.__drizzle_migrations rename id to number;"
MORE = "create table b ();"
PROBLEM = 'drizzle.__drizzle_migrations is not Drizzle\'s ledger: column "id" does not exist'
REMEDY = "configure the ledger's schema and table as drizzle.config's `migrations` has them"


def test_in_a_transaction_for_each_migration_the_earlier_ones_stay(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_a": BREAKS, "0001_b": MORE})
    outcome = deploy(app, folder, cleared(folder, batching=Batching.EACH))
    assert outcome == Failed(PROBLEM, REMEDY, applied=plan_of(folder.migrations[:1]))
    assert tables(app) == ["a"]


def test_what_is_committed_and_cannot_be_read_back_is_applied(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_a": BREAKS})
    outcome = deploy(app, folder)
    assert isinstance(outcome, Applied), outcome
    assert (outcome.plan, outcome.warnings, outcome.read_back) == (
        plan_of(folder.migrations),
        (f"committed, but it could not be read back: {PROBLEM}",),
        False,
    )


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ("number int", "it has no column created_at or hash or id"),
        ("id uuid, hash text, created_at bigint", "COALESCE types uuid and bigint cannot be matched"),
    ],
)
def test_before_anything_is_run_nothing_is_known(app: Database, tmp_path: Path, columns: str, why: str) -> None:
    app.run("create schema drizzle", f"create table drizzle.__drizzle_migrations ({columns})")
    folder = written(tmp_path, {"0001_b": MORE})
    with pytest.raises(UndecidableError) as caught:
        deploy(app, folder, cleared(folder))
    assert (caught.value.problem, caught.value.remedy) == (
        f"drizzle.__drizzle_migrations is not Drizzle's ledger: {why}",
        REMEDY,
    )


def test_a_fault_of_its_own_takes_back_nothing_that_is_committed(
    app: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it falls over: a deploy and what asks the target what became of it, which would fall over it again."""

    def fall(at: str) -> None:
        if at in {"running 0001_b", ""}:
            raise ZeroDivisionError(at)

    folder = written(tmp_path, {"0000_a": "create table a ();", "0001_b": MORE})
    order = order_for(app, folder, cleared(folder, batching=Batching.EACH))
    monkeypatch.setenv("MIGCHECK_DEBUG", "1")
    outcome = apply(replace(order, tell=fall))
    assert isinstance(outcome, Failed), outcome
    assert outcome.problem.startswith("a fault of migcheck 0.1.0 itself: ZeroDivisionError: running 0001_b")
    assert "MIGCHECK_DEBUG=1" in outcome.remedy
    assert (outcome.applied, tables(app)) == (plan_of(folder.migrations[:1]), ["a"])
    assert learn(order, lambda _: fall("")) is None
    assert capsys.readouterr().err.count("Traceback") == 2
